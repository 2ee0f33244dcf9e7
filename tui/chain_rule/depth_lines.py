"""The product of slopes against depth, a row a depth: of this run's layers, at best, and as deep as one likes.

The bars stand on a log axis: from row to row they are the curve of the product.
"""

from math import isfinite, log10

from textual.strip import Strip

from backprop_tui.core.chain_rule.slope_product import LayerSlopes, SlopeProduct
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.bars import bar_text
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, pause_first, style, text_lines
from backprop_tui.tui.panes.view import View

from .depth_words import chosen_depth, chosen_text, deepest, meaning_text, read
from .page import Choice, Page

KEYS = " (↑ ↓)"
"""What is said of the keys that choose a depth."""
CELL, DIGITS = 9, 4
LEAST_BAR = 8
ROOMY = 18
"""The height from which what the columns mean stays in view."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers under `title`; the higher its `rank`, the sooner it gives way where there is no room."""

    title: str
    rank: int


COLUMNS = (
    Column("mean |f′|", 0),
    Column("∏|f′|", 0),
    Column("∏|f′w|", 3),
    Column("best ∏", 1),
    Column("meanⁿ", 2),
)


def depth_page(session: Session, view: View, width: int, height: int) -> Page:
    """The page for the position of the session; what this step has not computed is blank."""
    page = Page()
    if view.playing:
        page.add(pause_first("slopes are read off one position.", width, view.look))
        return page
    found = read(session, view)
    depth = chosen_depth(session, view)
    page.head += text_lines(chosen_text(found, depth, view, KEYS), width, 5, view.look, view.look.palette.text)
    meaning = text_lines(meaning_text(session), width, 9, view.look)
    if height >= ROOMY:
        page.head += meaning
    shown, full = columns(width), scale(found, deepest(session))
    page.head.append(header(shown, full, view, width))
    for row in range(1, deepest(session) + 1):
        page.offer(Choice(), [depth_line(row, found, shown, full, row == depth, view, width)])
    if height < ROOMY:
        page.add(meaning)
    return page


def columns(width: int) -> list[Column]:
    """Those that leave room for a bar, the least important given up first."""
    shown = list(COLUMNS)
    while used(shown) + LEAST_BAR > width and len(shown) > 2:
        shown.remove(max(shown, key=lambda column: column.rank))
    return shown


def used(shown: list[Column]) -> int:
    """The cells of a row before its bar."""
    return 13 + (CELL + 1) * len(shown)


def header(shown: list[Column], full: float, view: View, width: int) -> Strip:
    titles = " ".join(["   n layer", *(f"{view.look.text(column.title):>{CELL}}" for column in shown)])
    end = format_number(10.0**-full, 8, 1, view.look.glyphs)
    text = f"{titles}  1 … {end}" if width - used(shown) >= 14 else titles
    return line([(fit(text, width, view.look), style(view.look.palette.dim))], width)


def scale(found: SlopeProduct, last: int) -> float:
    """Powers of ten that a full bar stands for: those of the smallest product that is shown, 1 at least."""
    values = (found.best(last), found.power(last), *(layer.product for layer in found.layers))
    return max(1.0, *(abs(log10(value)) for value in values if value and isfinite(value)))


def depth_line(
    depth: int, found: SlopeProduct, shown: list[Column], full: float, chosen: bool, view: View, width: int
) -> Strip:
    """`▸ 3     8    0.2131   0.00967   …  −███`: the bar is of this run's product, else of its mean to the power."""
    look, palette = view.look, view.look.palette
    own = found.layers[depth - 1] if depth <= len(found.layers) else None
    layer = "" if own is None else str(own.layer)
    mark = look.glyphs.cursor if chosen else " "
    parts: list[Part] = [
        (f"{mark}", style(palette.accent)),
        (f"{depth:>3} {layer:>5}", style(palette.text, bold=chosen)),
    ]
    for column in shown:
        text = cell_text(column, depth, own, found, view)
        parts.append((f" {text:>{CELL}}", style(palette.text, bold=chosen)))
    product = found.product(depth)
    value = found.power(depth) if product is None else product
    parts += bar_parts(value, found.best(depth), full, view, width - used(shown))
    return line(parts, width)


def cell_text(column: Column, depth: int, own: LayerSlopes | None, found: SlopeProduct, view: View) -> str:
    """A number of a row; blank what this step has not computed, empty what there is none of."""
    values = {
        "best ∏": found.best(depth),
        "meanⁿ": found.power(depth),
    }
    if own is not None:
        values |= {"mean |f′|": own.mean, "∏|f′|": own.product, "∏|f′w|": own.weighted}
    if column.title not in values:
        return ""
    return format_number(values[column.title], CELL, DIGITS, view.look.glyphs)


def bar_parts(value: float | None, best: float, full: float, view: View, room: int) -> list[Part]:
    """The product on the log axis: up to the best case in one colour, what is lost beyond it in another.

    The best case alone, dim, where there is no other.
    """
    look, palette = view.look, view.look.palette
    shown = best if value is None else value
    drawn, ideal = (bar_text(size(one, full), room - 4, look) for one in (shown, best))
    sign = look.glyphs.plus if shown > 1 else look.glyphs.minus if drawn else " "
    head: Part = (f"  {sign}", style(palette.dim))
    if value is None or value > 1:
        return [head, (drawn, style(palette.dim if value is None else palette.positive))]
    kept = 0 if best > 1 else len(ideal)
    return [head, (drawn[:kept], style(palette.text)), (drawn[kept:], style(palette.warning))]


def size(value: float, full: float) -> float:
    """The share of a full bar; of 0 and of infinity a full one."""
    if value != value:
        return 0.0
    return 1.0 if value == 0 or not isfinite(value) else min(1.0, abs(log10(value)) / full)
