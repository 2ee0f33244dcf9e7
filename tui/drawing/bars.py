"""Bars, sparklines, and the strip that shows where in a step we are."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from textual.strip import Strip

from .glyphs import Look
from .numbers import word
from .palette import FloatArray, Palette
from .strips import Part, line, segment, style

Phase = Literal["forward", "loss", "backward", "update"]


def bar(fraction: float, width: int, look: Look, color: str | None = None) -> Strip:
    """A bar of `fraction` (0 … 1, clipped) of `width` cells in eighths of a cell, at least one for what is above 0."""
    return line([(bar_text(fraction, width, look), style(color or look.palette.accent))], width)


def bar_text(fraction: float, width: int, look: Look) -> str:
    """The glyphs of such a bar; nothing for a fraction that is not a number."""
    if width <= 0 or math.isnan(fraction) or fraction <= 0:
        return ""
    eighths = max(1, round(min(1.0, fraction) * width * 8))
    whole, rest = divmod(eighths, 8)
    return look.glyphs.full * whole + (look.glyphs.eighths[rest - 1] if rest else "")


def log_bar(value: float | None, low: float, high: float, width: int, look: Look, color: str | None = None) -> Strip:
    """A bar for `value` ≥ 0 on the logarithmic scale `low` (one eighth) … `high` (full), both above 0.

    Zero is an empty bar, None the blank glyph, a value that is not finite its word.
    """
    palette = look.palette
    if value is None:
        return line([(look.glyphs.blank, style(palette.dim))], width)
    if not math.isfinite(value):
        return line([(word(value) or "", style(palette.warning, bold=True))], width)
    if value <= 0:
        return line([], width)
    fraction = log_fraction(value, low, high)
    return bar(max(fraction, 1e-9), width, look, color)


def log_fraction(value: float, low: float, high: float) -> float:
    """Where `value` lies between `low` (0) and `high` (1) on a logarithmic scale, clipped; 1 without a scale."""
    if not 0 < low < high:
        return 1.0
    span = math.log10(high) - math.log10(low)
    return min(1.0, max(0.0, (math.log10(value) - math.log10(low)) / span))


def sparkline(values: FloatArray, width: int, look: Look, color: str | None = None) -> Strip:
    """The values, oldest first, in at most `width` cells of eight levels between their least and greatest.

    More values than cells are reduced to the least and the greatest of each pair of cells, so that spikes stay. What is
    not finite is shown as the glyph for it.
    """
    values = np.asarray(values, dtype=float).ravel()
    if width <= 0 or values.size == 0:
        return line([], width)
    kept = least_and_greatest(values, width) if values.size > width else values
    finite = kept[np.isfinite(kept)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    levels = look.glyphs.levels
    with np.errstate(all="ignore"):
        half = (
            np.clip((kept / 2 - low / 2) / (high / 2 - low / 2), 0.0, 1.0) if high > low else np.full(kept.shape, 0.5)
        )
    places = np.rint(np.nan_to_num(half) * (len(levels) - 1)).astype(int).tolist()
    bad = (~np.isfinite(kept)).tolist()
    text = "".join(look.glyphs.nan if wrong else levels[place] for place, wrong in zip(places, bad, strict=True))
    return Strip([segment(text, style(color or look.palette.accent))], len(text))


def least_and_greatest(values: FloatArray, count: int) -> FloatArray:
    """At most `count` of the values, in order: the least and the greatest of each of count // 2 runs, or NaN."""
    runs = max(1, count // 2)
    starts = np.arange(runs) * len(values) // runs
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    ends = np.append(starts[1:], len(values)) - 1
    falling = values[starts] > values[ends]
    pairs = np.where(falling[:, None], np.column_stack([high, low]), np.column_stack([low, high]))
    return pairs.ravel() if count > 1 else np.where(np.abs(low) > np.abs(high), low, high)


@dataclass(frozen=True)
class PhaseOps:
    """A phase of the step and the number of ops that it has."""

    phase: Phase
    ops: int


def phase_color(phase: Phase, palette: Palette) -> str:
    """The colour that stands for a phase wherever one is named."""
    colors = {
        "forward": palette.forward, "loss": palette.loss, "backward": palette.backward, "update": palette.update,
    }  # fmt: skip
    return colors[phase]


def step_strip(phases: Sequence[PhaseOps], position: int | None, width: int, look: Look) -> Strip:
    """The phases of a step side by side, with the cursor on op `position` (from 0; None: before the first).

    A phase has room by its number of ops; what is done is in the phase's colour, what is to come dim.
    """
    phases = [phase for phase in phases if phase.ops > 0]
    if not phases or width < 2 * len(phases) - 1:
        return line([], width)
    parts: list[Part] = []
    before = 0
    for phase, room in zip(phases, _rooms(phases, width), strict=True):
        op = None if position is None else position - before
        if parts:
            parts.append((" ", None))
        parts += _section(phase, op, room, look)
        before += phase.ops
    return line(parts, width)


def _rooms(phases: Sequence[PhaseOps], width: int) -> list[int]:
    """Cells for each phase: its name where all names fit, and a share of the rest by its ops."""
    room = width - (len(phases) - 1)
    # Beside its name a phase has a cell, at least, for the cursor.
    least = [len(phase.phase) + 1 for phase in phases]
    if sum(least) > room:
        least = [2 if 2 * len(phases) <= room else 1] * len(phases)
    spare, total = room - sum(least), sum(phase.ops for phase in phases)
    return [length + spare * phase.ops // total for length, phase in zip(least, phases, strict=True)]


def _section(phase: PhaseOps, op: int | None, room: int, look: Look) -> list[Part]:
    """One phase: its name in the middle of its track, on which the cursor stands where op 0 … ops − 1 is in view.

    The name stays where it is, and whole: the cursor goes along the track at both sides of it.
    """
    glyphs, palette = look.glyphs, look.palette
    color, dim = style(phase_color(phase.phase, palette)), style(palette.dim)
    name = phase.phase if len(phase.phase) < room else phase.phase[0]
    track = glyphs.track_high if phase.phase == "backward" else glyphs.track_low
    spare = room - len(name)
    start = spare // 2
    text = track * start + name + track * (spare - start)
    if op is None or not 0 <= op < phase.ops:
        return [(text, color if op is not None and op >= phase.ops else dim)]
    cell = op * spare // phase.ops
    cell += len(name) if start <= cell < spare else 0
    cursor: Part = (glyphs.full, style(palette.accent, bold=True))
    return [(text[:cell], color), cursor, (text[cell + 1 :], dim)]
