"""Rules about gradients: not finite, exploding, vanishing."""

from collections.abc import Collection, Iterator
from math import inf, isfinite

from backprop_tui.core.ops.quantity import of_layer

from .findings import Severity, Symptom
from .measurement import Measurement
from .rule import SOLVED, UNSOLVED, Rule, Symptoms

VANISHED = 1e-3
EXPLODED = 70.0


def not_finite(now: Measurement) -> Symptoms:
    for name, layer, value in () if now.finite else now.numbers():
        if not isfinite(value):
            yield Symptom("not_finite", "error", f"{name} is not finite", inf, None, layer)
            return


def exploding_gradient(now: Measurement) -> Symptoms:
    if now.trend.now < UNSOLVED:
        return
    shares = shares_of_last([layer.error or 0.0 for layer in now.layers])
    if shares and max(shares) > EXPLODED:
        yield compared("exploding_gradient", "warning", "dZ", shares, shares.index(max(shares)) + 1, EXPLODED)


def vanishing_gradient(now: Measurement) -> Symptoms:
    # Batch norm takes the size of a weight out again that stands alone: its gradient is next to 0 at any depth.
    idle = [layer.number for layer in now.circumstances.normalized if layer.inputs == 1]
    return vanishing_but_in(idle, now)


def vanishing_but_in(idle: Collection[int], now: Measurement) -> Symptoms:
    """The same, of layers whose dW may be as small as it likes: `idle`, by number."""
    if now.trend.now < SOLVED:
        return
    for symbol, sizes in gradients(now, idle):
        shares = shares_of_last(sizes)
        if any(0 < share < VANISHED for share in shares):
            # Below a gradient that has almost vanished it may be 0 to the last digit.
            layer = next(i for i, share in enumerate(shares, 1) if share < VANISHED)
            yield compared("vanishing_gradient", "warning", symbol, shares, layer, VANISHED)
            return


def gradients(now: Measurement, idle: Collection[int]) -> Iterator[tuple[str, list[float]]]:
    """The norms of dZ and of dW by layer."""
    yield "dZ", [layer.error or 0.0 for layer in now.layers]
    yield "dW", [inf if layer.layer in idle else layer.gradient or 0.0 for layer in now.layers]


def shares_of_last(sizes: list[float]) -> list[float]:
    """The norms of all layers but the last, in shares of the last one's; none where that is 0."""
    return [size / sizes[-1] for size in sizes[:-1]] if sizes and sizes[-1] else []


def compared(rule: str, severity: Severity, symbol: str, shares: list[float], layer: int, limit: float) -> Symptom:
    share, last = shares[layer - 1], len(shares) + 1
    evidence = f"‖{of_layer(symbol, layer)}‖ is {share:.2g} times ‖{of_layer(symbol, last)}‖"
    return Symptom(rule, severity, evidence, share, limit, layer, form=symbol)


RULES = (
    Rule(
        "not_finite",
        "numbers that are not finite",
        "a loss, gradient or weight is infinite or no number at all",
        not_finite,
        patience=1,
    ),
    Rule(
        "exploding_gradient",
        "exploding gradient",
        f"‖dZ‖ of some layer is over {EXPLODED:g} times that of the last, and the loss is over half of the best "
        "constant answer's",
        exploding_gradient,
        patience=1,
    ),
    Rule(
        "vanishing_gradient",
        "vanishing gradient",
        f"‖dZ‖ or ‖dW‖ of some layer is below {VANISHED:g} of that of the last, and the loss is not yet near 0",
        vanishing_gradient,
    ),
)
