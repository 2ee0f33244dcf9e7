"""What was handed in, beside the same step of a session: by op the results that it should have, and what is wrong.

Plain data that a screen reads. Of every entry it says where it stands in the array that was handed in, as Python writes
it, and what it was multiplied by to be as it is here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.chain_rule.spotlight import UNIT_SYMBOLS, Spotlight
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import SUBSCRIPTS, Index, of_layer
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.value_class import dataclass

from .accuracy import alike
from .conventions import EXPLANATIONS
from .handed_preset import handed_preset
from .layout import laid
from .mistake import WholeForm
from .mistake import written as formula_of
from .names import Key
from .python_lines import python_line
from .report import Report, hints, laid_shape, worst
from .step import SYMBOLS, UPDATE, UPDATED, Array
from .verdict import Found, Verdict

State = Literal["right", "wrong", "follows"]
"""`follows`: wrong only since something before it is."""
PARAMETER_OF = {new: symbol for symbol, new in UPDATED.items()}
OF_LOSS = ("penalty_in_loss", "epsilon_in_logarithm", "logarithm_clipped")
"""Conventions that say how the loss was brought to what it is here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that was handed in: `raw`, which stands at `name`; `value`, what that is here: `times` raw mostly."""

    name: str
    raw: float
    times: float
    value: float
    passed: bool


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One quantity that was handed in, under `name`, as the array `raw`.

    `value`: as this program lays it, in the shape of `right`, and `places`: of each entry the place in `raw`, counted
    through; both None where the shapes do not go together. `times`: what it was multiplied by. `note` says what else
    was done to it, or why.
    """

    key: Key
    name: str
    state: State
    raw: Array
    value: Array | None
    places: NDArray[np.intp] | None
    right: Array
    tolerance: float
    times: float = 1.0
    note: str = ""

    def entry(self, index: Index) -> Entry | None:
        """The entry that stands at `index` here; None where the shapes do not go together."""
        if self.value is None or self.places is None:
            return None
        raw, value, right = self.raw.reshape(-1), float(self.value[index]), float(self.right[index])
        place = int(self.places[index])
        passed = value == right or (np.isnan(value) and np.isnan(right)) or abs(value - right) <= self.tolerance
        return Entry(self.name + subscript(place, self.raw.shape), float(raw[place]), self.times, value, bool(passed))

    def worst(self) -> Index | None:
        """The entry that is farthest off; None where no entry can be held against the right one."""
        return None if self.value is None else worst(self.value, self.right)

    def named(self, index: Index) -> str:
        """An entry as the screen names it."""
        return screen_name(self.key, index)

    @property
    def shapes(self) -> str:
        """Both shapes as this program lays them, for arrays that do not go together."""
        return f"{laid_shape(self.raw)} as handed in, where {laid_shape(self.right)} is right"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of an op. `title` stands before it: a mistake, or the line of Python that would be right."""

    title: str
    text: str
    grave: bool = True


@dataclass(slots=True)
class OfOp:
    """What was handed in of one op's results, by the quantity's symbol (`new W` after the update) and layer.

    `absent`: results that this op does without, with the names that they would have.
    """

    results: dict[tuple[str, int | None], Result] = field(default_factory=dict)
    absent: list[Result] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class FirstWrong:
    """The first wrong result: the place of the op that should have made it, and its worst entry.

    `symbol` and `index` are those of what that op writes there; `spotlight` shows it, on every page as far as can be.
    """

    name: str
    place: int
    symbol: str
    layer: int | None
    index: Index
    spotlight: Spotlight


@dataclass(frozen=True, slots=True, eq=False)
class HandedIn:
    """A step that was handed in, beside step 1 of a session of `preset`; `ops` by their places in that step.

    `first` is None where all is right; `mistakes`: the places of the ops in which one was found; `summary`: one line.
    """

    preset: Preset
    ops: Mapping[int, OfOp]
    first: FirstWrong | None
    mistakes: tuple[int, ...]
    summary: str

    def beside(self, session: Session) -> bool:
        """Whether the session is in the very step that was handed in, with nothing changed before it."""
        stretch = session.course.stretches[0]
        return (
            stretch.preset is self.preset
            and session.position.step == 1
            and all(edit.step > 0 for edit in session.edits)
        )

    def of(self, op: Op) -> OfOp:
        return self.ops.get(op.place, OfOp())


def opened(report: Report) -> tuple[Session, HandedIn]:
    """A session of the step that a report is about, and the hand-in beside it; both stand at the first wrong op.

    Where all is right the session is paused before its first op. Raises PresetError for a step that cannot be opened.
    """
    session = Session(*handed_preset(report.verdict.reading, report.source))
    handed_in = handed_in_of(report, session)
    if handed_in.first is not None:
        session.seek(handed_in.first.place + 1)
    return session, handed_in


def handed_in_of(report: Report, session: Session) -> HandedIn:
    """What a report says, by the ops of a session of its step."""
    verdict, plan = report.verdict, session.plan
    ops: dict[int, OfOp] = {}
    for key in verdict.order:
        op, result = op_of(plan, key, verdict), result_of(report, key)
        page = ops.setdefault(op.place, OfOp())
        if plan.find(symbol_of(key), key[1]) is None:
            page.absent.append(result)
        else:
            page.results[written_by(key), key[1]] = result
    mistakes = add_mistakes(ops, plan, verdict)
    add_unexplained(ops, plan, verdict)
    add_lines(ops, plan, verdict)
    add_settings(ops, plan, verdict)
    return HandedIn(session.preset, ops, first_of(report, plan), mistakes, summary(report))


def symbol_of(key: Key) -> str:
    """The symbol of the quantity in a plan; of a new parameter that of its change."""
    if key[0] in PARAMETER_OF:
        return f"Δ{PARAMETER_OF[key[0]]}"
    return SYMBOLS.get(key[0], key[0])


def written_by(key: Key) -> str:
    """The symbol under which an op's results have it: `new W` of a parameter after the update."""
    return f"new {PARAMETER_OF[key[0]]}" if key[0] in PARAMETER_OF else symbol_of(key)


def op_of(plan: Plan, key: Key, verdict: Verdict) -> Op:
    """The op that makes a quantity; that of the output's gradient where output and loss are one op."""
    quantity = plan.find(symbol_of(key), key[1])
    op = None if quantity is None else plan.writer(quantity)
    if op is None:
        assert key == ("dA", verdict.step.L), key
        return next(op for op in plan.ops if op.phase == "backward")
    return op


def result_of(report: Report, key: Key) -> Result:
    """One quantity of the hand-in."""
    verdict = report.verdict
    reading, right = verdict.reading, verdict.right[key]
    name = reading.names[key]
    raw = report.arrays[name]
    counted = laid(key, np.arange(raw.size).reshape(raw.shape), reading.layout, reading.sizes)
    fits = alike(reading.theirs[key], right) is not None
    state: State = "right" if verdict.passed[key] else "wrong" if key in verdict.own else "follows"
    assert verdict.accuracy is not None
    return Result(
        key,
        name,
        state,
        raw,
        reading.theirs[key].reshape(right.shape) if fits else None,
        counted.reshape(right.shape) if fits else None,
        right,
        verdict.accuracy.tolerance(key, right),
        reading.scales.get(key, 1.0),
        note_of(verdict, key),
    )


def note_of(verdict: Verdict, key: Key) -> str:
    """How a quantity was brought to what it is here, where that is by a convention."""
    reading = verdict.reading
    if key in reading.scales:
        return f"{reading.scales[key]:g} = m: {EXPLANATIONS['mean_in_activation_gradients']}"
    own = OF_LOSS if key[0] == "loss" else ("penalty_in_gradient",) if key[0] == "dW" else ()
    return "; ".join(EXPLANATIONS[name] for name in (*own, "rounded") if name in reading.conventions)


def subscript(place: int, shape: tuple[int, ...]) -> str:
    """`[2, 0]`, as Python writes the place of an entry, counted through from 0, in an array; nothing for one number."""
    if not shape:
        return ""
    return f"[{', '.join(str(int(part)) for part in np.unravel_index(place, shape))}]"


def add_mistakes(ops: dict[int, OfOp], plan: Plan, verdict: Verdict) -> tuple[int, ...]:
    """Every mistake on the pages of the ops in which it stands; returns their places."""
    primary = {id(found) for found in verdict.primary}
    places: dict[int, None] = {}
    for found in verdict.mistakes:
        title = "Mistake:" if id(found) in primary else "The same numbers come of:"
        for key, formula in standing(found, verdict):
            place = op_of(plan, key, verdict).place
            text = found.mistake.text + (f" — yours: {formula}" if formula else "")
            ops.setdefault(place, OfOp()).remarks.append(Remark(title, text))
            places[place] = None
    return tuple(places)


def standing(found: Found, verdict: Verdict) -> Iterator[tuple[Key, str]]:
    """The quantities in whose ops a mistake stands, each with what is computed there."""
    if found.suspect is None:
        yield from ((key, found.formula) for key in found.explains[:1])
        return
    varied, form = found.suspect.varied[0], found.suspect.form
    for key in varied.places:
        if key == UPDATE:
            yield from ((("W_new", layer), found.formula) for layer in varied.layers or range(1, verdict.step.L + 1))
        elif isinstance(form, WholeForm):
            yield key, found.formula
        else:
            yield key, formula_of(form.formula, key[1] or 1, verdict.step.L)


def add_unexplained(ops: dict[int, OfOp], plan: Plan, verdict: Verdict) -> None:
    """What no known mistake gives, with what can be said of its numbers."""
    for key in verdict.unexplained:
        said = "; ".join(hint.strip() for hint in hints(verdict, key))
        text = "wrong in itself, and no mistake that is known here gives its numbers" + (f": {said}" if said else "")
        op = op_of(plan, key, verdict)
        ops.setdefault(op.place, OfOp()).remarks.append(Remark(f"{screen_name(key)} is", text))


def add_lines(ops: dict[int, OfOp], plan: Plan, verdict: Verdict) -> None:
    """The lines of Python that would be right where something is wrong in itself, or a mistake stands."""
    stands = [key for found in verdict.primary for key, _ in standing(found, verdict)]
    for key in dict.fromkeys((*stands, *(key for key in verdict.own if not verdict.passed.get(key, True)))):
        line = python_line(verdict.reading, key)
        if line:
            ops.setdefault(op_of(plan, key, verdict).place, OfOp()).remarks.append(Remark("Python:", line, grave=False))


def add_settings(ops: dict[int, OfOp], plan: Plan, verdict: Verdict) -> None:
    """At the updates: a learning rate that nobody handed in, and steps of the optimizer before this one."""
    reading, optimizer = verdict.reading, verdict.reading.preset.optimizer
    remarks = []
    if not reading.rate_told and "learning_rate" not in reading.inferred:
        text = f"was handed in, nor new parameters that tell it: this update takes {optimizer.learning_rate:g}"
        remarks.append(Remark("No learning rate", text, grave=False))
    if reading.start.step > 1:
        remarks.append(Remark("Step", f"{reading.start.step} of the optimizer, as handed in", grave=False))
    for op in plan.ops:
        if op.phase == "update":
            ops.setdefault(op.place, OfOp()).remarks.extend(remarks)


def first_of(report: Report, plan: Plan) -> FirstWrong | None:
    """Where to look first."""
    verdict = report.verdict
    key = next(iter(verdict.wrong), None)
    if key is None:
        return None
    op, index = op_of(plan, key, verdict), result_of(report, key).worst()
    made = plan.find(symbol_of(key), key[1]) or op.result
    within = (0,) * made.array.ndim if index is None else index
    return FirstWrong(screen_name(key, index), op.place, made.symbol, made.layer, within, spotlight_on(key, index))


def spotlight_on(key: Key, index: Index | None) -> Spotlight:
    """The spotlight under which the page of the op shows an entry of a quantity."""
    symbol, layer = PARAMETER_OF.get(key[0], SYMBOLS.get(key[0], key[0])).removeprefix("d"), key[1]
    if layer is None or not index:
        return Spotlight(layer or 1, 0, 0)
    if symbol == "W":
        return Spotlight(layer, index[0], index[1])
    if symbol in UNIT_SYMBOLS:
        return Spotlight(layer, index[0], None, symbol=symbol)
    return Spotlight(layer, index[0], 0, index[1])


def screen_name(key: Key, index: Index | None = None) -> str:
    """`dZ⁽¹⁾₂,₃`, `new W⁽¹⁾₁,₁`, `ℒ`."""
    below = ",".join(str(part + 1) for part in index or ()).translate(SUBSCRIPTS)
    name = of_layer(PARAMETER_OF.get(key[0], SYMBOLS.get(key[0], key[0])), key[1])
    return ("new " if key[0] in PARAMETER_OF else "") + name + below


def summary(report: Report) -> str:
    """What came of the hand-in, in one line."""
    verdict = report.verdict
    count, first = len(verdict.order), next(iter(verdict.wrong), None)
    if first is None:
        return (
            f"right: all {count} results that were handed in" if count > 1 else "right: the result that was handed in"
        )
    others = [key for key in verdict.wrong if key != first]
    again = joined(screen_name(key) for key in others if key in verdict.own)
    follow = joined(screen_name(key) for key in others if key not in verdict.own)
    said = [f"first wrong: {screen_name(first)}"]
    said += [f"wrong too: {again}"] if again else []
    return "; ".join([*said, f"following from what is wrong: {follow}"] if follow else said)


def joined(names: Iterable[str], most: int = 6) -> str:
    """Names in a row, the first few where they are many."""
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
