"""An experiment of TensorFlow Playground as its URL describes it: what stands behind the `#`, read as it reads it.

Source: `state.ts` and `playground.ts` of tensorflow/playground (Apache 2.0), commit 02469bd.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.data_table import LARGEST_NOISE
from backprop_tui.core.preset.playground_points import training_size
from backprop_tui.core.preset.schema import LARGEST_INTEGER, Place, described, nearest
from backprop_tui.core.value_class import dataclass

from .hidden_controls import CONTROLS, ENDING

HOME = "https://playground.tensorflow.org/"
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
LONGEST = 20_000
"""Characters of a URL."""
MOST_UNITS, MOST_WEIGHTS = 1000, 100_000
"""Of a layer, where the browser's own control ends at 8; and of all layers, which a preset has one by one."""
WIDEST_NOISE = 50
"""Per cent that noise is set to where more than is possible is asked for."""

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "sigmoid", "linear": "identity"}
PENALTIES = {"none": None, "L1": "l1", "L2": "l2"}
CLASS_SETS = {"circle": "circle", "xor": "xor", "gauss": "gauss", "spiral": "spiral"}
NUMBER_SETS = {"reg-plane": "plane", "reg-gauss": "multigauss"}
PROBLEMS = {"classification": False, "regression": True}
SAMPLES = {False: 500, True: 1200}
"""The points of a classification and of a regression."""
FEATURES = {
    "x": "x1",
    "y": "x2",
    "xTimesY": "x1*x2",
    "xSquared": "x1^2",
    "ySquared": "x2^2",
    "sinX": "sin(x1)",
    "sinY": "sin(x2)",
}
INPUT_ORDER = ("x", "y", "xSquared", "ySquared", "xTimesY", "sinX", "sinY")
"""The order in which a network has them for its inputs."""
NO_INPUTS = ("cosX", "cosY")
"""Those that its URLs have and its networks do not."""
NO_MEANING = ("collectStats", "hideText", "tutorial")
"""What its URLs say of its own page."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is set, in our words where we have some; the fields are in the order of the names in `NAMES`.

    `noise` and `training_share` are per cent; `shape` the units of the hidden layers; `features` the inputs by the
    Playground's names, as `hidden` is the controls that are not shown.
    """

    activation: str = "tanh"
    penalty: str | None = None
    batch_size: int = 10
    class_set: str = "circle"
    number_set: str = "plane"
    learning_rate: float = 0.03
    penalty_rate: float = 0.0
    noise: float = 0.0
    shape: tuple[int, ...] = (4, 2)
    seed: str = "0"
    training_share: float = 50.0
    regression: bool = False
    zero_start: bool = False
    test_points: bool = False
    discrete: bool = False
    features: tuple[str, ...] = ("x", "y")
    hidden: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The kind of its data."""
        return self.number_set if self.regression else self.class_set

    @property
    def samples(self) -> int:
        return SAMPLES[self.regression]


def choice(values: Mapping[str, Any]) -> Callable[[str, Place], Any]:
    """A reader of one of some words."""

    def reader(text: str, place: Place) -> Any:
        if text not in values:
            raise place.error(f"expected one of {', '.join(values)}, found {described(text)}")
        return values[text]

    return reader


def number(wanted: str, test: Callable[[float], bool]) -> Callable[[str, Place], float]:
    """A reader of numbers for which `test` holds."""

    def reader(text: str, place: Place) -> float:
        value = float(text) if NUMBER.fullmatch(text) else None
        if value is None or not abs(value) < float("inf") or not test(value):
            raise place.error(f"expected a number {wanted}, found {described(text)}")
        return value

    return reader


def whole(wanted: str, most: int) -> Callable[[str, Place], int]:
    """A reader of whole numbers from 1 on."""

    def reader(text: str, place: Place) -> int:
        return int(number(wanted, lambda value: value.is_integer() and 1 <= value <= most)(text, place))

    return reader


def layers(text: str, place: Place) -> tuple[int, ...]:
    """Reads the units of the hidden layers."""
    unit = whole(f"of units, whole, from 1 to {MOST_UNITS}", MOST_UNITS)
    return tuple(unit(part.strip(), place) for part in text.split(",")) if text.strip() else ()


def seed(text: str, place: Place) -> str:
    """Reads a seed, which may be any text."""
    return text


NAMES: dict[str, tuple[str, Callable[[str, Place], Any]]] = {
    "activation": ("activation", choice(ACTIVATIONS)),
    "regularization": ("penalty", choice(PENALTIES)),
    "batchSize": ("batch_size", whole("of examples, whole, of 1 or more", LARGEST_INTEGER)),
    "dataset": ("class_set", choice(CLASS_SETS)),
    "regDataset": ("number_set", choice(NUMBER_SETS)),
    "learningRate": ("learning_rate", number("above 0", lambda value: value > 0)),
    "regularizationRate": ("penalty_rate", number("of 0 or more", lambda value: value >= 0)),
    "noise": ("noise", number("of per cent", lambda value: True)),
    "networkShape": ("shape", layers),
    "seed": ("seed", seed),
    "percTrainData": ("training_share", number("of per cent, above 0 and up to 100", lambda value: 0 < value <= 100)),
    "problem": ("regression", choice(PROBLEMS)),
    "initZero": ("zero_start", lambda text, place: text != "false"),
    "showTestData": ("test_points", lambda text, place: text != "false"),
    "discretize": ("discrete", lambda text, place: text != "false"),
}
"""The Playground's names, the fields that they are, and how they are read."""
assert [field for field, _ in NAMES.values()] == [field.name for field in fields(Experiment)][: len(NAMES)]


def read_url(url: str, source: str = "--url") -> tuple[Experiment, tuple[str, ...]]:
    """The experiment of a URL, or of the part of it behind `#`; and what of it is not reproduced, one sentence each.

    Raises PresetError, of `source`, for what is no such URL, and for values that cannot be.
    """
    place = Place(source)
    given = values(url, place)
    found: dict[str, Any] = {}
    for name, (field, reader) in NAMES.items():
        # Of a name without a value the Playground takes its default; but no layers at all is a network.
        if given.get(name, "").strip() or (name == "networkShape" and name in given):
            found[field] = reader(given[name].strip() if name != "seed" else given[name], place / name)
    defaults = Experiment()
    on = [name for name in INPUT_ORDER if is_on(given, name, default=name in defaults.features)]
    if not on:
        raise place.error(f"expected at least one input that is true, of {', '.join(INPUT_ORDER)}; found none")
    hidden = tuple(control for control in CONTROLS if given.get(f"{control}{ENDING}") == "true")
    experiment = replace(defaults, **found, features=tuple(on), hidden=hidden)
    widths = (len(on), *experiment.shape, 1)
    weights = sum(inputs * units for inputs, units in pairwise(widths))
    if weights > MOST_WEIGHTS:
        raise (place / "networkShape").error(f"expected at most {MOST_WEIGHTS:,} weights, found {weights:,}")
    noise = experiment.noise if experiment.noise <= 100 * LARGEST_NOISE else WIDEST_NOISE
    experiment = replace(experiment, noise=max(noise, 0.0))
    notes = [*left_out(given), *changed_noise(found.get("noise"), experiment), *not_reproduced(experiment)]
    return experiment, tuple(notes)


def values(url: str, place: Place) -> dict[str, str]:
    """The values by name; of a name that is there several times the last."""
    text = url.strip()
    if len(text) > LONGEST:
        raise place.error(f"expected at most {LONGEST:,} characters, found {len(text):,}")
    if "#" not in text and re.match(r"https?://", text, re.IGNORECASE):
        return {}
    fragment = text.partition("#")[2] if "#" in text else text
    if fragment and "=" not in fragment:
        raise place.error(f"expected the URL of an experiment, {HOME}#activation=tanh&…, found {described(url)}")
    pairs = [part.partition("=") for part in fragment.split("&") if part]
    return {shown(name).replace("\n", "\\n"): unquote(value) for name, _, value in pairs}


def is_on(given: Mapping[str, str], name: str, *, default: bool = False) -> bool:
    """Whether a switch is on: all words but "false" say so."""
    return given[name] != "false" if given.get(name, "").strip() else default


def left_out(given: Mapping[str, str]) -> list[str]:
    """What there is nothing for, here or there."""
    notes = []
    page = [name for name in given if name in NO_MEANING and is_on(given, name)]
    # There only this word hides.
    page += [name for name, value in given.items() if is_of_nothing(name) and value == "true"]
    if page:
        notes.append(f"{', '.join(page)}: of the Playground's own page, without a meaning here")
    if idle := [name for name in NO_INPUTS if is_on(given, name)]:
        notes.append(f"{', '.join(idle)}: its networks have no such input, there as here")
    known = {*NAMES, *FEATURES, *NO_INPUTS, *NO_MEANING}
    for name in given:
        if name not in known and not name.endswith(ENDING):
            near = nearest(name, known)
            hint = f"; did you mean {near}?" if near else ""
            notes.append(f"{described(name)} is no name of TensorFlow Playground's, and left out{hint}")
    return notes


def is_of_nothing(name: str) -> bool:
    """Whether a name hides what there is nothing of here."""
    return name.endswith(ENDING) and name.removesuffix(ENDING) not in CONTROLS


def changed_noise(asked: float | None, experiment: Experiment) -> list[str]:
    if asked is None or asked == experiment.noise:
        return []
    return [f"noise={asked:g} is taken for {experiment.noise:g}, as there"]


def not_reproduced(experiment: Experiment) -> list[str]:
    """What the Playground does that is not done here."""
    notes = []
    examples = training_size(experiment.samples, experiment.training_share / 100)
    batch = experiment.batch_size
    if examples < batch:
        notes.append(
            f"a batch of {batch:,} is never full of {examples:,} training examples: there nothing is learned, here a "
            "batch is all of them"
        )
    elif examples % batch:
        notes.append(
            f"{examples:,} training examples are no whole number of batches of {batch:,}: there the gradient of the "
            f"last {examples % batch:,} leaks into the next epoch, here they are a batch of their own"
        )
    if experiment.penalty == "l1" and experiment.penalty_rate:
        notes.append("a weight that L1 moves across 0 is 0 for ever there; here it goes on")
    return notes
