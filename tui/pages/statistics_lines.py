"""The statistics of the layers as a table: norms, shares of units, means and spreads."""

from dataclasses import replace

from textual.strip import Strip

from backprop_tui.core.diagnosis.statistics import SATURATED, LayerStatistics, Units
from backprop_tui.core.ops.layer import Layer
from backprop_tui.core.training.living_units import cuts_to_zero
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import Part, fit, line, style, text_lines
from backprop_tui.tui.panes.finding_lines import unit_ranges

NONE = "–"
"""What a layer of its kind has not; what is not computed yet is the blank glyph."""
SHARE = 4
"""Cells of a share."""
NUMBER, MOST = 6, 11
"""Cells of a number, at least and at most; a mean has one more, for its sign."""
DIGITS = 4
SMALL = 1e-3
"""Numbers below are written with an exponent."""
GAP = 1
GROUPS = (
    ("norm of", ("W", "dW", "update", "ratio")),
    ("units", ("zero", "flat")),
    ("preactivation", ("mean", "std")),
    ("activation", ("mean", "std")),
)
"""The columns by what they tell."""
LEGEND = (
    "W is that of the step's beginning, update ΔW, ratio ‖ΔW‖/‖W‖, by rule of thumb 0.001. zero: units that give 0 for "
    "the whole batch. flat: units of tanh and sigmoid that are saturated for most of it. std: standard deviation, "
    "over units and examples."
)


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the layer's number with its mark and of numbers, and how many of the groups have room."""

    layer: int
    number: int
    groups: int

    @classmethod
    def fitting(cls, width: int, layers: int) -> "Columns":
        layer = len(str(layers)) + 1
        # Eight numbers, two of them means, and two shares.
        number = (width - layer - 8 * GAP - 2 - 2 * (SHARE + GAP)) // 8
        columns = cls(layer, max(min(number, MOST), NUMBER), len(GROUPS))
        while columns.groups and columns.width > width:
            columns = replace(columns, groups=columns.groups - 1)
        return columns

    @property
    def sizes(self) -> tuple[tuple[int, ...], ...]:
        """The widths of the columns of each group that is shown."""
        two = (self.number + 1, self.number)
        return ((self.number,) * 4, (SHARE,) * 2, two, two)[: self.groups]

    @property
    def width(self) -> int:
        return self.layer + sum(size + GAP for sizes in self.sizes for size in sizes)


def heading_lines(layers: int, look: Look, width: int) -> list[Strip]:
    """What the columns of a table of so many layers are, in two lines."""
    texts = headings(Columns.fitting(width, layers), look)
    return [line([(fit(text, width, look), style(look.palette.dim))], width) for text in texts]


def row_line(row: LayerStatistics, layer: Layer, layers: int, look: Look, width: int, *, chosen: bool) -> Strip:
    """The row of one layer in such a table."""
    palette, columns = look.palette, Columns.fitting(width, layers)
    cells = "".join(
        " " * GAP + f"{cell:>{size}}"
        for group, sizes in zip(cells_of(row, layer, columns, look), columns.sizes, strict=False)
        for cell, size in zip(group, sizes, strict=True)
    )
    parts: list[Part] = [
        (look.glyphs.cursor if chosen else " ", style(palette.accent, bold=True)),
        (f"{row.layer:>{columns.layer - 1}}", style(palette.accent if chosen else palette.text, bold=chosen)),
        (cells, style(palette.text, bold=chosen)),
    ]
    return line(parts, width)


def headings(columns: Columns, look: Look) -> tuple[str, str]:
    """What the groups of columns are, over the columns' own names."""
    upper = lower = " " * columns.layer
    for (name, titles), sizes in zip(GROUPS, columns.sizes, strict=False):
        room = sum(sizes) + GAP * len(sizes)
        upper += f"{fit(name, room - GAP, look):>{room}}"
        lower += "".join(
            " " * GAP + f"{fit(title, size, look):>{size}}" for title, size in zip(titles, sizes, strict=True)
        )
    more = "" if columns.groups == len(GROUPS) else look.glyphs.ellipsis
    return upper + more, lower + more


def cells_of(row: LayerStatistics, layer: Layer, columns: Columns, look: Look) -> tuple[tuple[str, ...], ...]:
    """The texts of a row, group by group."""
    size = columns.number
    norms = [number(norm, size, look) for norm in (row.weights, row.gradient, row.update)]
    undefined = row.ratio is None and row.update is not None
    ratio = look.text(NONE) if undefined else number(row.ratio, size, look)
    return (
        (*norms, ratio),
        (
            share(row.inactive_share, look) if cuts_to_zero(layer) else look.text(NONE),
            share(row.saturated_share, look) if row.activation in SATURATED else look.text(NONE),
        ),
        two(row.preactivations, size, look),
        two(row.activations, size, look),
    )


def number(value: float | None, width: int, look: Look) -> str:
    """A number; a small one with an exponent without idle zeros, which leaves room for more digits."""
    if value is None or not 0 < abs(value) < SMALL:
        return format_number(value, width, DIGITS, look.glyphs)
    texts = [f"{abs(value):.{digits}e}".replace("e-0", "e-") for digits in range(DIGITS - 1, -1, -1)]
    sign = look.glyphs.minus if value < 0 else ""
    return next((sign + text for text in texts if len(sign + text) <= width), "#" * width)


def two(values: tuple[float, float] | None, width: int, look: Look) -> tuple[str, str]:
    """Mean and spread."""
    mean, spread = values or (None, None)
    return number(mean, width + 1, look), number(spread, width, look)


def share(value: float | None, look: Look) -> str:
    return look.glyphs.blank if value is None else f"{value:.0%}"


def layer_lines(row: LayerStatistics, layer: Layer, look: Look, width: int) -> list[Strip]:
    """One layer in words: what it is, the mean of |dW|, and which of its units are inactive or saturated."""
    palette = look.palette
    unit = "unit" if row.units == 1 else "units"
    parts = [f"layer {row.layer}: {row.units} {unit} of {row.activation}, {row.inputs} inputs"]
    if row.mean_gradient is not None:
        parts.append(f"mean of |dW| {format_number(row.mean_gradient, 10, 4, look.glyphs)}")
    if cuts_to_zero(layer):
        parts.append(f"zero for the whole batch: {units_text(row.inactive)}")
    if row.activation in SATURATED:
        parts.append(f"saturated: {units_text(row.saturated)}")
    return text_lines("; ".join(parts), width, 3, look, palette.text)


def units_text(units: Units | None) -> str:
    if units is None:
        return "not computed yet"
    return f"units {unit_ranges(units)}" if units else "none"


def legend_lines(look: Look, width: int) -> list[Strip]:
    """What the columns are, and what is no number."""
    signs = f"{look.glyphs.blank} is not computed yet in this step, {look.text(NONE)} what a layer of its kind has not."
    return text_lines(f"{LEGEND} {signs}", width, 8, look)
