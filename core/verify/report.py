"""The report: what was understood, what is right, what is wrong first, and which mistake gives those numbers."""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.network.optimizers import OPTIMIZERS
from backprop_tui.core.preset.control_characters import escaped
from backprop_tui.core.preset.json_number import number as json_number
from backprop_tui.core.value_class import dataclass

from .accuracy import alike
from .conventions import EXPLANATIONS
from .layout import OF_EXAMPLES, OF_WEIGHTS, laid
from .mistake import Form
from .names import Key, written
from .python_lines import python_line
from .reading import Reading
from .step import SYMBOLS, Array
from .submission import Submission, joined
from .verdict import Found, Verdict

DIGITS = 9
NEARER = ("Z", "A", "dA", "dZ", "dN", "N")
"""Quantities between others, which show more narrowly where something is wrong."""


@dataclass(frozen=True, slots=True)
class FirstWrong:
    """The first quantity that is wrong; `op` is the op that computes it."""

    quantity: str
    layer: int | None
    op: str


@dataclass(frozen=True, slots=True)
class MistakeFound:
    """A mistake that gives the numbers. `explains`: the wrong quantities that come out with it."""

    id: str
    layer: int | None
    text: str
    explains: list[str]
    relative_error: float
    formula: str = ""


@dataclass(frozen=True, slots=True)
class QuantityFound:
    """One quantity that was handed in. `follows`: it is wrong only since something before it is."""

    name: str
    passed: bool
    relative_error: float
    follows: bool = False


@dataclass(eq=False, repr=False)
class Report(str):
    """What `verify` found; it is true where everything passed, and its text is the whole of it.

    It is a text itself, since pytest shows the whole of nothing else: `assert report, report`. `arrays` are those that
    were handed in, under the names that they have there.
    """

    passed: bool
    first_wrong: FirstWrong | None
    mistakes: list[MistakeFound]
    quantities: list[QuantityFound]
    layout: dict[str, str]
    conventions: list[str]
    inferred: dict[str, Any]
    verdict: Verdict
    source: str
    arrays: Mapping[str, NDArray[Any]] = field(repr=False)
    text: str = ""

    def __new__(cls, *_: Any, text: str = "", **__: Any) -> "Report":
        return super().__new__(cls, text)

    def __bool__(self) -> bool:
        return self.passed

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of the report, as plain data."""
        first = self.first_wrong
        return {
            "passed": self.passed,
            "layout": self.layout,
            "conventions": self.conventions,
            "inferred": self.inferred,
            "quantities": [
                {
                    "name": quantity.name,
                    "passed": quantity.passed,
                    "relative_error": json_number(quantity.relative_error),
                    "follows": quantity.follows,
                }
                for quantity in self.quantities
            ],
            "first_wrong": None
            if first is None
            else {"quantity": first.quantity, "layer": first.layer, "op": first.op},
            "mistakes": [
                {
                    "id": mistake.id,
                    "layer": mistake.layer,
                    "text": mistake.text,
                    "explains": mistake.explains,
                    "relative_error": json_number(mistake.relative_error),
                }
                for mistake in self.mistakes
            ],
        }


def report_of(found: Submission, verdict: Verdict) -> Report:
    """The report of a verdict; raises PresetError where nothing was handed in that could be checked."""
    reading = verdict.reading
    if not verdict.order:
        left = f"; not understood: {joined(reading.ignored)}" if reading.ignored else ""
        raise found.error(f"expected something that the step computed, dW1 say; found only what it starts from{left}")
    first = first_wrong(verdict)
    report = Report(
        passed=verdict.all_passed,
        first_wrong=None if first is None else FirstWrong(written(first), first[1], op_name(verdict, first)),
        mistakes=[told(mistake) for mistake in verdict.mistakes],
        quantities=[
            QuantityFound(
                written(key),
                verdict.passed[key],
                verdict.errors[key],
                not verdict.passed[key] and key not in verdict.own,
            )
            for key in verdict.order
        ],
        layout={"examples": reading.layout.examples, "weights": reading.layout.weights},
        conventions=list(reading.conventions),
        inferred=dict(reading.inferred),
        verdict=verdict,
        source=found.source,
        arrays=found.arrays,
    )
    return replace(report, text="\n".join(lines(report, found)))


def first_wrong(verdict: Verdict) -> Key | None:
    return next((key for key in verdict.order if not verdict.passed[key]), None)


def told(found: Found) -> MistakeFound:
    everywhere = found.suspect is not None and found.layer is None and isinstance(found.suspect.form, Form)
    text = found.mistake.text + (f" (layer {found.layer})" if found.layer else " (every layer)" if everywhere else "")
    return MistakeFound(
        found.mistake.id,
        found.layer,
        f"{text}: {found.formula}" if found.formula else text,
        [written(key) for key in found.explains],
        found.relative_error,
        found.formula,
    )


def op_name(verdict: Verdict, key: Key) -> str:
    op = verdict.step.op_of(key)
    if op is not None:
        return op.name
    return f"Δ{SYMBOLS.get(key[0].removesuffix('_new'), key[0].removesuffix('_new'))}" if "_new" in key[0] else key[0]


def rule(verdict: Verdict, key: Key) -> str:
    """The formula of a quantity, as the program teaches it."""
    op = verdict.step.op_of(key)
    if op is not None:
        parts = [part.strip() for part in op.rule.split("   ")]
        symbol = SYMBOLS.get(key[0], key[0])
        return next((part for part in parts if part.startswith(symbol)), parts[0])
    optimizer = verdict.reading.preset.optimizer
    name = written((key[0].removesuffix("_new"), key[1]))
    return (
        "   ".join(OPTIMIZERS[optimizer.kind](optimizer).rule(f"d{name}", name))
        + f"   {written(key)} = {name} + Δ{name}"
    )


def lines(report: Report, found: Submission) -> list[str]:
    """The text of the report."""
    result = [*understood(report, found), "", *checked(report)]
    if report.passed:
        count = len(report.quantities)
        right = f"all {count} quantities that were checked" if count > 1 else "the one quantity that was checked"
        left = unchecked(report)
        return [*result, "", f"Right: {right}" + (f"; not checked: {joined(left)}." if left else ".")]
    return [*result, "", *about_first(report), *about_mistakes(report)]


def understood(report: Report, found: Submission) -> list[str]:
    reading, verdict = report.verdict.reading, report.verdict
    preset, sizes = reading.preset, reading.sizes
    shape = "-".join(str(units) for units in sizes.units)
    activations = " ".join(layer.activation for layer in preset.layers)
    examples = f"{sizes.examples} examples" if sizes.examples > 1 else "1 example"
    kinds = {"units_inputs": "(units, inputs)", "inputs_units": "(inputs, units)"}
    layout = f"examples are {reading.layout.examples}, weights {kinds[reading.layout.weights]}"
    result = [
        f"{found.source}",
        f"  network     {shape}, {activations}; loss {preset.loss.kind}; {examples}",
        f"  layout      {layout}",
    ]
    if any("_new" in key[0] for key in verdict.order):
        optimizer = preset.optimizer
        result.append(f"  optimizer   {optimizer.kind}, learning rate {optimizer.learning_rate:.6g}")
    if report.inferred:
        told_of = {name: f"{name} = {inferred_text(value)}" for name, value in report.inferred.items()}
        found_out = [text for name, text in told_of.items() if name not in reading.supposed]
        result += [f"  found out   {', '.join(found_out)}"] if found_out else []
        result += [f"  supposed    {told_of[name]}: others fit the numbers as well" for name in reading.supposed]
    result += [f"  convention  {EXPLANATIONS.get(name, name)}" for name in report.conventions]
    renamed = {reading.names[key]: written(key) for key in reading.names if reading.names[key] != written(key)}
    if renamed:
        result.append(f"  names       {', '.join(f'{escaped(name)} is {ours}' for name, ours in renamed.items())}")
    left = unchecked(report)
    if left:
        result.append(f"  not checked {joined(left)}")
    return result


def unchecked(report: Report) -> list[str]:
    """The names, as they were handed in, of arrays that the step does not have."""
    reading, passed = report.verdict.reading, report.verdict.passed
    return [*reading.ignored, *(reading.names[key] for key in reading.theirs if key not in passed)]


def inferred_text(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(str(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def checked(report: Report) -> list[str]:
    """A line for each quantity."""
    verdict = report.verdict
    width = max((len(quantity.name) for quantity in report.quantities), default=0)
    result = []
    for quantity, key in zip(report.quantities, verdict.order, strict=True):
        if quantity.passed:
            result.append(f"  ✓ {quantity.name}")
            continue
        state = "follows from what is wrong before it" if quantity.follows else "wrong"
        result.append(f"  ✗ {quantity.name:{width}}  {state}   {difference(verdict, key)}")
    return result


def difference(verdict: Verdict, key: Key) -> str:
    """Where it is farthest off, in the array as it was handed in: yours, right, and their ratio."""
    reading = verdict.reading
    theirs, right = reading.theirs[key], verdict.right[key] / reading.scales.get(key, 1.0)
    theirs = theirs / reading.scales.get(key, 1.0)
    pair = alike(theirs, right)
    if pair is None:
        return f"shape {own_shape(reading, key, theirs)}, right {own_shape(reading, key, right)}"
    theirs, right = pair
    place = worst(theirs, right)
    mine, truth = float(theirs[place]), float(right[place])
    ratio = f"   ratio {mine / truth:.6g}" if truth and np.isfinite(mine) else ""
    return f"{own_name(reading, key, place)}: yours {mine:.{DIGITS}g}, right {truth:.{DIGITS}g}{ratio}"


def own_name(reading: Reading, key: Key, place: tuple[int, ...]) -> str:
    """An entry under the name and at the place that it was handed in with, counted from 0 as Python does."""
    raw = reading.raw.get(key)
    name = escaped(reading.names.get(key, written(key)))
    if raw is None or not place:
        return name
    places = laid(key, np.arange(raw.size).reshape(raw.shape), reading.layout, reading.sizes)
    flat = places[place] if places.ndim == len(place) else places.reshape(-1)[place]
    index = np.unravel_index(int(flat), raw.shape)
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if index else name


def own_shape(reading: Reading, key: Key, array: Array) -> str:
    """The shape of an array as this program lays it, in somebody's own layout."""
    turned = reading.layout.inputs_first if key[0] in OF_WEIGHTS else reading.layout.rows and key[0] in OF_EXAMPLES
    return laid_shape(array.T if turned else array)


def laid_shape(array: Array) -> str:
    return " × ".join(str(length) for length in array.shape) or "one number"


def worst(theirs: Array, right: Array) -> tuple[int, ...]:
    with np.errstate(all="ignore"):
        off = np.abs(theirs - right)
    off = np.where(np.isnan(off), np.inf, off)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(off)), off.shape)) if off.ndim else ()


def about_first(report: Report) -> list[str]:
    verdict, first = report.verdict, report.first_wrong
    assert first is not None
    key = next(key for key in verdict.order if written(key) == first.quantity)
    result = [f"First wrong: {first.quantity}", f"  {difference(verdict, key)}", f"  right:  {rule(verdict, key)}"]
    line = python_line(verdict.reading, key)
    if line:
        result.append(f"  Python: {line}")
    return result


def about_mistakes(report: Report) -> list[str]:
    verdict = report.verdict
    result: list[str] = []
    primary = {id(found) for found in verdict.primary}
    for found, mistake in zip(verdict.mistakes, report.mistakes, strict=True):
        same = id(found) not in primary
        everywhere = isinstance(getattr(found.suspect, "form", None), Form) and verdict.step.L > 1
        where = f", layer {mistake.layer}" if mistake.layer else ", in every layer" if everywhere else ""
        title = "The same numbers come of" if same else "Mistake"
        result += ["", f"{title}: {found.mistake.text}{where}  ({mistake.id})"]
        if found.formula:
            result.append(f"  yours:  {found.formula}")
        if found.suspect is not None and not same:
            key = found.suspect.place
            if key[0] != "update" and key in verdict.step.quantities:
                result.append(f"  right:  {rule(verdict, key)}")
                line = python_line(verdict.reading, key)
                if line:
                    result.append(f"  Python: {line}")
        result.append(f"  explains {', '.join(mistake.explains)}, to rounding")
    for key in verdict.unexplained:
        result += [
            "",
            f"{written(key)} is wrong in itself, and no mistake that is known here gives its numbers.",
            *hints(verdict, key),
            *wishes(verdict, key),
        ]
    return result


def wishes(verdict: Verdict, key: Key) -> list[str]:
    """What would have to be handed in, or told, to see nearer."""
    steps = [other for other in verdict.step.order() if other[0] in NEARER]
    place = verdict.step.order().index(key)
    before = [other for other in verdict.order if verdict.step.order().index(other) < place]
    last = verdict.step.order().index(before[-1]) if before else -1
    hidden = [other for other in steps if last < verdict.step.order().index(other) < place]
    result = [f"  hand in {', '.join(written(other) for other in hidden)} too, to see nearer"] if hidden else []
    if not verdict.reading.rate_told and "learning_rate" not in verdict.reading.inferred:
        result.append("  the learning rate is not told: what depends on the update could not be tried")
    return result


def hints(verdict: Verdict, key: Key) -> list[str]:
    """What can be said of numbers that no known mistake gives."""
    theirs, right = verdict.reading.theirs[key], verdict.follows[key]
    pair = alike(theirs, right)
    if pair is None:
        turned = alike(theirs.T, right)
        return [
            f"  its shape is {own_shape(verdict.reading, key, theirs)}, where "
            f"{own_shape(verdict.reading, key, right)} is right" + (": it is transposed" if turned else "")
        ]
    theirs, right = pair
    before = verdict.reading.start.parameters.get((key[0].removesuffix("_new"), key[1]))
    if key[0].endswith("_new") and before is not None and before.shape == theirs.shape:
        # What is compared is the change.
        theirs, right = theirs - before, right - before
    change = "s change" if key[0].endswith("_new") else ""
    result = []
    with np.errstate(all="ignore"):
        ratio = theirs / right
    known = ratio[np.isfinite(ratio)]
    if known.size > 1 and np.allclose(known, known[0], rtol=1e-6) and np.allclose(theirs, known[0] * right):
        result.append(f"  it{change} is {known[0]:.6g} times what is right, in all entries")
    elif np.allclose(np.abs(theirs), np.abs(right)):
        result.append("  only signs differ")
    if theirs.ndim == 2 and theirs.shape[0] == theirs.shape[1] and np.allclose(theirs.T, right):
        result.append("  it is transposed")
    off = np.abs(theirs - right) > 1e-6 * np.abs(right).max(initial=1e-300)
    if theirs.ndim == 2 and off.any() and not off.all():
        rows, columns = np.flatnonzero(off.any(axis=1)), np.flatnonzero(off.any(axis=0))
        axis = "example" if key[0] in ("Z", "A", "dZ", "dA", "N", "dN", "Z_hat") else "input"
        if len(rows) < off.shape[0]:
            result.append(f"  only unit(s) {numbers(rows)} are off")
        if len(columns) < off.shape[1]:
            result.append(f"  only {axis}(s) {numbers(columns)} are off")
    elif theirs.ndim == 1 and off.any() and not off.all():
        result.append(f"  only unit(s) {numbers(np.flatnonzero(off))} are off")
    return result


def numbers(places: NDArray[np.intp]) -> str:
    shown = [str(int(place) + 1) for place in places[:8]]
    return ", ".join(shown) + (", …" if len(places) > 8 else "")
