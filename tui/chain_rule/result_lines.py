"""What an op made, before where it came from: its rule in whole matrices, and of a classification all its errors."""

from math import ceil

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.chain_rule.class_error import ClassError, class_errors, largest_errors
from backprop_tui.core.chain_rule.entry_names import output_name
from backprop_tui.core.chain_rule.matrix_rule import Block, matrix_rule
from backprop_tui.core.chain_rule.textbook_loss import agrees, other_squared_error, textbook_loss
from backprop_tui.core.ops.event import Op
from backprop_tui.core.ops.quantity import Index, Quantity
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.drawing.product import Matrix, product_lines
from backprop_tui.tui.drawing.strips import Part, fit, line, padded, style, text_lines
from backprop_tui.tui.panes.view import View

from .said_numbers import number
from .statement_lines import statement_lines

MATRIX_ROWS = 6
"""Matrices of at most so many rows are shown whole."""
CELL, NAME = 11, 12
"""Cells of a number, and of a class's name at most."""
MOST_DRAWN = 400
"""Entries of a matrix that is tried for a drawing."""
LINES = 5
"""Of errors, at most; of more classes those that err most are shown."""


def matrices(op: Op, subject: Quantity, index: Index, view: View, width: int) -> tuple[list[Strip], list[Quantity]]:
    """The rule of an op in whole matrices, and the quantities that stand in it; none where it has no room.

    The entry that the page is about stands out.
    """
    if max(quantity.array.size for quantity in (*op.reads, *op.writes)) > MOST_DRAWN:
        return [], []
    rule = matrix_rule(op)
    tokens = [
        Matrix(token.name, token.array, token.place_of(subject, index)) if isinstance(token, Block) else token
        for token in rule
    ]
    # Of single numbers the statements say it all.
    numbers_only = all(token.array.size == 1 for token in tokens if isinstance(token, Matrix))
    lines = [] if numbers_only else product_lines(tokens, width, MATRIX_ROWS + 1, view.look)
    drawn = [part for token in rule if isinstance(token, Block) for part in token.parts]
    return lines, [part for part in drawn if part is not None] if lines else []


def is_error(op: Op, session: Session) -> bool:
    """Whether the op compares the answers for several classes with the truth: the loss, or output and loss in one."""
    several = session.dataset.target_kind == "one_hot" and len(session.dataset.targets) > 1
    compares = op.phase == "backward" and [quantity.symbol for quantity in op.reads] == ["A", "Y"]
    return several and (op.phase == "loss" or compares)


def class_lines(session: Session, view: View, width: int) -> list[Strip]:
    """p, y and p − y of every class for the spotlight's example, in as many columns as it takes and there is room for.

    That of the output in the spotlight stands out, and the true one has its mark.
    """
    look, last = view.look, view.last(session)
    example = min(view.spotlight.example, session.plan.examples - 1)
    errors = class_errors(session.plan, last, example)
    names = [class_name(session, one.output, view) for one in errors]
    rooms = [
        min(max(cell_len("class"), *map(cell_len, names)), NAME),
        CELL,
        max(len(number(one.asked, look)) for one in errors),
        CELL,
    ]
    each = sum(rooms) + 5
    across = max(1, min((width + 4) // (each + 4), ceil(len(errors) / LINES)))
    shown = largest_errors(errors, LINES * across)
    rows = ceil(len(shown) / across)
    blocks = [shown[start : start + rows] for start in range(0, len(shown), rows)]
    titles = cells(["class", "p", "y", look.text("p − y")], rooms, look)
    head = "    ".join(f"  {titles}" for _ in blocks)
    lines = [line([(fit(head, width, look), style(look.palette.dim))], width)]
    for row in range(rows):
        parts: list[Part] = []
        for one in (block[row] for block in blocks if row < len(block)):
            parts += [("    ", None)] if parts else []
            parts += class_parts(one, names[one.output], rooms, one.output == view.spotlight.focus(last), view)
        lines.append(line(parts, width))
    if len(shown) < len(errors):
        left = format_count(len(errors) - len(shown))
        lines += text_lines(f"{left} more classes have a smaller error.", width, 1, look)
    return lines


def cells(texts: list[str], rooms: list[int], look: Look) -> str:
    """Texts in columns of so many cells, the first at the left, the others at the right of theirs."""
    return " ".join(
        padded(text, room, look, right=place > 0) for place, (text, room) in enumerate(zip(texts, rooms, strict=True))
    )


def class_parts(one: ClassError, name: str, rooms: list[int], lit: bool, view: View) -> list[Part]:
    """`✓ 8     0.0244549 1  −0.975545`."""
    look, palette = view.look, view.look.palette
    given, asked, error = (number(value, look) for value in (one.given, one.asked, one.error))
    color = palette.positive if one.error > 0 else palette.negative if one.error < 0 else palette.text
    return [
        (f"{look.glyphs.mark if one.asked > 0 else ' '} ", style(palette.positive)),
        (cells([name, given, asked], rooms[:3], look), style(palette.text, bold=lit)),
        (f" {error:>{rooms[3]}}", style(color, bold=lit)),
    ]


def class_name(session: Session, output: int, view: View) -> str:
    """What the data call an output; its number where they have no name for it."""
    return view.look.text(output_name(session.dataset, output) or str(output + 1))


def textbook_lines(session: Session, view: View, width: int) -> list[Strip]:
    """A cross-entropy by its probabilities, as on paper, before the form in which it is computed."""
    look = view.look
    example = min(view.spotlight.example, session.plan.examples - 1)
    shown = textbook_loss(session.plan, view.last(session), session.preset.loss.kind, example)
    if shown is None:
        return []
    lines = statement_lines(shown, look, width)
    if agrees(shown):
        return [
            *lines,
            *text_lines("The same from the logits, as it is computed, since that is stable:", width, 1, look),
        ]
    said = "Here a probability is rounded to 0 or 1, and its logarithm says nothing; from the logits it is right:"
    return [*lines, *text_lines(said, width, 2, look, look.palette.warning)]


def convention_lines(session: Session, view: View, width: int) -> list[Strip]:
    """Which of the two squared errors the loss is, and what the other one would say."""
    found = other_squared_error(session.plan, session.preset.loss.kind)
    if found is None:
        return []
    own, other, value = found
    said = f"This is the {own}; as {other}, it would be {number(value, view.look)}."
    return text_lines(said, width, 3, view.look)
