"""The methods compared aspect by aspect, in seven rows, with measured figures where there are any."""

from collections.abc import Sequence
from math import pi, sqrt

from backprop_tui.core.ops.expression import signed

from .contest import Outcome, Result
from .estimators import OWN, PAIRS

Row = tuple[str, ...]
ASPECTS = ("method", "speed", "accuracy", "memory", "parallelisation", "use case", "scalability")


def form(value: float, digits: int = 6) -> str:
    """So many significant digits, with a true minus sign."""
    return signed(f"{value:.{digits}g}")


def compared(outcome: Outcome) -> tuple[Row, ...]:
    """A heading and the seven rows: the aspect, then a cell for each of the four methods."""
    results = [result for result in outcome.results if result.name != OWN]
    columns = [cells(result, outcome.parameters) for result in results]
    heading = ("", *(result.title.replace("backpropagation", "backprop") for result in results))
    return heading, *((aspect, *row) for aspect, row in zip(ASPECTS, zip(*columns, strict=True), strict=True))


def random_cosine(parameters: int) -> float:
    """The mean size of the cosine between a random direction and any other in so many dimensions, about √(2/πN)."""
    return min(1.0, sqrt(2 / (pi * parameters)))


def pairs_cosine(parameters: int) -> float:
    """About that of an estimate from PAIRS random directions with the gradient, √(n/(n + N + 1))."""
    return sqrt(PAIRS / (PAIRS + parameters + 1))


def cells(result: Result, parameters: int) -> Sequence[str]:
    """The seven cells of a method, for a network of so many trained parameters."""
    texts = {
        "backpropagation": (
            "analytical: the chain rule",
            f"{form(result.price, 3)} passes a gradient",
            "over examples and units; the layers one after the other",
            "training networks",
            f"{form(result.price, 3)} passes a gradient; below 3 whatever N",
        ),
        "numerical_gradient": (
            "central differences",
            f"2N = {result.price:,.0f} passes a gradient",
            "all 2N passes at once",
            "checking a gradient",
            f"2N passes: with 10 times the parameters {10 * result.price:,.0f}",
        ),
        "evolution_strategies": (
            "population of random pairs",
            f"{result.price:,.0f} passes an estimate",
            "all passes of an estimate at once",
            "a loss without a gradient",
            f"cosine about √(n/(n + N + 1)), n = {PAIRS}: {form(pairs_cosine(parameters), 2)}; "
            f"with 10 times the parameters {form(pairs_cosine(10 * parameters), 2)}",
        ),
        "random_search": (
            "keep what is better",
            f"{result.price:,.0f} pass a trial",
            "trials from one point at once",
            "a few parameters; a baseline",
            f"cosine of a trial about √(2/πN): {form(random_cosine(parameters), 2)}; "
            f"with 10 times the parameters {form(random_cosine(10 * parameters), 2)}",
        ),
    }
    method, speed, parallelism, use, scalability = texts[result.name]
    pace = f"; {result.steps:,} steps in {form(result.seconds, 2)} s"
    accuracy = "no direction" if result.cosine is None else f"cosine {form(result.cosine, 4)}"
    memory = "0 bytes kept" if not result.cached_bytes else f"{result.cached_bytes:,} bytes kept"
    return method, speed + pace, accuracy, memory, parallelism, use, scalability
