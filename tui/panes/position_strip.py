"""The position: one line over the whole step, every op of it by phase and layer, with the cursor in it.

The form with most detail that fits is taken: every op with its symbol, by layer; the same closely; the symbols alone;
a tick a layer; a bar a phase. What is done is in its phase's colour, what is to come dim, and between them stands the
cursor.
"""

from collections.abc import Callable, Sequence
from itertools import groupby, pairwise

from textual.strip import Strip

from backprop_tui.core.ops.event import PHASES, Op, Phase
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.bars import phase_color
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part, line, style

from .view import View


@dataclass(frozen=True, slots=True)
class Mark:
    """Some cells of the strip that stand for the ops `first` … `last` (places in the step).

    A mark that is `op` gives way to the cursor when one of them is in view; a `gap` makes room for it before one.
    """

    text: str
    phase: Phase | None
    first: int
    last: int
    kind: str = "label"


Form = Callable[[Phase, list[Op], Look], list[Mark]]


def position_strip(session: Session, view: View, width: int) -> Strip:
    """The step in hand in one line of at most `width` cells."""
    look, palette = view.look, view.look.palette
    place = session.events - 1
    parts: list[Part] = []
    marks = marks_that_fit(session.plan.ops, width, look)
    for number, mark in enumerate(marks):
        text, color, bold = mark.text, palette.dim, False
        here = mark.first <= place <= mark.last
        follows = marks[number - 1] if number else None
        if mark.phase is not None and mark.last <= place:
            color = phase_color(mark.phase, palette)
        if here and mark.kind in ("op", "gap"):
            text, color, bold = look.glyphs.cursor, palette.accent, True
            text += mark.text[1:]
        elif here and mark.kind == "symbol" and follows is not None and follows.kind == "gap":
            color, bold = palette.accent, True
        parts.append((text, style(color, bold=bold)))
    return line(parts, width)


def op_at(session: Session, look: Look, width: int, x: int) -> int | None:
    """The place in the step of what stands in column `x`: of an op, or of the finish; None beside the strip."""
    for mark in marks_that_fit(session.plan.ops, width, look):
        if 0 <= x < len(mark.text):
            return mark.first
        x -= len(mark.text)
    return None


def count_at(session: Session, look: Look, width: int, x: int) -> int | None:
    """The count of events at which the run stands behind what column `x` shows of the step in hand."""
    place = op_at(session, look, width, x)
    return None if place is None else session.timeline.split(session.count)[0] + place + 1


def marks_that_fit(ops: Sequence[Op], width: int, look: Look) -> list[Mark]:
    """The marks of the form with most detail that fits into `width` cells; none where no form does."""
    for form in (spaced, close, symbols, ticks):
        marks = strip_of(ops, form, look)
        if sum(len(mark.text) for mark in marks) <= width:
            return marks
    return bars(ops, width, look)


def phases_of(ops: Sequence[Op]) -> list[tuple[Phase, list[Op]]]:
    """The ops of each phase, without the phases that have none."""
    found: list[tuple[Phase, list[Op]]] = [(phase, [op for op in ops if op.phase == phase]) for phase in PHASES]
    return [(phase, of_phase) for phase, of_phase in found if of_phase]


def strip_of(ops: Sequence[Op], form: Form, look: Look) -> list[Mark]:
    """All phases in one form, parted by lines, and the finish at the end."""
    marks: list[Mark] = []
    for phase, of_phase in phases_of(ops):
        first, last = of_phase[0].place, of_phase[-1].place
        if marks:
            marks.append(Mark(f" {look.glyphs.vertical} " if form is spaced else look.glyphs.vertical, None, first, 0))
        marks.append(Mark(phase, phase, first, last))
        marks += form(phase, of_phase, look)
    return [*marks, *finish_marks(ops, look, spacious=form is spaced)]


def finish_marks(ops: Sequence[Op], look: Look, *, spacious: bool) -> list[Mark]:
    """The step's finish: all parameters change at once."""
    place = len(ops) + 1
    if spacious:
        return [
            Mark(f" {look.glyphs.vertical}", None, place, 0),
            Mark(" ", None, place, place, "gap"),
            Mark(look.glyphs.mark, "update", place, place, "symbol"),
        ]
    return [Mark(look.glyphs.vertical, None, place, 0), Mark(look.glyphs.mark, "update", place, place, "op")]


def by_layer(ops: list[Op]) -> list[list[Op]]:
    """The ops of a phase in runs of one layer."""
    return [list(run) for _, run in groupby(ops, key=lambda op: op.layer)]


def symbol(op: Op, look: Look) -> str:
    """One character for what an op is about: Z for `Z` and `dZ`, W for `dW db` and `ΔW`."""
    bare = op.result.symbol.lstrip("dΔ") or op.result.symbol
    return look.text(bare)[:1]


def spaced(phase: Phase, ops: list[Op], look: Look) -> list[Mark]:
    """` 1 Z A  2 Z A`: before each op a gap for the cursor; where a layer has one op, its number stands for it."""
    marks: list[Mark] = []
    runs = by_layer(ops)
    numbers_alone = all(len(run) == 1 and run[0].layer is not None for run in runs)
    for run in runs:
        if not numbers_alone and run[0].layer is not None:
            marks.append(Mark(f"  {run[0].layer}", phase, run[0].place, run[-1].place))
        for op in run:
            text = str(op.layer) if numbers_alone else symbol(op, look)
            marks.append(Mark(" ", phase, op.place, op.place, "gap"))
            marks.append(Mark(text, phase, op.place, op.place, "symbol"))
    return marks


def close(phase: Phase, ops: list[Op], look: Look) -> list[Mark]:
    """` 1ZA 2ZA`: the cursor takes an op's own cell."""
    marks: list[Mark] = []
    runs = by_layer(ops)
    numbers_alone = all(len(run) == 1 and run[0].layer is not None for run in runs)
    for run in runs:
        if numbers_alone:
            place = run[0].place
            marks += [Mark(" ", phase, place, 0), Mark(str(run[0].layer), phase, place, place, "op")]
            continue
        name = "" if run[0].layer is None else str(run[0].layer)
        marks.append(Mark(f" {name}", phase, run[0].place, run[-1].place))
        marks += [Mark(symbol(op, look), phase, op.place, op.place, "op") for op in run]
    return marks


def symbols(phase: Phase, ops: list[Op], look: Look) -> list[Mark]:
    """` ZAZA`: a cell an op; of an update the numbers of the layers."""
    marks = [Mark(" ", phase, ops[0].place, 0)]
    texts = layer_cells([op.layer for op in ops], look) if phase == "update" else [symbol(op, look) for op in ops]
    for op, text in zip(ops, texts, strict=True):
        marks.append(Mark(text, phase, op.place, op.place, "op"))
    return marks


def layer_cells(layers: Sequence[int | None], look: Look) -> list[str]:
    """A cell a layer, its number; of more than nine the first number and the last, dots between: `1·······10`."""
    if all(layer is None or layer < 10 for layer in layers):
        return [look.glyphs.horizontal if layer is None else str(layer) for layer in layers]
    first, last = str(layers[0]), str(layers[-1])
    return list(first + look.glyphs.blank * (len(layers) - len(first) - len(last)) + last)


def ticks(phase: Phase, ops: list[Op], look: Look) -> list[Mark]:
    """` 123`: a cell a layer; the cursor stands in that of the layer of its op."""
    marks = [Mark(" ", phase, ops[0].place, 0)]
    runs = by_layer(ops)
    for run, text in zip(runs, layer_cells([run[0].layer for run in runs], look), strict=True):
        marks.append(Mark(text, phase, run[0].place, run[-1].place, "op"))
    return marks


def bars(ops: Sequence[Op], width: int, look: Look) -> list[Mark]:
    """Each phase as a bar, as long as its share of the ops, with its name or first letter at its left."""
    phases = phases_of(ops)
    room = width - len(phases) - 1
    if room < 2 * len(phases):
        return []
    names = [phase if sum(len(name) + 1 for name, _ in phases) <= room else phase[:1] for phase, _ in phases]
    spare = room - sum(len(name) + 1 for name in names)
    marks: list[Mark] = []
    for (phase, of_phase), name in zip(phases, names, strict=True):
        first, count = of_phase[0].place, len(of_phase)
        cells = min(1 + spare * count // len(ops), count)
        if marks:
            marks.append(Mark(look.glyphs.vertical, None, first, 0))
        marks.append(Mark(name, phase, first, first + count - 1))
        bounds = [first + cell * count // cells for cell in range(cells + 1)]
        marks += [Mark(look.glyphs.horizontal, phase, begin, end - 1, "op") for begin, end in pairwise(bounds)]
    return [*marks, *finish_marks(ops, look, spacious=False)]
