"""An image that a person draws, and how it differs from the images that the network was trained on.

Pixels are (rows, columns) from 0, the darkest of the training part, to 1, the brightest. Ink is how far a pixel is from
the ground, which is whichever of both most pixels of the training part are nearer to.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.datasets import Dataset

Array = NDArray[np.float64]
Pixel = tuple[float, float]
"""Row and column, from the middle of the first pixel on."""
Range = tuple[float, float]
SAMPLE = 1000
"""Training images that are measured, evenly spaced."""
INKED = 0.1
"""Ink from which a pixel belongs to what is drawn."""
STROKE = 0.05
"""Half of a stroke's width, as a share of the image's height; at least LEAST_STROKE pixels."""
LEAST_STROKE = 0.9
MANY = 20
"""Training images from which they say what is usual."""
CENTRED = 0.05
"""The standard deviation of their centres, as a share of the height, up to which images are centred."""
OFF = 3.0
"""Standard deviations from which a drawing is off the centre, at least LEAST_OFF pixels."""
LEAST_OFF = 0.75


@dataclass(frozen=True, eq=False)
class Usual:
    """What the training images are like: a raw input is `low` where a pixel is 0, and `high` where it is 1.

    `ground` is 0 or 1. `by` says what of them lies at `centre`, in pixels from the top and the left, with the standard
    deviation `spread` (2,): the centre of their ink, or of the box around it; None where neither does. `sizes` are the
    longer sides of these boxes, in pixels, `inks` the means of the ink: from the 1st to the 99th per cent.
    """

    shape: tuple[int, int]
    low: float
    high: float
    ground: float
    by: Literal["ink", "box"] | None
    centre: Array
    spread: Array
    sizes: Range
    inks: Range


def usual(dataset: Dataset) -> Usual:
    """Measures the training images; raises ValueError where the inputs are none."""
    if dataset.image_shape is None:
        raise ValueError("the inputs are no images")
    places = np.unique(np.linspace(0, dataset.size - 1, min(SAMPLE, dataset.size)).astype(int))
    raw = dataset.inputs_in_own_units(dataset.inputs[:, places])
    low, high = float(raw.min()), float(raw.max())
    pixels = (raw - low) / (high - low if high > low else 1.0)
    ground = float(np.median(pixels) > 0.5)
    images = np.abs(pixels - ground).T.reshape(-1, *dataset.image_shape)
    drawn = [image for image in images if (image > INKED).any()] or [np.ones(dataset.image_shape)]
    centres = {"ink": np.array([ink_centre(image) for image in drawn])}
    boxes = np.array([box(image) for image in drawn], dtype=np.float64)
    centres["box"] = (boxes[:, :2] + boxes[:, 2:]) / 2
    spreads = {by: found.std(axis=0) for by, found in centres.items()}
    nearest: Literal["ink", "box"] = "ink" if spreads["ink"].max() <= spreads["box"].max() else "box"
    fits = len(drawn) >= MANY and spreads[nearest].max() <= CENTRED * dataset.image_shape[0]
    return Usual(
        dataset.image_shape,
        low,
        high,
        ground,
        nearest if fits else None,
        centres[nearest].mean(axis=0),
        spreads[nearest],
        between(sides(boxes)),
        between(np.array([image.mean() for image in drawn])),
    )


def between(values: Array) -> Range:
    """Where all but the most extreme values lie; anywhere where there are few."""
    if len(values) < MANY:
        return -np.inf, np.inf
    low, high = np.quantile(values, (0.01, 0.99)).tolist()
    return low, high


def sides(boxes: Array) -> Array:
    """The longer sides of boxes (n, 4), in pixels."""
    longer: Array = (boxes[:, 2:] - boxes[:, :2] + 1).max(axis=1)
    return longer


def ink_centre(ink: Array) -> Array:
    """The centre of ink (rows, columns), in pixels from the top and the left, (2,); there is some."""
    total = ink.sum()
    rows, columns = (np.arange(size) for size in ink.shape)
    return np.array([ink.sum(axis=1) @ rows / total, ink.sum(axis=0) @ columns / total])


def box(ink: Array) -> tuple[int, int, int, int]:
    """The first row and column, and the last ones, of what is drawn; there is something."""
    rows, columns = (np.flatnonzero((ink > INKED).any(axis=axis)) for axis in (1, 0))
    return int(rows[0]), int(columns[0]), int(rows[-1]), int(columns[-1])


def blank(like: Usual) -> Array:
    """An image without ink."""
    return np.full(like.shape, like.ground)


def ink_of(pixels: Array, like: Usual) -> Array:
    """The ink of pixels; and as well the pixels of so much ink."""
    ink: Array = np.abs(pixels - like.ground)
    return ink


def drawn_line(pixels: Array, start: Pixel, end: Pixel, like: Usual, *, erase: bool = False) -> Array:
    """The image with a stroke from the middle of one pixel to that of another, its edge soft; or without ink there."""
    rows, columns = np.indices(like.shape)
    (row, column), along = start, np.subtract(end, start)
    length = float(along @ along)
    share = np.zeros(like.shape)
    if length:
        share = np.clip(((rows - row) * along[0] + (columns - column) * along[1]) / length, 0, 1)
    distance = np.hypot(rows - row - share * along[0], columns - column - share * along[1])
    stroke = np.clip(max(STROKE * like.shape[0], LEAST_STROKE) + 0.5 - distance, 0, 1)
    ink = ink_of(pixels, like)
    inked = np.minimum(ink, 1 - stroke) if erase else np.maximum(ink, stroke)
    return ink_of(inked, like)


def centre_of(pixels: Array, like: Usual) -> Array | None:
    """Where the drawing has what the training images have at one place; None without ink, or where they have not."""
    ink = ink_of(pixels, like)
    if like.by is None or not (ink > INKED).any():
        return None
    if like.by == "ink":
        return ink_centre(ink)
    top, left, bottom, right = box(ink)
    return np.array([(top + bottom) / 2, (left + right) / 2])


def centred(pixels: Array, like: Usual) -> Array:
    """The drawing moved by whole pixels to where the training images are, no further than its ink has room."""
    found = centre_of(pixels, like)
    if found is None:
        return pixels
    rows, columns = np.rint(like.centre - found).astype(int).tolist()
    ink = ink_of(pixels, like)
    top, left, bottom, right = box(ink)
    rows = max(-top, min(rows, like.shape[0] - 1 - bottom))
    columns = max(-left, min(columns, like.shape[1] - 1 - right))
    moved = np.zeros(like.shape)
    kept = ink[max(-rows, 0) : like.shape[0] - max(rows, 0), max(-columns, 0) : like.shape[1] - max(columns, 0)]
    moved[max(rows, 0) :, max(columns, 0) :][: kept.shape[0], : kept.shape[1]] = kept
    return ink_of(moved, like)


def network_input(pixels: Array, like: Usual, dataset: Dataset) -> Array:
    """The drawing as the network reads it, (features, 1)."""
    return dataset.encode((like.low + pixels * (like.high - like.low)).reshape(-1, 1))


def differences(pixels: Array, like: Usual) -> tuple[str, ...]:
    """In which ways the drawing is none like those of the training part, a few words each."""
    ink = ink_of(pixels, like)
    if not (ink > INKED).any():
        return ()
    told = []
    found = centre_of(pixels, like)
    if found is not None:
        off = found - like.centre
        wide = np.abs(off) > np.maximum(OFF * like.spread, LEAST_OFF)
        words = [
            f"{abs(value):.1f} px too far {word[0] if value < 0 else word[1]}"
            for value, far, word in zip(off.tolist(), wide, (("up", "down"), ("left", "right")), strict=True)
            if far
        ]
        told += [f"not centred: {', '.join(words)}"] if words else []
    size = float(sides(np.array([box(ink)], dtype=np.float64))[0])
    low, high = like.sizes
    if not low <= size <= high:
        theirs = f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"
        told.append(f"too {'small' if size < low else 'large'}: {size:.0f} px, theirs are {theirs}")
    share, (low, high) = float(ink.mean()), like.inks
    if not low <= share <= high:
        amount = "little" if share < low else "much"
        told.append(f"too {amount} ink: {share:.1%}, theirs is {low:.1%} to {high:.1%}")
    return tuple(told)
