"""Colours by meaning, and the two scales that turn numbers into colours.

Blue is positive and orange negative, as in TensorFlow Playground: a pair that every common form of colour blindness
keeps apart. The scales are quantised to `LEVELS` colours, so that styles and segments can be cached.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
LevelArray = NDArray[np.intp]
ColorArray = NDArray[np.uint8]

STEPS = 31
"""Shades on each side of zero."""
NAN_LEVEL = 2 * STEPS + 1
"""The level of an entry that is not a number; the finite levels are 0 … 2·STEPS, zero in the middle."""
LEVELS = NAN_LEVEL + 1


@dataclass(frozen=True, eq=False)
class Palette:
    """Colours as `#rrggbb`, named by what they mean; compared by identity, which makes it a quick key of caches.

    `few`: each of them is one of a terminal's sixteen, and there are no shades between.
    """

    name: str
    background: str
    text: str
    dim: str
    accent: str
    positive: str
    negative: str
    neutral: str
    train: str
    test: str
    forward: str
    loss: str
    backward: str
    update: str
    warning: str
    white: str
    black: str
    classes: tuple[str, ...]
    few: bool = False


# The colours of classes are those of Okabe and Ito, in an order that keeps neighbours apart.
DARK = Palette(
    name="dark",
    background="#14171c",
    text="#e4e6ea",
    dim="#7d8590",
    accent="#f5e663",
    positive="#4da6ff",
    negative="#ff9a3d",
    neutral="#262b33",
    train="#4da6ff",
    test="#ff9a3d",
    forward="#56c8b0",
    loss="#f5e663",
    backward="#d58cc0",
    update="#9dbbe8",
    warning="#ff5f8f",
    white="#ffffff",
    black="#000000",
    classes=(
        "#e69f00",
        "#56b4e9",
        "#009e73",
        "#f0e442",
        "#3f8fd0",
        "#d55e00",
        "#cc79a7",
        "#999999",
        "#b39ddb",
        "#80cbc4",
    ),
)
LIGHT = Palette(
    name="light",
    background="#fbfbfa",
    text="#1c2026",
    dim="#6b727c",
    accent="#7a3ea8",
    positive="#0877bd",
    negative="#c85a00",
    neutral="#e8eaeb",
    train="#0877bd",
    test="#c85a00",
    forward="#00766a",
    loss="#806600",
    backward="#a0408a",
    update="#3a5fa8",
    warning="#c2185b",
    white="#ffffff",
    black="#000000",
    classes=(
        "#b87800",
        "#2b88c0",
        "#007a58",
        "#8a8000",
        "#0b5a94",
        "#b34a00",
        "#a8507f",
        "#5f5f5f",
        "#6f55a8",
        "#2f7f78",
    ),
)

# The sixteen that every terminal has, as Rich counts them: any other would become the one that is nearest, often grey.
DARK_16 = replace(
    DARK,
    background="#000000",
    text="#ffffff",
    dim="#aaaaaa",
    accent="#ffff55",
    positive="#5555ff",
    negative="#aa5500",
    neutral="#000000",
    train="#55ffff",
    test="#ff5555",
    forward="#55ff55",
    loss="#ffff55",
    backward="#ff55ff",
    update="#55ffff",
    warning="#ff5555",
    classes=(
        "#aa5500",
        "#5555ff",
        "#00aa00",
        "#aa00aa",
        "#00aaaa",
        "#aa0000",
        "#0000aa",
        "#555555",
        "#ff5555",
        "#ff55ff",
    ),
    few=True,
)
LIGHT_16 = replace(
    LIGHT,
    background="#ffffff",
    text="#000000",
    dim="#555555",
    accent="#aa00aa",
    positive="#00aaaa",
    negative="#aa5500",
    neutral="#ffffff",
    train="#0000aa",
    test="#aa5500",
    forward="#00aa00",
    loss="#aa5500",
    backward="#aa00aa",
    update="#0000aa",
    warning="#aa0000",
    classes=(
        "#aa5500",
        "#5555ff",
        "#00aa00",
        "#ff55ff",
        "#55ffff",
        "#ff5555",
        "#aaaaaa",
        "#ffff55",
        "#55ff55",
        "#00aaaa",
    ),
    few=True,
)
FROM = STEPS // 4
"""The step from which a number has a colour where there are few."""


def rgb(color: str) -> tuple[int, int, int]:
    """The three bytes of `#rrggbb`."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def mix(first: str, second: str, share: float) -> str:
    """The colour `share` of the way from `first` (0) to `second` (1), as `#rrggbb`."""
    pairs = zip(rgb(first), rgb(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def symmetric_limit(values: FloatArray) -> float:
    """The largest finite magnitude in `values`, so that ± limit holds them all; 1.0 where there is none."""
    magnitudes = np.abs(values, where=np.isfinite(values), out=np.zeros(np.shape(values)))
    return float(magnitudes.max(initial=0.0)) or 1.0


def diverging_levels(values: FloatArray, limit: float) -> LevelArray:
    """Levels 0 (−limit or less) … 2·STEPS (limit or more) of `values`, and NAN_LEVEL of what is not a number."""
    with np.errstate(all="ignore"):
        scaled = np.clip(np.asarray(values, dtype=float) / (limit if limit > 0 else 1.0), -1.0, 1.0)
    levels: LevelArray = np.rint(np.nan_to_num(scaled) * STEPS).astype(np.intp) + STEPS
    levels[np.isnan(values)] = NAN_LEVEL
    return levels


def sequential_levels(values: FloatArray) -> LevelArray:
    """Levels 0 … 2·STEPS of `values` in 0 … 1, clipped, and NAN_LEVEL of what is not a number."""
    clipped = np.clip(np.asarray(values, dtype=float), 0.0, 1.0)
    levels: LevelArray = np.rint(np.nan_to_num(clipped) * 2 * STEPS).astype(np.intp)
    levels[np.isnan(values)] = NAN_LEVEL
    return levels


@lru_cache(maxsize=16)
def diverging_colors(palette: Palette) -> ColorArray:
    """The (LEVELS, 3) colours of the diverging scale: negative, neutral, positive, and the warning for NaN."""
    if palette.few:
        sides = [palette.negative] * (STEPS - FROM), [palette.positive] * (STEPS - FROM)
        few = [*sides[0], *[palette.neutral] * (2 * FROM + 1), *sides[1], palette.warning]
        return np.array([rgb(color) for color in few], dtype=np.uint8)
    below = [mix(palette.neutral, palette.negative, step / STEPS) for step in range(STEPS, 0, -1)]
    above = [mix(palette.neutral, palette.positive, step / STEPS) for step in range(STEPS + 1)]
    return np.array([rgb(color) for color in [*below, *above, palette.warning]], dtype=np.uint8)


@lru_cache(maxsize=16)
def sequential_colors(palette: Palette) -> ColorArray:
    """The (LEVELS, 3) greys from black to white, and the warning for NaN."""
    greys = [mix(palette.black, palette.white, step / (2 * STEPS)) for step in range(2 * STEPS + 1)]
    return np.array([rgb(color) for color in [*greys, palette.warning]], dtype=np.uint8)


def diverging(values: FloatArray, limit: float, palette: Palette = DARK) -> ColorArray:
    """Colours (…, 3) of `values` on the scale −limit … limit."""
    return diverging_colors(palette)[diverging_levels(np.asarray(values), limit)]


def sequential(values: FloatArray, palette: Palette = DARK) -> ColorArray:
    """Colours (…, 3) of `values` on the scale 0 … 1, black to white."""
    return sequential_colors(palette)[sequential_levels(np.asarray(values))]
