"""Round values for an axis: 1, 2 or 5 times a power of ten, and their multiples; on a logarithmic one decades."""

import itertools
import math
import sys
from collections.abc import Sequence

ROUND = (1, 2, 5)
HALVES = (1, 5)
FEW = 3
"""Fewer whole decades than this have 2 and 5 between them, fewer of these the multiples of one step."""


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """The multiples in `low` … `high` of the least of the steps 1, 2, 5 × 10ⁿ of which there are at most `most`."""
    if not (math.isfinite(low) and math.isfinite(high)) or high < low or most < 1:
        return []
    if high == low:
        return [low]
    share = min(high / most - low / most, sys.float_info.max)  # The difference may be beyond all numbers.
    exponent = math.floor(math.log10(share)) if share > 0 else -330
    while True:
        for factor in ROUND:
            found = multiples(low, high, factor, exponent, most)
            if found is not None:
                return found
        exponent += 1


def multiples(low: float, high: float, factor: int, exponent: int, most: int) -> list[float] | None:
    """The multiples of `factor` · 10^`exponent` in `low` … `high`; None where there are more than `most`."""
    step = float(f"{factor}e{exponent}")
    if step == 0 or not math.isfinite(high / step) or not math.isfinite(low / step):
        return None
    # One that rounding of the quotient would pass over is looked at too.
    first, last = math.floor(low / step), math.ceil(high / step)
    if last - first > most + 2:
        return None
    # Each from its digits: so it is the number nearest to what is written, not a sum with rounding in it.
    found = [float(f"{count * factor}e{exponent}") for count in range(first, last + 1)]
    found = sorted({value + 0.0 for value in found if low <= value <= high})
    return found if len(found) <= most else None


def round_log_ticks(low: float, high: float, most: int) -> list[float]:
    """Round values between 10^`low` and 10^`high`: decades, with 2 and 5 between few, or the multiples of one step.

    Where there are too many decades each second, fifth or so. None of them is 0 or infinite.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high < low or most < 1:
        return []
    first, last = math.ceil(low), math.floor(high)
    decades = last - first + 1
    if decades > most:
        found = [power(1, int(exponent)) for exponent in round_ticks(first, last, most)]
        return [value for value in found if 0 < value < math.inf]
    fine, halves = (within(low, high, factors) for factors in (ROUND, HALVES))
    if decades < FEW and FEW <= len(fine) <= most:
        return fine
    if decades >= min(2, most):
        # Multiples of one step would all stand in the last decade, as below where there is more than one.
        found = [power(1, exponent) for exponent in range(first, last + 1)]
        return [value for value in found if 0 < value < math.inf]
    if high - low >= 1 and 1 < len(halves) <= most:
        return halves
    lowest, highest = (10.0 ** max(min(end, 308.2), -323.0) for end in (low, high))
    found = [value for value in round_ticks(lowest, highest, most) if value > 0 and low <= math.log10(value) <= high]
    return max(found, fine if len(fine) <= most else [], key=len)


def within(low: float, high: float, factors: Sequence[int]) -> list[float]:
    """The `factors` times powers of ten between 10^`low` and 10^`high`, rising."""
    exponents = range(math.ceil(low) - 1, math.floor(high) + 1)
    found = [power(factor, exponent) for exponent in exponents for factor in factors]
    return [value for value in found if 0 < value < math.inf and low <= math.log10(value) <= high]


def power(factor: int, exponent: int) -> float:
    """`factor` · 10^`exponent`, infinite beyond all numbers."""
    return float(f"{factor}e{exponent}")


def tick_labels(ticks: Sequence[float], minus: str = "−") -> list[str]:
    """The ticks as written: as short as each can be, or all with the same decimals where none needs an exponent."""
    plain = [repr(float(value)).removesuffix(".0") for value in ticks]
    decimals = max((len(text.partition(".")[2]) for text in plain if "e" not in text), default=0)
    evenly = steps_evenly(ticks) and not any("e" in text for text in plain)
    texts = [f"{value:.{decimals}f}" for value in ticks] if evenly else [shortest(text) for text in plain]
    return [text.replace("-", minus, 1) if text[:1] == "-" else text for text in texts]


def steps_evenly(ticks: Sequence[float]) -> bool:
    """Whether the ticks are as far from each other everywhere, as on a linear axis, where no two are a decade apart."""
    if len(ticks) == 2 and math.isclose(ticks[1], 10 * ticks[0]):
        return False
    gaps = [b - a for a, b in itertools.pairwise(ticks)]
    return not gaps or max(gaps) - min(gaps) <= 1e-6 * max(gaps)


def shortest(text: str) -> str:
    """`1e-07` as `1e-7`, `1e+20` as `1e20`."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa
