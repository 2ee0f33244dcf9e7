"""A matrix as colours: blue above zero, orange below, and a sign in every cell that has room for one.

Where the entries fit one to a cell, each cell shows the sign of its entry; a larger matrix is drawn in half blocks, two
rows to a line, after pooling each block to its entry of largest magnitude (so that no spike is averaged away). Without
colour, ramps of glyphs tell sign and magnitude.
"""

from functools import lru_cache

import numpy as np
from rich.segment import Segment
from textual.strip import Strip

from .glyphs import Look
from .heatmap_layout import HeatmapLayout, heatmap_layout
from .matrix import as_matrix
from .numbers import format_number
from .palette import (
    NAN_LEVEL,
    STEPS,
    ColorArray,
    FloatArray,
    LevelArray,
    diverging_colors,
    diverging_levels,
    symmetric_limit,
)
from .strips import HalfBlocks, Part, fit, line, segment, style


def heatmap_lines(
    array: FloatArray | None,
    width: int,
    height: int,
    look: Look,
    *,
    limit: float | None = None,
    spotlight: tuple[int, int] | None = None,
    signs: bool | None = None,
    sign_glyphs: tuple[str, str, str] | None = None,
) -> list[Strip]:
    """The (rows, columns) matrix in at most `width` × `height` cells; the colours are full at ± `limit`.

    Without a `limit` it is the largest magnitude. None, not computed yet, is the blank glyph.
    `spotlight` (row, column) is marked by the cursor glyph; `sign_glyphs` are the signs of what is below, at and above
    0, if not the usual ones.
    """
    if width <= 0 or height <= 0:
        return []
    if array is None:
        return [line([(look.glyphs.blank, style(look.palette.dim))], width)]
    array = as_matrix(array)
    if array.size == 0:
        return []
    layout = heatmap_layout(array.shape[0], array.shape[1], width, height, look, signs)
    pooled = pool_extreme(array, layout.shown_rows, layout.shown_columns)
    signs_shown = sign_glyphs or (look.glyphs.minus, look.glyphs.zero, look.glyphs.plus)
    levels = diverging_levels(pooled, symmetric_limit(array) if limit is None else limit)
    lines = (
        dense_lines(levels, diverging_colors(look.palette), look)
        if layout.dense
        else _signed(pooled, levels, layout, look, signs_shown)
    )
    return lines if spotlight is None else _marked(lines, layout, spotlight, look)


def pool_extreme(array: FloatArray, rows: int, columns: int) -> FloatArray:
    """The matrix in (rows, columns) blocks, each its entry of largest magnitude; NaN wins over numbers."""
    for axis, shown in enumerate((rows, columns)):
        count = array.shape[axis]
        if shown < count:
            starts = np.arange(shown) * count // shown
            high, low = np.maximum.reduceat(array, starts, axis), np.minimum.reduceat(array, starts, axis)
            array = np.where(np.abs(low) > np.abs(high), low, high)
    return array


@lru_cache(maxsize=16)
def _half_blocks(look: Look, colors: bytes) -> HalfBlocks:
    table: ColorArray = np.frombuffer(colors, dtype=np.uint8).reshape(-1, 3)
    return HalfBlocks(table, look.glyphs.upper_half)


def dense_lines(levels: LevelArray, colors: ColorArray, look: Look) -> list[Strip]:
    """The (rows, columns) levels, indices into `colors`, in half blocks; an odd last row fills its line."""
    if len(levels) % 2:
        levels = np.concatenate([levels, levels[-1:]])
    return _half_blocks(look, colors.tobytes()).lines(levels)


def _signed(
    values: FloatArray, levels: LevelArray, layout: HeatmapLayout, look: Look, signs: tuple[str, str, str]
) -> list[Strip]:
    """One entry a cell or larger: its colour behind, its sign in the middle."""
    table = _cells(look, layout.cell_width, signs)
    keys = (levels * 3 + np.sign(np.nan_to_num(values)).astype(np.intp) + 1).tolist()
    middle = (layout.cell_height - 1) // 2
    lines = []
    for row in keys:
        for part in range(layout.cell_height):
            side = table[part == middle]
            lines.append(Strip([side[key] for key in row], layout.width))
    return lines


@lru_cache(maxsize=32)
def _cells(look: Look, width: int, signs: tuple[str, str, str]) -> tuple[list[Segment], list[Segment]]:
    """Segments by `3 · level + sign + 1`, first without, then with their sign glyph."""
    glyphs, palette = look.glyphs, look.palette
    usual = (glyphs.minus, glyphs.zero, glyphs.plus)
    colors = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in diverging_colors(palette).tolist()]
    plain, signed = [], []
    for level, color in enumerate(colors):
        strength = abs(level - STEPS) / STEPS
        for way, sign in enumerate(signs):
            glyph = glyphs.nan if level == NAN_LEVEL else sign
            if look.ramps:
                filled = ramp_glyph(level, way - 1, look) * width
                plain.append(segment(filled, style(palette.text)))
                # The ramps tell signs by themselves; a sign of another kind stands in the middle.
                middle = (width - 1) // 2
                whole = filled if sign in usual else filled[:middle] + glyph + filled[middle + 1 :]
                signed.append(segment(whole, style(palette.text)))
                continue
            front = palette.black if palette.name == "dark" and strength > 0.5 else palette.text
            front = palette.white if palette.name == "light" and strength > 0.5 else front
            plain.append(segment(" " * width, style(None, color)))
            signed.append(segment(glyph.rjust((width + 1) // 2).ljust(width), style(front, color)))
    return plain, signed


def ramp_glyph(level: int, sign: int, look: Look) -> str:
    """The glyph of a magnitude where there is no colour: the first of its ramp also for what rounds to zero."""
    glyphs = look.glyphs
    if level == NAN_LEVEL:
        return glyphs.nan
    if not sign:
        return glyphs.zero
    ramp = glyphs.positive_ramp if sign > 0 else glyphs.negative_ramp
    return ramp[min(len(ramp) - 1, abs(level - STEPS) * len(ramp) // STEPS)]


def _marked(lines: list[Strip], layout: HeatmapLayout, spotlight: tuple[int, int], look: Look) -> list[Strip]:
    """The lines with the cursor glyph in the first cell of the spotlight's entry."""
    row, column = spotlight
    if not (0 <= row < layout.rows and 0 <= column < layout.columns):
        return lines
    x, top = layout.cell_of(row, column)
    y = top + (0 if layout.dense else (layout.cell_height - 1) // 2)
    chosen = Strip([segment(look.glyphs.cursor, style(look.palette.accent, look.palette.black, bold=True))], 1)
    width = lines[y].cell_length
    lines[y] = Strip.join([lines[y].crop(0, x), chosen, lines[y].crop(x + 1, width)])
    return lines


def legend_line(limit: float, width: int, look: Look) -> Strip:
    """The scale −limit … limit of a heatmap: its ends in their colours, or the ramps of glyphs between them."""
    glyphs, palette = look.glyphs, look.palette
    low, high = (format_number(bound, 9, 3, glyphs) for bound in (-limit, limit))
    ramp = f" {glyphs.negative_ramp[::-1]}0{glyphs.positive_ramp} " if look.ramps else f" {glyphs.ellipsis} "
    parts: list[Part] = [(low, style(palette.negative)), (ramp, style(palette.dim)), (high, style(palette.positive))]
    if sum(len(text) for text, _ in parts) > width:
        parts = [(fit(f"± {high}", width, look), style(palette.dim))]
    return line(parts, width)
