"""The learning rate of each step: a pure function of the rate that is set, its schedule, and the number of the step.

The forms are those of PyTorch's schedulers, stepped after every update: StepLR, ExponentialLR and CosineAnnealingLR;
a warm-up is its LinearLR, after which the schedule begins (SequentialLR). In symbols: k is the step, from 1, η the
learning rate that is set, n the steps of warm-up, and φ the share of η that they begin with.
"""

from math import cos, floor, inf, pi

from backprop_tui.core.ops.expression import (
    FLOOR,
    POWER,
    Apply,
    Constant,
    Expression,
    Negative,
    Product,
    Quotient,
    Sum,
    whole,
)
from backprop_tui.core.preset.tables import OptimizerPreset, SchedulePreset

RATE = "ηₖ"
"""The symbol of a step's learning rate under a schedule."""


def is_scheduled(optimizer: OptimizerPreset) -> bool:
    """Whether the rate changes from step to step."""
    return optimizer.schedule.kind != "constant" or optimizer.schedule.warm_up > 0


def rate_of_step(optimizer: OptimizerPreset, step: int) -> float:
    """The learning rate of step `step` of the run, from 1."""
    rate, schedule, past = optimizer.learning_rate, optimizer.schedule, step - 1
    if past < schedule.warm_up:
        share = schedule.start_factor
        return rate * (share + (1 - share) * past / schedule.warm_up)
    past -= schedule.warm_up
    match schedule.kind:
        case "step":
            return rate * power(gamma_of(schedule), past // schedule.step_size)
        case "exponential":
            return rate * power(gamma_of(schedule), past)
        case "cosine":
            low = schedule.eta_min
            return low + (rate - low) * (1 + cos(pi * past / schedule.t_max)) / 2
    return rate


def gamma_of(schedule: SchedulePreset) -> float:
    assert schedule.gamma is not None
    return schedule.gamma


def power(base: float, exponent: float) -> float:
    """`base` to the power of `exponent`; infinite where no number is as large."""
    try:
        return float(base**exponent)
    except OverflowError:
        return inf


def explained_rate(optimizer: OptimizerPreset, step: int) -> Expression:
    """How the rate of step `step` came about."""
    if step <= optimizer.schedule.warm_up:
        return of_warm_up(optimizer, step)
    return after_warm_up(optimizer, step)


def schedule_rule(optimizer: OptimizerPreset) -> tuple[str, ...]:
    """The formulas of the rate: one, or that of the warm-up and that of the steps after it; none without a schedule."""
    if not is_scheduled(optimizer):
        return ()
    warm_up = optimizer.schedule.warm_up
    later = f"{RATE} = {after_warm_up(optimizer, warm_up + 1).symbols()}"
    if not warm_up:
        return (later,)
    return f"{RATE} = {of_warm_up(optimizer, 1).symbols()} for k ≤ n", f"{later} for k > n"


def counted(symbol: str, number: int) -> Constant:
    """A whole number with a name."""
    return Constant(symbol, float(number), str(number))


def steps_before(step: int, warm_up: int) -> Expression:
    """k − 1, or k − 1 − n: the steps of the schedule that are over."""
    terms = (counted("k", step), Negative(whole(1)))
    return Sum((*terms, Negative(counted("n", warm_up))) if warm_up else terms)


def of_warm_up(optimizer: OptimizerPreset, step: int) -> Expression:
    """η · (φ + (1 − φ) · (k − 1) / n)."""
    schedule, share = optimizer.schedule, Constant("φ", optimizer.schedule.start_factor)
    rise = Product((Sum((whole(1), Negative(share))), steps_before(step, 0)))
    return Product((eta(optimizer), Sum((share, Quotient(rise, counted("n", schedule.warm_up))))))


def after_warm_up(optimizer: OptimizerPreset, step: int) -> Expression:
    """The schedule's own formula."""
    rate, schedule = eta(optimizer), optimizer.schedule
    past = steps_before(step, schedule.warm_up)
    match schedule.kind:
        case "step":
            drops = Apply(FLOOR, floor, (Quotient(past, counted("s", schedule.step_size)),))
            return Product((rate, Apply(POWER, power, (Constant("γ", gamma_of(schedule)), drops))))
        case "exponential":
            return Product((rate, Apply(POWER, power, (Constant("γ", gamma_of(schedule)), past))))
        case "cosine":
            return of_cosine(rate, schedule, past)
    return rate


def of_cosine(rate: Constant, schedule: SchedulePreset, past: Expression) -> Expression:
    """η_min + ½ · (η − η_min) · (1 + cos(π · (k − 1) / T_max))."""
    turned = Quotient(Product((Constant("π", pi, "π"), past)), counted("T_max", schedule.t_max))
    wave = Sum((whole(1), Apply("cos", cos, (turned,))))
    half = Constant("½", 0.5, "½")
    if not schedule.eta_min:
        return Product((half, rate, wave))
    low = Constant("η_min", schedule.eta_min)
    return Sum((low, Product((half, Sum((rate, Negative(low))), wave))))


def eta(optimizer: OptimizerPreset) -> Constant:
    return Constant("η", optimizer.learning_rate)
