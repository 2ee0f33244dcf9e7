"""What people do otherwise and rightly: a gradient that carries 1/m from the start, a penalty within the loss, an ε
within a logarithm. Such numbers are brought to what they are here, and it is said.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from .names import Key
from .reading import Reading
from .step import Array, Step, Values

CARRIED = ("dA", "dZ", "dN")
"""Gradients per example, which others divide by the number of examples."""
IN_LOGARITHM = (1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16)
EXPLANATIONS = {
    "mean_in_activation_gradients": "dA and dZ carry 1/m from the start; here they are per example, and dW and db are "
    "the means",
    "class_numbers": "the targets are class numbers, one-hot here",
    "penalty_in_loss": "the loss contains the penalty; here ℒ is without it",
    "penalty_in_gradient": "dW contains the gradient of the penalty; here it is added in the update",
    "epsilon_in_logarithm": "the logarithm of the loss has a small ε in it",
    "logarithm_clipped": "the answers are clipped before the logarithm of the loss",
    "rounded": "the numbers were written with few decimals, and are held to those",
}


def variants(reading: Reading) -> Iterator[Reading]:
    """The reading, and the same with other conventions that its numbers may follow."""
    step = reading.step()
    right = step.run()
    reading = with_loss(reading, step, right)
    for penalised in (reading, *with_penalty(reading, step)):
        yield penalised
        yield from scaled(penalised, right)


def scaled(reading: Reading, right: Values) -> Iterator[Reading]:
    """Gradients per example that carry 1/m: all of them, or those that come out right then."""
    m = reading.sizes.examples
    carried = [key for key in reading.theirs if key[0] in CARRIED]
    if m == 1 or not carried:
        return
    some = {key for key in carried if key in right and near(reading.theirs[key] * m, right[key], reading.unit)}
    for chosen in ([some] if some and len(some) < len(carried) else []) + [set(carried)]:
        theirs = {key: array * m if key in chosen else array for key, array in reading.theirs.items()}
        conventions = [*reading.conventions, "mean_in_activation_gradients"]
        scales = reading.scales | dict.fromkeys(chosen, float(m))
        yield replace(reading, theirs=theirs, conventions=conventions, scales=scales)


def near(theirs: Array, right: Array, unit: float) -> bool:
    """Whether arrays agree to half of their digits."""
    if theirs.shape != right.shape:
        return False
    with np.errstate(all="ignore"):
        off = np.abs(theirs - right).max(initial=0.0)
    return bool(off <= unit**0.5 * np.abs(right).max(initial=0.0))


def penalty(step: Step) -> float:
    """½ λ₂ ‖W‖² + λ₁ ‖W‖₁ over all layers."""
    total = 0.0
    for layer in step.layers:
        W = layer.weights(step.parameters)
        total += float(0.5 * step.optimizer.l2 * (W * W).sum() + step.optimizer.l1 * np.abs(W).sum())
    return total


def with_loss(reading: Reading, step: Step, right: Values) -> Reading:
    """The reading with a loss that is right by another convention as it is here."""
    key: Key = ("loss", None)
    if key not in reading.theirs or reading.theirs[key].size != 1:
        return reading
    theirs, value = float(reading.theirs[key].reshape(-1)[0]), float(right[key])
    if close(theirs, value, reading.unit):
        return reading
    for name, other in losses(step, value):
        if close(theirs, other, reading.unit):
            return replace(
                reading,
                theirs=reading.theirs | {key: np.asarray(value)},
                conventions=[*reading.conventions, name],
            )
    return reading


def losses(step: Step, value: float) -> Iterator[tuple[str, float]]:
    """The loss by other conventions."""
    added = penalty(step)
    if added:
        yield "penalty_in_loss", value + added
    A, Y = step["A", step.L], step["Y", None]
    with np.errstate(all="ignore"):
        if step.loss_kind == "cross_entropy":
            for small in IN_LOGARITHM:
                yield "epsilon_in_logarithm", float(-(Y * np.log(A + small)).sum() / step.m)
                yield "logarithm_clipped", float(-(Y * np.log(np.clip(A, small, 1 - small))).sum() / step.m)
        if step.loss_kind == "binary_cross_entropy":
            for small in IN_LOGARITHM:
                both = Y * np.log(A + small) + (1 - Y) * np.log(1 - A + small)
                yield "epsilon_in_logarithm", float(-both.mean())
                clipped = np.clip(A, small, 1 - small)
                yield "logarithm_clipped", float(-(Y * np.log(clipped) + (1 - Y) * np.log(1 - clipped)).mean())


def close(theirs: float, right: float, unit: float) -> bool:
    return abs(theirs - right) <= max(1e-11, 60 * unit) * max(abs(right), abs(theirs))


def with_penalty(reading: Reading, step: Step) -> Iterator[Reading]:
    """dW that contains the gradient of the penalty, without it."""
    if not (step.optimizer.l1 or step.optimizer.l2):
        return
    theirs = dict(reading.theirs)
    for layer in step.layers:
        key = ("dW", layer.number)
        W = layer.weights(step.parameters)
        if key in theirs and theirs[key].shape == W.shape:
            theirs[key] = theirs[key] - step.optimizer.l2 * W - step.optimizer.l1 * np.sign(W)
    yield replace(reading, theirs=theirs, conventions=[*reading.conventions, "penalty_in_gradient"])
