"""Rules about how the loss goes: steps too large or too small, slow, stuck, and learning by heart."""

from math import inf

from .findings import Symptom
from .held_out_trend import LEARNED, OVERFIT
from .measurement import Measurement
from .rule import CONFIRMED, FIRST_STEPS, LARGE_STEP, PATIENCE, SMALL_STEP, TINY_STEP, UNSOLVED, Rule, Symptoms
from .start_rules import usual_norm

WORSE, WORSE_AT_ONCE = 1.1, 2.0
SLIGHT_FALL, SLOW_FALL = 0.01, 0.05
STIFF = 0.05
STRONG = 0.25
FAR = 5.0
STALE = 10


def learning_rate_too_high(now: Measurement) -> Symptoms:
    trend = now.trend
    start = max(trend.first, 1.0)
    limit = WORSE if trend.whole else WORSE_AT_ONCE
    if trend.steps >= FIRST_STEPS // 2 and trend.now > limit * start and now.ratio > SMALL_STEP:
        of = "that of the best constant answer" if trend.first <= 1 else "the first one"
        evidence = f"the mean loss of the last steps is {trend.now / start:.2g} times {of}"
        yield Symptom("learning_rate_too_high", "warning", evidence, trend.now / start, limit, form="worse")
    elif trend.fall is not None and trend.fall < SLIGHT_FALL and trend.now > UNSOLVED and strides(now):
        evidence = f"‖ΔW‖/‖W‖ is {now.ratio:.2g} and the loss fell by {trend.fall:.1%} only"
        yield Symptom("learning_rate_too_high", "warning", evidence, now.ratio, LARGE_STEP, form="step")


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
        evidence = (
            f"no new lowest mean loss for {trend.stale * trend.period:,} steps; it is {trend.now:.0%} of that of the "
            "best constant answer"
        )
        yield Symptom("plateau", "warning", evidence, float(trend.stale), float(STALE))


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
        f"‖ΔW‖/‖W‖ is over {SMALL_STEP:g} and the loss over {WORSE:g} times the first one and a constant answer's, "
        f"or ‖ΔW‖/‖W‖ is over {LARGE_STEP:g} and the loss does not fall",
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
        f"no new lowest mean loss for {STALE} epochs, or as many stretches of steps, and the loss is over "
        f"{UNSOLVED:.0%} of a constant answer's",
        plateau,
        patience=CONFIRMED,
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
