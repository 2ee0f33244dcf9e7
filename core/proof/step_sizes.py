"""Which step size a method tries next, from what those that it has tried came to: ever farther, then in between.

Sizes are counted in powers of ten of the one that a method begins with; the exponent need not be whole.
"""

from collections.abc import Mapping

MOST_SIZES = 8
PASSES_OF_A_SIZE = 40
"""Of the budget, for each size that is tried: half of them for the trial, half for the one that goes on."""
FARTHEST = 4.0
"""Powers of ten between a size and the next one tried."""


def sizes_of(budget: int) -> int:
    """How many step sizes are tried with a budget in forward passes; the same number for every method."""
    return max(1, min(MOST_SIZES, budget // PASSES_OF_A_SIZE))


def best_exponent(scores: Mapping[float, float]) -> float:
    """That of the lowest loss; of equal ones the smallest, and so also where no size has helped."""
    return min(sorted(scores), key=lambda exponent: scores[exponent])


def next_exponent(scores: Mapping[float, float]) -> float:
    """The exponent to try next, from the losses of those tried; infinite for one that did not lower the loss.

    At an end of what has been tried twice as far as the last time, up to FARTHEST; else into the wider gap beside the
    best.
    """
    if not scores:
        return 0.0
    tried = sorted(scores)
    if len(tried) == 1:
        return tried[0] - 1
    best = best_exponent(scores)
    place = tried.index(best)
    if place == 0:
        return best - min(FARTHEST, 2 * (tried[1] - best))
    below = best - tried[place - 1]
    if place == len(tried) - 1:
        return best + min(FARTHEST, 2 * below)
    above = tried[place + 1] - best
    return best + above / 2 if above >= below else best - below / 2
