"""What the answers for the whole data are worth: accuracy beside one answer for all, confusion, or R² and errors."""

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.core.training.measures import (
    ClassMeasures,
    LabelMeasures,
    NumberMeasures,
    Part,
)
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import Part as Piece
from backprop_tui.tui.drawing.strips import fit, line, padded, style, text_lines
from backprop_tui.tui.drawing.table import GAP, Table, table_lines
from backprop_tui.tui.drawing.titles import told_apart

from .example_lines import side_by_side
from .measuring import Found

NONE = "–"
"""A share of nothing."""
SHARE, SHORT_SHARE = 6, 3
"""Cells of a share, as `0.9519`, and in a narrow pane, as `.95`."""
NARROW = 32
"""The width below which shares are short, and names are cut in sentences too."""
PRECISION = "precision"
LEAST_NAME, MOST_NAME = 5, 14
LEAST_TITLE, GOOD_TITLE, MOST_TITLE = 3, 5, 12
"""Cells over a column of the matrix: its class, cut where it is long."""
LEAST_BESIDE = 38
"""Cells that a list of labels or errors needs beside another."""
MOST_ROWS = 10_000
"""Lines of a table that is scrolled."""
OWN_UNITS = "RMSE and MAE are in the data's own units."
CONFUSED = 14
"""Cells from which it has room what a class is most often taken for."""


def measure_lines(found: Found, session: Session, width: int, look: Look) -> list[Strip]:
    """Both parts, beside each other where there is room, as many lines as it takes."""
    known = [part for part, of in found.parts.items() if of is not None]
    half = (width - GAP) // 2
    blocks = [part_lines(part, found, half, look) for part in known]
    wide = [part_lines(part, found, width, look) for part in known]
    if len(known) == 2 and all(is_whole(found, part, half) for part in known):
        lines = side_by_side(blocks[0], blocks[1], half + GAP)
    else:
        lines = [strip for place, block in enumerate(wide) for strip in ([Strip([])] if place else []) + block]
    if session.dataset.target_std is None:
        return lines
    return [*lines, Strip([]), *text_lines(OWN_UNITS, width, 4, look)]


def is_whole(found: Found, part: Part, width: int) -> bool:
    """Whether a part has its matrix, or all columns of its list, in so many cells."""
    of = found.parts[part]
    if of is not None and isinstance(of.measures, ClassMeasures) and width >= NARROW:
        return matrix_width(of.measures, width) is not None
    return width >= LEAST_BESIDE


def part_lines(part: Part, found: Found, width: int, look: Look) -> list[Strip]:
    """One part: what it comes to, and below that its table."""
    of = found.parts[part]
    assert of is not None
    name = f"{part}, {len(of.losses):,} example{'' if len(of.losses) == 1 else 's'}"
    lines = [
        line([(fit(name, width, look), style(look.palette.train if part == "training" else look.palette.test))], width)
    ]
    match of.measures:
        case None:
            return lines + text_lines("An answer is no finite number.", width, 2, look, look.palette.warning)
        case NumberMeasures() as numbers:
            return lines + number_lines(numbers, width, look)
        case LabelMeasures() as labels:
            return lines + accuracy_lines(labels, width, look) + list_lines(labels, width, look)
        case ClassMeasures() as classes:
            shown = (
                matrix_lines(classes, width, look) if matrix_width(classes, width) else list_lines(classes, width, look)
            )
            return lines + accuracy_lines(classes, width, look) + shown
    raise AssertionError(of.measures)


def accuracy_lines(found: ClassMeasures | LabelMeasures, width: int, look: Look) -> list[Strip]:
    """The accuracy, beside that of one answer for every example."""
    palette = look.palette
    always = "the same answers always"
    if isinstance(found, ClassMeasures):
        name = found.names[int(found.counts.argmax())]
        room = width - len(f'{form(found.most_frequent)} by always ""') if width < NARROW else width
        always = f'always "{fit(name, max(room, 1), look)}"'
    color = palette.warning if found.no_better else palette.text
    lines = text_lines(f"accuracy {form(found.accuracy)}", width, 1, look, color)
    verdict = ": the network is no better" if found.no_better else ""
    text = f"{form(found.most_frequent)} by {always}{verdict}"
    joined = f"accuracy {form(found.accuracy)}, {text}"
    if cell_len(look.text(joined)) <= width:
        return text_lines(joined, width, 1, look, color)
    return lines + text_lines(text, width, 3, look, color if found.no_better else palette.dim)


def share_width(width: int) -> int:
    return SHARE if width >= NARROW else SHORT_SHARE


def matrix_width(found: ClassMeasures, width: int) -> tuple[int, int] | None:
    """Cells of a name and of a column of the confusion matrix; None where it has no room."""
    if found.confusion is None:
        return None
    longest = max(cell_len(name) for name in found.names)
    counts = max(len(f"{int(found.confusion.max()):,}"), LEAST_TITLE)
    whole = max(len(PRECISION), min(longest, MOST_NAME))
    for least_name, least_title in ((whole, GOOD_TITLE), (len(PRECISION), GOOD_TITLE), (LEAST_NAME, LEAST_TITLE)):
        for title in range(min(longest, MOST_TITLE), min(longest, least_title) - 1, -1):
            column = max(title, counts) + 1
            room = width - share_width(width) - 1 - len(found.names) * column
            if room >= least_name:
                return min(room, max(least_name, min(longest, MOST_NAME))), column
    return None


def matrix_lines(found: ClassMeasures, width: int, look: Look) -> list[Strip]:
    """The confusion matrix with recall behind its rows and precision below its columns."""
    room = matrix_width(found, width)
    assert room is not None
    assert found.confusion is not None
    name, column = room
    cells_of_share = share_width(width)
    palette = look.palette
    dim = style(palette.dim)
    titles = "".join(padded(title, column, look, right=True) for title in told_apart(found.names, column - 1, look))
    head = " " * name + titles + padded("recall", cells_of_share + 1, look, right=True)
    about = fit("row: truth, column: answer", width, look)
    lines = [line([(text, dim)], width) for text in (about, head)]
    rows = zip(told_apart(found.names, name, look), found.confusion.tolist(), found.recall, strict=True)
    for place, (of, row, recall) in enumerate(rows):
        cells: list[Piece] = [(padded(of, name, look), style(palette.text))]
        for answer, count in enumerate(row):
            right = answer == place
            color = palette.dim if not count else palette.positive if right else palette.negative
            cells.append((f"{count:>{column},}", style(color, bold=right)))
        lines.append(line([*cells, (f"{share(recall, look, cells_of_share):>{cells_of_share + 1}}", dim)], width))
    below = "".join(f"{share(one, look, column - 1):>{column}}" for one in found.precision)
    lines.append(line([(padded(PRECISION, name, look) + below, dim)], width))
    return lines


def list_lines(found: ClassMeasures | LabelMeasures, width: int, look: Look) -> list[Strip]:
    """A line a class: how many examples, recall, precision, and where there is room what it is most often taken for."""
    if isinstance(found, ClassMeasures):
        counts, title = found.counts, "class"
    else:
        counts, title = found.confusion[:, 1].sum(axis=1), "label"
    cells_of_share = share_width(width)
    counted = max(len(f"{count:,}") for count in counts.tolist()) + 1
    numbers = counted + 2 * (cells_of_share + 1)
    name = max(LEAST_NAME, min(MOST_NAME, width - numbers, max(cell_len(look.text(one)) for one in found.names)))
    rest = width - name - numbers - 2
    wide = isinstance(found, ClassMeasures) and found.confusion is not None and rest >= CONFUSED
    titles = (f" {padded(of, cells_of_share, look, right=True)}" for of in ("recall", "prec."))
    head = padded(title, name, look) + f"{'n':>{counted}}" + "".join(titles)
    dim = style(look.palette.dim)
    lines = [line([(head + ("  most often taken for" if wide else ""), dim)], width)]
    for place, (of, count, recall, precision) in enumerate(
        zip(told_apart(found.names, name, look), counts.tolist(), found.recall, found.precision, strict=True)
    ):
        both = (f"{share(one, look, cells_of_share):>{cells_of_share + 1}}" for one in (recall, precision))
        text = f"{count:>{counted},}" + "".join(both)
        cells: list[Piece] = [(padded(of, name, look), style(look.palette.text)), (text, dim)]
        if wide and isinstance(found, ClassMeasures):
            cells.append(("  " + fit(taken_for(found, place), rest, look), style(look.palette.negative)))
        lines.append(line(cells, width))
    return lines


def taken_for(found: ClassMeasures, place: int) -> str:
    """`virginica (12)`: the wrong answer that the examples of a class get most; empty where all are right."""
    assert found.confusion is not None
    row = found.confusion[place].copy()
    row[place] = 0
    wrong = int(row.argmax())
    return f"{found.names[wrong]} ({int(row[wrong]):,})" if row[wrong] else ""


def number_lines(found: NumberMeasures, width: int, look: Look) -> list[Strip]:
    """R², RMSE and MAE of every output."""
    rows = list(zip(found.r2, found.rmse, found.mae, strict=True))
    return table_lines(Table(["", "R²", "RMSE", "MAE"], found.names, rows, "outputs"), width, MOST_ROWS, look)


def form(value: float) -> str:
    return f"{value:.4g}"


def share(value: float | None, look: Look, width: int = SHARE) -> str:
    """A share in at most `width` cells, three at least; 1 and 0 are exact; a dash for a share of nothing."""
    if value is None:
        return look.text(NONE)
    if value in (0, 1):
        return f"{value:g}"
    digits = min(width, SHARE) - 2 if width > 3 else 2
    text = f"{value:.{digits}f}"
    # What is not all is never shown as all.
    text = text if text[0] == "0" else "0." + "9" * digits
    return text if width > 3 else text[1:]
