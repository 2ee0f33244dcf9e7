"""The lesson of a preset: Markdown whose numbers the run itself fills in, so that it claims nothing it does not show.

A placeholder is `{what@step}`: `{loss@1}` the loss of step 1, `{accuracy@200}` the accuracy after 200 steps,
`{W1[1,1]@3}` a parameter after step 3, `{dZ2[1,1]@1}` any other number of step 1, `{norm(dW1)@1}` a norm. `{…@5:3}` has
three significant digits; `{loss@200 of ReLU + He}` is of the variant with that name.

A mark is `{claim loss@200 of ReLU + He < 0.5 * loss@200}`, behind the sentence that says so. Readers are not shown it;
the tests measure it.
"""

import re
from collections.abc import Callable, Iterator
from math import isfinite
from time import perf_counter

import numpy as np

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.ops.norm import norm
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import Place, suggestion
from backprop_tui.core.preset.settings import with_variant
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.history import measure_layer
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

PLACEHOLDER = re.compile(
    r"\{(?P<what>[^{}@]+)@(?P<step>[0-9]{1,9})(?::(?P<digits>[0-9]{1,2}))?(?: of (?P<variant>[^{}]+))?\}"
)
CLAIM = re.compile(r"[ \t]*\{claim (?P<claim>[^{}]*)\}")
ENTRY = re.compile(r"(?P<array>[^\[\]()]+)(?:\[(?P<index>[0-9,]+)\])?")
DIGITS = 6


@dataclass(frozen=True, slots=True)
class Placeholder:
    """One placeholder of a lesson; `variant` "" is the preset itself."""

    written: str
    what: str
    step: int
    digits: int
    variant: str


def without_claims(lesson: str) -> str:
    """A lesson as it is to be read."""
    return CLAIM.sub("", lesson)


def placeholders(lesson: str) -> list[Placeholder]:
    """Those of a lesson that are to be read, in reading order."""
    return [
        Placeholder(
            found[0], found["what"].strip(), int(found["step"]), int(found["digits"] or DIGITS), found["variant"] or ""
        )
        for found in PLACEHOLDER.finditer(without_claims(lesson))
    ]


def evaluated(part: str, name: str) -> Callable[[Session], float]:
    """A number of the evaluation of a part of the data; NaN where there is none."""

    def of(session: Session) -> float:
        found = getattr(session.evaluate(), part)
        value = None if found is None else getattr(found, name)
        return np.nan if value is None else float(value)

    return of


def gradient_ratio(session: Session) -> float:
    """‖dW⁽¹⁾‖ / ‖dW⁽ᴸ⁾‖ of the step that is finished."""
    layers, events = session.trainer.layers, len(session.plan.events)
    first, last = (measure_layer(session.plan, layer, events).gradient for layer in (layers[0], layers[-1]))
    return first / last if first is not None and last else np.nan


OF_A_STEP: dict[str, Callable[[Session], float]] = {
    "loss": lambda session: session.plan.loss(),
    "gradient_norm": lambda session: session.gradient_norm(),
    "gradient_ratio": gradient_ratio,
}
AFTER_STEPS: dict[str, Callable[[Session], float]] = {
    "train_loss": evaluated("training", "loss"),
    "test_loss": evaluated("test", "loss"),
    "accuracy": evaluated("training", "accuracy"),
    "test_accuracy": evaluated("test", "accuracy"),
}
FUNCTIONS: dict[str, Callable[[Quantity], float]] = {
    "norm": lambda quantity: norm(quantity.array),
    "zeros": lambda quantity: float(np.count_nonzero(quantity.array == 0)),
    "largest": lambda quantity: float(np.abs(quantity.array).max()),
}


def number_of(session: Session, wanted: Placeholder, place: Place) -> float:
    """What a placeholder stands for, in a session that has finished its step. Raises PresetError for what is none."""
    return meant(session, wanted, place)(session)


def meant(session: Session, wanted: Placeholder, place: Place) -> Callable[[Session], float]:
    """What gives the number of a placeholder once its step is finished. Raises PresetError for what is none."""
    if wanted.what in AFTER_STEPS:
        return AFTER_STEPS[wanted.what]
    if wanted.step and wanted.what in OF_A_STEP:
        return OF_A_STEP[wanted.what]
    name, brackets, inner = wanted.what.partition("(")
    array = inner[:-1] if brackets and wanted.what.endswith(")") and name in FUNCTIONS else wanted.what
    found = ENTRY.fullmatch(array)
    named = quantities_of(session)
    quantity = named.get(found["array"]) if found else None
    if found is None or quantity is None or (quantity.place >= 0 and not wanted.step):
        known = [*OF_A_STEP, *AFTER_STEPS, *named]
        raise place.error(f"there is no number called {wanted.written}{suggestion(wanted.what, known)}")
    symbol = found["array"]
    if array != wanted.what:
        # By its name in the plan of that step, which may be another than that of the session now.
        return lambda session: FUNCTIONS[name](quantities_of(session)[symbol])
    index = tuple(int(i) - 1 for i in found["index"].split(",")) if found["index"] else ()
    shape = quantity.array.shape
    if len(index) != len(shape) or not all(0 <= i < size for i, size in zip(index, shape, strict=True)):
        raise place.error(f"{wanted.written}: {symbol} has the shape {shape}")
    return lambda session: quantities_of(session)[symbol].value(index)


def quantities_of(session: Session) -> dict[str, Quantity]:
    """Every quantity of the step in hand by its name as it is typed."""
    return {quantity.typed(): quantity for quantity in session.plan.quantities.values()}


def written(value: float, digits: int) -> str:
    """A number of a lesson, with a true minus sign."""
    if not isfinite(value):
        return "no finite number"
    return signed(f"{value:.{digits}g}")


class Lesson:
    """A lesson that is being filled in. `values` are the numbers that are there, by placeholder as written."""

    def __init__(self, preset: Preset, dataset: Dataset, seed: int | None = None) -> None:
        self.preset, self.dataset, self.seed = preset, dataset, seed
        self.place = Place(preset.source) / "lesson"
        self.values: dict[str, str] = {}
        self.work = self.fill()
        self.done = False

    def advance(self, seconds: float) -> bool:
        """Go on filling in for about so long; whether all is filled in. Raises PresetError for a wrong placeholder."""
        deadline = perf_counter() + seconds
        self.done = next(self.work, None) is None
        while not self.done and perf_counter() < deadline:
            self.done = next(self.work, None) is None
        return self.done

    def text(self) -> str:
        """The lesson, `…` where a number is still to come."""
        lesson = without_claims(self.preset.lesson)
        return PLACEHOLDER.sub(lambda found: self.values.get(found[0], "…"), lesson)

    def fill(self) -> Iterator[bool]:
        """Run every variant that is named as far as it is asked for, in small pieces."""
        wanted = placeholders(self.preset.lesson)
        for variant in dict.fromkeys(one.variant for one in wanted):
            session = self.session(variant)
            for one in sorted((one for one in wanted if one.variant == variant), key=lambda one: one.step):
                count = session.timeline.finish_of(one.step)
                session.depart(count)
                while not session.approach(count, 0.005):
                    yield True
                self.values[one.written] = written(number_of(session, one, self.place), one.digits)
                yield True

    def session(self, variant: str) -> Session:
        """A run of the preset, or of the variant of that name."""
        if not variant:
            return Session(self.preset, self.dataset, self.seed)
        chosen = next((one for one in self.preset.variants if one.name == variant), None)
        if chosen is None:
            names = [one.name for one in self.preset.variants]
            raise self.place.error(f'there is no variant called "{variant}"{suggestion(variant, names)}')
        table = with_variant(self.preset.table, chosen)
        return Session(*load_preset(table, self.preset.source, self.preset.base, self.preset.id), self.seed)


def filled(preset: Preset, dataset: Dataset) -> str:
    """The whole lesson with its numbers. Raises PresetError for a wrong placeholder."""
    lesson = Lesson(preset, dataset)
    while not lesson.advance(1.0):
        pass
    return lesson.text()
