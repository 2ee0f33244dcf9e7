"""Rules about how the loss goes: too large or too small steps, slow, stuck, too few units, and learning by heart."""

from math import inf

from backprop_tui.core.ops.quantity import of_layer

from .findings import Severity, Symptom
from .held_out_trend import LEARNED, OVERFIT
from .loss_trend import IMPROVEMENT
from .measurement import Measurement
from .nonlinearity import asks_for_bends
from .rule import (
    CONFIRMED,
    FIRST_STEPS,
    GROWN,
    LARGE_STEP,
    MANY,
    PATIENCE,
    SLIGHT_FALL,
    SLOW_FALL,
    SMALL_STEP,
    TINY_STEP,
    UNSOLVED,
    WORSE,
    Rule,
    Symptoms,
)
from .start_rules import usual_norm

WORSE_AT_ONCE = 2.0
STIFF = 0.05
STRONG = 0.25
FAR = 5.0
STALE = 10
THROW = 0.5
RISES = 5
FEW_UNITS = 4
"""Units of a hidden layer that may be too few."""
BEGUN = 0.99
"""The level below which something has been learned, and it is no start that nothing has come of yet."""
GENTLE = 0.2
"""‖∇ℒ‖ ‖θ‖ / ℒ below which there is little left to go down, whatever the steps."""


def learning_rate_too_high(now: Measurement) -> Symptoms:
    trend = now.trend
    start = max(trend.first, 1.0)
    limit = WORSE if trend.whole else WORSE_AT_ONCE
    of = "that of the best constant answer" if trend.first <= 1 else "that of the start"
    moves = trend.steps >= FIRST_STEPS // 2 and now.ratio > SMALL_STEP
    if now.level > GROWN * start:
        yield grown(now.level / (GROWN * start))
    elif moves and trend.now > limit * start:
        evidence = f"the mean loss of the last steps is {trend.now / start:.2g} times {of}"
        yield Symptom("learning_rate_too_high", "warning", evidence, trend.now / start, limit, form="worse")
    elif moves and trend.rises >= RISES and now.level > WORSE_AT_ONCE * start:
        evidence = f"the loss has grown {trend.rises} steps in a row and is {now.level / start:.2g} times {of}"
        yield Symptom("learning_rate_too_high", "warning", evidence, now.level / start, WORSE_AT_ONCE, form="worse")
    elif trend.fall is not None and trend.fall < SLIGHT_FALL and trend.now > UNSOLVED and strides(now):
        evidence = f"‖ΔW‖/‖W‖ is {now.ratio:.2g} and the loss {changed_by(trend.fall)}"
        yield Symptom("learning_rate_too_high", "warning", evidence, now.ratio, LARGE_STEP, form="step")
    elif thrown(now):
        largest = now.largest
        evidence = (
            f"in step {largest.step} an update changed {of_layer('W', largest.layer)} by {largest.ratio:.2g} of its "
            "norm, and since then half of a layer has no slope"
        )
        yield Symptom("learning_rate_too_high", "warning", evidence, largest.ratio, THROW, largest.layer, form="thrown")


def grown(bounds: float) -> Symptom:
    """The symptom of a loss that is so many times the bound of what may be."""
    times = GROWN * bounds
    evidence = f"the loss is {times:.2g} times that of the start"
    return Symptom("learning_rate_too_high", "warning", evidence, times, GROWN, form="worse")


def changed_by(fall: float) -> str:
    """`fell by 0.2 % only`, `rose by 1.4 %`."""
    return f"fell by {fall:.1%} only" if fall >= 0 else f"rose by {-fall:.1%}"


def thrown(now: Measurement) -> bool:
    """Whether an update of the weights' own size has left a layer without slopes.

    An output that cuts to 0 is no matter of the steps: what it cannot give it cannot give at any rate.
    """
    if now.largest.ratio < THROW or now.step <= now.largest.step or now.trend.now < UNSOLVED:
        return False
    return any(
        len(layer.saturated or ()) >= MANY * layer.units
        or (layer is not now.layers[-1] and len(now.silent.get(layer.layer, ())) >= MANY * layer.units)
        for layer in now.layers
    )


def strides(now: Measurement) -> bool:
    """Whether the steps are large, also beside weights of the usual size: tiny weights double at any step."""
    own = any(layer.update and layer.update > LARGE_STEP * usual_norm(layer) for layer in now.layers)
    return own and now.ratio > LARGE_STEP


def learning_rate_too_low(now: Measurement) -> Symptoms:
    if is_too_low(now):
        evidence = (
            f"‖ΔW‖/‖W‖ is {now.ratio:.2g}, and ‖∇ℒ‖ is still {now.gradient / now.first_gradient:.0%} of the first"
        )
        yield Symptom("learning_rate_too_low", "warning", evidence, now.ratio, TINY_STEP)


def is_too_low(now: Measurement) -> bool:
    """Whether nothing but small steps keeps the loss from falling."""
    trend = now.trend
    return (
        trend.fall is not None
        and trend.fall < SLOW_FALL
        and trend.now > UNSOLVED
        and 0 < now.ratio < TINY_STEP
        and now.elasticity > STIFF
        and now.gradient > STRONG * now.first_gradient > 0
    )


def slow_convergence(now: Measurement) -> Symptoms:
    trend = now.trend
    if (
        trend.fall is not None
        and trend.halving is not None
        and trend.now > UNSOLVED
        and trend.stale < STALE
        and now.ratio < SMALL_STEP
        and trend.halving > FAR * trend.steps
        and not is_too_low(now)
    ):
        evidence = f"at this pace the loss takes {trend.halving:,.0f} more steps to halve, after {trend.steps:,}"
        value = trend.halving / trend.steps
        yield Symptom("slow_convergence", "warning", evidence, value, FAR)


def plateau(now: Measurement) -> Symptoms:
    trend = now.trend
    flat = trend.stale >= STALE and UNSOLVED < trend.now <= WORSE * max(trend.first, 1.0)
    if flat and now.ratio <= LARGE_STEP and not is_too_low(now):
        grave: Severity = "info" if now.at_optimum else "warning"
        evidence = (
            f"no mean loss lower by {IMPROVEMENT:.1%} for {trend.stale * trend.period:,} steps; "
            f"it is {trend.now:.0%} of that of the best constant answer"
        )
        yield Symptom(
            "plateau", grave, evidence, float(trend.stale), float(STALE), form="optimum" if now.at_optimum else ""
        )


def too_few_units(now: Measurement) -> Symptoms:
    trend, about, more = now.trend, now.circumstances, now.gain_of_more
    narrow = about.narrowest
    if more is None or narrow is None or not at_rest(now) or any(now.silent.values()) or is_too_low(now):
        return
    if asks_for_bends(more, now.examples):
        units = now.layers[narrow - 1].units
        evidence = (
            f"with {units} {'unit' if units == 1 else 'units'} in layer {narrow} the loss is {trend.now:.0%} of that "
            f"of the best constant answer and falls no more; of what it leaves wrong, a further answer from the same "
            f"inputs explains {more:.0%}"
        )
        yield Symptom("too_few_units", "warning", evidence, float(units), float(FEW_UNITS), narrow)


def at_rest(now: Measurement) -> bool:
    """Whether the loss, which has fallen, falls no more, and not for want of steps."""
    trend = now.trend
    if trend.fall is None or trend.fall >= SLIGHT_FALL or not UNSOLVED < trend.now < BEGUN:
        return False
    return trend.stale >= STALE or SMALL_STEP < now.ratio <= LARGE_STEP or now.elasticity < GENTLE


def overfitting(now: Measurement) -> Symptoms:
    test = now.test
    if test is not None and test.overfit >= PATIENCE:
        times = test.last / test.lowest if test.lowest else inf
        evidence = (
            f"the test loss is {test.last:.3g}, {times:.2g} times its lowest of step {test.step}; "
            f"the training loss went from {test.training_then:.3g} to {test.training:.3g}"
        )
        yield Symptom("overfitting", "warning", evidence, times, OVERFIT)


RULES = (
    Rule(
        "learning_rate_too_high",
        "learning rate too high",
        f"the loss is over {GROWN:g} times that of the start, or ‖ΔW‖/‖W‖ is over {SMALL_STEP:g} and the loss over "
        f"{WORSE:g} times that of the start and of a constant answer, or it grows {RISES} steps in a row to "
        f"{WORSE_AT_ONCE:g} times, or ‖ΔW‖/‖W‖ is over {LARGE_STEP:g} and the loss does not fall, or an update has "
        f"changed weights by over {THROW:g} of their norm and half of a layer has no slope since",
        learning_rate_too_high,
    ),
    Rule(
        "learning_rate_too_low",
        "learning rate too low",
        f"‖ΔW‖/‖W‖ is below {TINY_STEP:g} and the loss hardly falls, though the gradient is not much weaker than "
        "in the first step",
        learning_rate_too_low,
        patience=CONFIRMED,
    ),
    Rule(
        "slow_convergence",
        "slow convergence",
        f"‖ΔW‖/‖W‖ is below {SMALL_STEP:g}, and at its pace the loss would halve in over {FAR:g} times the steps done",
        slow_convergence,
        patience=CONFIRMED,
    ),
    Rule(
        "plateau",
        "plateau",
        f"no mean loss that is lower by {IMPROVEMENT:.1%} for {STALE} periods of whole epochs or of steps, and it is "
        f"over {UNSOLVED:.0%} of a constant answer's",
        plateau,
        patience=CONFIRMED,
    ),
    Rule(
        "too_few_units",
        "too few units",
        f"a hidden layer has {FEW_UNITS} units or fewer, the loss has fallen, falls no more and is over {UNSOLVED:.0%} "
        "of the best constant answer's, and examples that were held back are answered better with more than it gives",
        too_few_units,
    ),
    Rule(
        "overfitting",
        "overfitting",
        f"the test loss is over {OVERFIT:g} times its lowest, and the training loss under {LEARNED:g} of what it "
        f"was then, in {PATIENCE} evaluations in a row",
        overfitting,
        patience=1,
    ),
)
