"""Somebody's own training that cannot be gone through op by op, in words: its losses and its kept steps."""

import re
from collections.abc import Iterable, Iterator

import numpy as np

from backprop_tui.core.chain_rule.statements import summary
from backprop_tui.core.compare.findings_report import diagnose_text
from backprop_tui.core.ops.quantity import Quantity
from backprop_tui.core.preset.schema import PresetError, described, nearest
from backprop_tui.core.recording.kept_step import ModuleFigures
from backprop_tui.core.recording.linear_rule import statements
from backprop_tui.core.recording.reader import Recording
from backprop_tui.core.recording.recorded_modules import Module
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.recording.kept_run import KeptRun

from .said import equation, exact, said, size_text
from .talking import Talking
from .voice import Voice
from .whole_number import whole_number

WORDS = {
    "right": "right [NUMBER]: the next kept step",
    "back": "back [NUMBER]: the kept step before",
    "home": "home: the first kept step",
    "end": "end: the latest kept step, with what has been written since",
    "step": "step NUMBER: the kept step nearest to it",
    "here": "here: the step in view once more",
    "loss": "loss: the losses",
    "gradients": "gradients: the norms of every module",
    "module": "module NUMBER [ROW,COLUMN]: the arrays of one module; of a linear one the chain rule of a weight",
    "diagnose": "diagnose: what is wrong with the training",
    "help": "help: these words",
    "quit": "quit: leave",
}
SAME = {"forward": "right", "next": "right", "left": "back", "w": "module", "weights": "module", "l": "loss",
        "d": "diagnose", "diagnosis": "diagnose", "q": "quit", "exit": "quit", "?": "help"}  # fmt: skip
LATEST = 10
FARTHEST = 10**12
PLACE = re.compile(r"([0-9]{1,6}),([0-9]{1,6})")


class RecordedConversation(Talking):
    """Answers lines about a recording by its kept steps alone."""

    def __init__(self, recording: Recording, voice: Voice) -> None:
        super().__init__(voice)
        self.run = KeptRun(recording)

    def greeting(self) -> Iterator[str]:
        recording = self.run.recording
        yield f"{recording.title}: somebody's own training, of which {len(recording.steps):,} steps were kept."
        yield from self.here()
        yield "Type right and back for other kept steps, help for all words, quit to leave."

    def answered(self, words: str) -> Iterable[str]:
        first, _, text = words.partition(" ")
        name = SAME.get(first.lower(), first.lower())
        match name:
            case "right" | "back":
                return self.moved(text, 1 if name == "right" else -1)
            case "home" | "end" | "step":
                return self.gone(name, text)
            case "here":
                return self.here()
            case "loss":
                return self.losses()
            case "gradients":
                return self.gradients()
            case "module":
                return self.module(text)
            case "diagnose":
                from backprop_tui.core.recording.recorded_diagnosis import DEFINITIONS, diagnose_recording

                report = diagnose_recording(self.run.recording)
                return (" ".join(row.split()).replace(" · ", ", ") for row in
                        diagnose_text(report, None, DEFINITIONS).splitlines() if row.strip())  # fmt: skip
            case "help":
                return iter(WORDS.values())
        near = nearest(name, [*WORDS, *SAME])
        hint = f'; did you mean "{near}"?' if near else ";"
        raise PresetError(f"There is no word {described(name)}{hint} help lists all words.")

    def moved(self, text: str, way: int) -> Iterator[str]:
        """So many kept steps on or back."""
        number = whole_number(text, 1, FARTHEST) if text else 1
        if number is None:
            raise PresetError(f"Expected a number of kept steps, found {text!r}.")
        step = self.run.beside(way * number)
        if step is not None:
            self.run.go_to(step)
        yield from self.here()

    def gone(self, name: str, text: str) -> Iterator[str]:
        """To the first, the latest, or the kept step nearest to one."""
        steps = self.run.recording.steps
        if name == "end":
            self.run.refresh(following=True)
            self.run.go_to_latest()
        elif steps and name == "home":
            self.run.go_to(steps[0])
        elif name == "step":
            if (wanted := whole_number(text, 0, FARTHEST)) is None:
                raise PresetError(f"Expected a step, such as step 100, found {text!r}.")
            if steps:
                self.run.go_to(min(steps, key=lambda step: abs(step - wanted)))
        yield from self.here()

    def here(self) -> Iterator[str]:
        """The kept step in view: its loss, and its gradients."""
        step = self.run.step
        if step is None:
            yield "No step has been kept yet."
            return
        loss = self.run.recording.loss(step.step)
        yield (
            f"Step {step.step:,}, kept step {self.run.place} of {len(self.run.recording.steps)}: loss "
            f"{'not known' if loss is None else exact(loss)}."
        )
        yield from self.gradients()
        yield from (f"Note: {note}." for note in step.notes)

    def gradients(self) -> Iterator[str]:
        """Of every module the norms, the last called first."""
        pairs = list(zip(self.run.modules, self.run.figures(), strict=True))
        for place, (module, figures) in reversed(list(enumerate(pairs, 1))):
            told = figures_text(figures) if module.parameters else "no parameters"
            yield f"module {place}, {module.name} {module.kind}: {told}"

    def losses(self) -> Iterator[str]:
        """What the losses come to, and the latest of them."""
        losses = self.run.recording.losses
        if not losses.count:
            yield "No loss has been recorded yet."
            return
        yield f"{format_count(losses.count)} losses."
        for highest, word in ((False, "lowest"), (True, "highest")):
            steps, lows, highs = losses.series()
            values = highs if highest else lows
            known = np.where(np.isfinite(values), values, -np.inf if highest else np.inf)
            place = int(known.argmax() if highest else known.argmin())
            yield f"The {word}: {exact(float(values[place]))}, by step {int(steps[place]):,}."
        for step in range(max(1, losses.count - LATEST + 1), losses.count + 1):
            if (loss := self.run.recording.loss(step)) is not None:
                yield f"step {step:,}: loss {exact(loss)}"

    def module(self, text: str) -> Iterator[str]:
        """The arrays of a module; of a linear one the chain rule of one of its weights, with the recorded numbers."""
        modules = self.run.modules
        number, _, entry = text.partition(" ")
        chosen = whole_number(number, 1, len(modules))
        if chosen is None:
            raise PresetError(f"Expected a module from 1 to {len(modules)}, such as module 1 2,3, found {text!r}.")
        module, step = modules[chosen - 1], self.run.step
        yield f"{module.name}, {module.kind}."
        if step is None:
            yield "No step has been kept yet."
            return
        for own, name in module.parameters.items():
            yield from self.array(f"θ/{name}", own)
            yield from self.array(f"g/{name}", f"gradient of {own}")
        yield from self.linear(module, entry)

    def array(self, name: str, said_name: str) -> Iterator[str]:
        """Extent and norm of a kept array."""
        found = None if self.run.step is None else self.run.step.array(name)
        if found is None:
            return
        told = summary(Quantity(said_name, None, found, (), ""))
        size = size_text(found.shape) or "one number"
        yield f"{said_name}, {size}: from {said(told.low)} to {said(told.high)}, norm {said(told.norm)}"

    def linear(self, module: Module, entry: str) -> Iterator[str]:
        """dW and db at an entry of the weight, the first unless told, and how far all of dW is apart."""
        linear = self.run.linear_of(module)
        if linear is None:
            yield "It is no linear module whose input and gradient were kept: its chain rule cannot be told."
            return
        found, distance = linear
        rows, columns = found.dZ.shape[1], found.A.shape[1]
        place = PLACE.fullmatch(entry or "1,1")
        if place is None or not (1 <= int(place[1]) <= rows and 1 <= int(place[2]) <= columns):
            raise PresetError(f"Expected a row to {rows} and a column to {columns}, such as 1,1, found {entry!r}.")
        yield "Rule: dW = dZᵀ A; db = Σ dZ over rows; dA = dZ W."
        for shown in statements(found, int(place[1]) - 1, int(place[2]) - 1, 0):
            yield equation(shown.name, shown.expression, shown.value)
            if shown.recorded is not None:
                times = f" times {found.factor:.6g}, by clipping or scaling," if found.factor != 1 else ""
                yield f"recorded{times} {shown.name} = {said(shown.recorded)}"
        if distance is not None:
            yield f"All of dZᵀ A is {said(distance)} of its norm from the gradient that was recorded."


def figures_text(figures: ModuleFigures) -> str:
    """`gradient norm 0.1, weights 2.3, update over weights 0.001`; what was not kept is said to be so."""
    parts = (
        ("gradient norm", figures.gradient),
        ("parameters' norm", figures.weights),
        ("update over parameters", figures.ratio),
    )
    return ", ".join(f"{name} {'not kept' if value is None else said(value)}" for name, value in parts)
