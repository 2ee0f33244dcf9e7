"""The examples by their loss, the most wrong first, and the chosen one of them in full."""

import numpy as np
from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import classes_of, examples_of
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.palette import FloatArray
from backprop_tui.tui.drawing.strips import Part as Piece
from backprop_tui.tui.drawing.strips import fit, line, style
from backprop_tui.tui.drawing.table import GAP

from .example_lines import Example, answer_text, example_picture, side_by_side
from .measuring import MOST_RANKED, Chosen, Found
from .view import View

LIST, DETAIL = 40, 62
"""Cells that the list may have where the chosen example stands beside it, and what that takes where it can."""
BESIDE, BELOW = 70, 16
"""Width and height from which the chosen example has room beside the list, or below it."""
HEADED = 4
"""The height from which the list has a heading and, where it is longer, an end."""
PART, LOSS, LEAST_TEXT, HEADING_TEXT, USUAL_TEXT = 6, 8, 8, 15, 20
"""Cells of the part's name, of a loss, and of target and answer at least, under their whole titles, and usually."""


def place_of_chosen(found: Found, view: View) -> int:
    """The place in the list of the example that is chosen; the first where that is not in it."""
    ranked = found.most_wrong
    return ranked.index(view.wrong) if view.wrong in ranked else 0


def chosen_wrong(found: Found, view: View) -> Chosen | None:
    """The example that is chosen, as its part and its number from 0; None where there is none."""
    ranked = found.most_wrong
    return ranked[place_of_chosen(found, view)] if ranked else None


def wrong_lines(found: Found, session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The list, and the chosen example where there is room."""
    if width >= BESIDE:
        beside = min(list_width(found, session, view), max(LIST, width - DETAIL)) + GAP
        left = list_lines(found, session, view, beside - GAP, height)
        return side_by_side(left, chosen_lines(found, session, view, width - beside, height), beside)
    if height >= BELOW:
        upper = list_lines(found, session, view, width, height // 2)
        return [*upper, Strip([]), *chosen_lines(found, session, view, width, height - len(upper) - 1)]
    return list_lines(found, session, view, width, height)


def list_width(found: Found, session: Session, view: View) -> int:
    """Cells in which every row of the list stands whole; of numbers as many as are usual."""
    data = session.dataset
    text = USUAL_TEXT
    if data.target_kind == "one_hot" or (data.target_kind != "real" and len(data.targets) == 1):
        text = 2 * max(cell_len(view.look.text(name)) for name in classes_of(data)) + 3
    return 1 + number_width(found) + 2 + PART + LOSS + 2 + max(text, HEADING_TEXT)


def number_width(found: Found) -> int:
    return max((len(f"{number + 1:,}") for _, number in found.most_wrong), default=1)


def list_lines(found: Found, session: Session, view: View, width: int, height: int) -> list[Strip]:
    """A heading, one line an example, and how many more there are: number, part, loss, target, and the answer."""
    ranked = found.most_wrong
    chosen = place_of_chosen(found, view)
    head = [heading_line(found, session, view, width)] if height >= HEADED and ranked else []
    rows = height - len(head)
    rows -= len(ranked) > rows and height >= HEADED
    first = max(0, min(chosen - rows // 2, len(ranked) - rows))
    shown = ranked[first : first + rows]
    answers = answers_of(shown, found, session)
    digits = number_width(found)
    lines = [
        row_line(one, place == chosen, answer, digits, found, session, view, width)
        for place, (one, answer) in enumerate(zip(shown, answers, strict=True), first)
    ]
    foot = [more_line(found, first + rows, view, width)] if head and len(shown) < len(ranked) else []
    return [*head, *lines, *foot]


def heading_line(found: Found, session: Session, view: View, width: int) -> Strip:
    """`   no. part   loss  target → answer`, or `→ ŷ`, over the columns; an ellipsis for that which has no room."""
    look = view.look
    answers = [f" {look.glyphs.right} {name}" for name in ("answer", "ŷ")] if found.step == session.step else [""]
    title = f"  {'no.':>{number_width(found)}} {'part':<{PART}}{'loss':>{LOSS}}"
    room = width - cell_len(title) - 2
    words = next((text for text in answers if cell_len(f"target{text}") <= room), answers[-1])
    title += f"  {fit(f'target{words}', room, look)}" if room >= LEAST_TEXT else f" {look.glyphs.ellipsis}"
    return line([(fit(title, width, look), style(look.palette.dim))], width)


def more_line(found: Found, last: int, view: View, width: int) -> Strip:
    """Below the first `last` examples: how many more the list has; at its end, where it has not all of them."""
    listed, look = len(found.most_wrong), view.look
    text = f"{look.glyphs.ellipsis} {listed - last:,} more: ↑ ↓" if last < listed else "end of the list"
    if last == listed < found.examples:
        text += f": of each part {MOST_RANKED:,}"
    return line([(fit(text, width, look), style(look.palette.accent))], width)


def answers_of(shown: list[Chosen], found: Found, session: Session) -> list[FloatArray | None]:
    """The answer (outputs,) to each; none where the losses are those of other parameters."""
    if found.step != session.step or not shown:
        return [None] * len(shown)
    inputs = np.stack([examples_of(session.dataset, part)[0][:, number] for part, number in shown], axis=1)
    return list(session.evaluator.answer(inputs).T)


def row_line(
    one: Chosen,
    chosen: bool,
    answer: FloatArray | None,
    digits: int,
    found: Found,
    session: Session,
    view: View,
    width: int,
) -> Strip:
    """`▸  17 test  2.3103  setosa → virginica`; what has no room is left out at the end."""
    look, palette, data = view.look, view.look.palette, session.dataset
    part, number = one
    target = examples_of(data, part)[1][:, number]
    loss = format_number(found.loss(part, number), LOSS, 4, look.glyphs)
    color = palette.train if part == "training" else palette.test
    head = f" {number + 1:>{digits},} "
    room = width - (1 + len(head) + PART + LOSS) - 2
    texts = [answer_text(of, data, (room - 3) // 2, look) for of in (target, answer) if of is not None]
    text = f" {look.glyphs.right} ".join(texts)
    pieces: list[Piece] = [
        (look.glyphs.cursor if chosen else " ", style(palette.accent, bold=True)),
        (head, style(palette.text, bold=chosen)),
        (f"{'train' if part == 'training' else 'test':<5} ", style(color)),
        (f"{loss:>{LOSS}}", style(palette.text, bold=chosen)),
        ("  " + fit(text, room, look) if room >= LEAST_TEXT else "", style(palette.text if chosen else palette.dim)),
    ]
    return line(pieces, width)


def chosen_lines(found: Found, session: Session, view: View, width: int, height: int) -> list[Strip]:
    """The chosen example in full."""
    look, one = view.look, chosen_wrong(found, view)
    if one is None:
        return []
    part, number = one
    inputs, targets = examples_of(session.dataset, part)
    answer = answers_of([one], found, session)[0]
    where = "enter: spotlight" if part == "training" else "no step trains on it"
    head = line([(fit(f"{part} example {number + 1:,}   {where}", width, look), style(look.palette.dim))], width)
    example = Example(inputs[:, number], answer, targets[:, number])
    return [head, *example_picture(example, session.dataset, width, height - 1, look)]
