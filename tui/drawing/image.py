"""Pictures: a digit in greys, and the weights of a hidden unit laid out like the picture it looks at."""

import numpy as np
from textual.strip import Strip

from .glyphs import Look
from .heatmap import dense_lines, heatmap_lines
from .palette import FloatArray, sequential_colors, sequential_levels
from .strips import line, segment, style


def image_lines(pixels: FloatArray | None, width: int, height: int, look: Look) -> list[Strip]:
    """The (rows, columns) pixels, 0 … 1, in half blocks: enlarged by a whole factor, or averaged, to fit the cells.

    Without colour each line shows two rows of pixels, averaged, in a ramp of glyphs.
    """
    if width <= 0 or height <= 0:
        return []
    if pixels is None or np.size(pixels) == 0:
        return [line([(look.glyphs.blank, style(look.palette.dim))], width)]
    fitted = _fitted(np.atleast_2d(np.asarray(pixels, dtype=float)), 2 * height, width)
    if not look.ramps:
        return dense_lines(sequential_levels(fitted), sequential_colors(look.palette), look)
    halved = average_pool(fitted, (len(fitted) + 1) // 2, fitted.shape[1])
    return [_grey_strip(row, look) for row in halved]


def weight_image_lines(
    weights: FloatArray | None, width: int, height: int, look: Look, limit: float | None = None
) -> list[Strip]:
    """A unit's incoming weights, as (rows, columns) of the picture, in diverging colours about zero."""
    return heatmap_lines(weights, width, height, look, limit=limit, signs=False)


def fitted_shape(shape: tuple[int, int], rows: int, columns: int) -> tuple[int, int]:
    """The rows and columns that an image of such a shape is shown in: a whole factor larger, or smaller."""
    scale = min(rows // shape[0], columns // shape[1])
    if scale >= 1:
        return scale * shape[0], scale * shape[1]
    shrink = min(rows / shape[0], columns / shape[1])
    return max(1, int(shape[0] * shrink)), max(1, int(shape[1] * shrink))


def _fitted(pixels: FloatArray, rows: int, columns: int) -> FloatArray:
    shown = fitted_shape((len(pixels), pixels.shape[1]), rows, columns)
    if shown < pixels.shape:
        # Smaller; where it has one row already only its columns are.
        return average_pool(pixels, *shown)
    scale = shown[0] // len(pixels)
    return pixels.repeat(scale, axis=0).repeat(scale, axis=1)


def average_pool(pixels: FloatArray, rows: int, columns: int) -> FloatArray:
    """The pixels in (rows, columns) blocks, each the mean of its pixels; at most as many blocks as pixels."""
    for axis, shown in enumerate((rows, columns)):
        count = pixels.shape[axis]
        if shown < count:
            starts = np.arange(shown) * count // shown
            sizes = np.diff(np.append(starts, count))
            with np.errstate(all="ignore"):
                sums = np.add.reduceat(pixels, starts, axis)
                pixels = sums / (sizes[:, None] if axis == 0 else sizes)
    return pixels


def _grey_strip(row: FloatArray, look: Look) -> Strip:
    ramp = look.glyphs.grey_ramp
    places = np.rint(np.clip(np.nan_to_num(row), 0.0, 1.0) * (len(ramp) - 1)).astype(int)
    text = "".join(look.glyphs.nan if bad else ramp[place] for place, bad in zip(places, np.isnan(row), strict=True))
    return Strip([segment(text, style(look.palette.text))], len(text))
