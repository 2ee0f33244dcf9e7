"""Rules about what the network answers: always the same class, no more than a line or a few units can give."""

from .findings import Symptom
from .loss_trend import STALE
from .measurement import Measurement
from .nonlinearity import asks_for_bends
from .progress_rules import is_too_low
from .rule import CONFIRMED, LARGE_STEP, SLIGHT_FALL, SLOW_FALL, SMALL_STEP, UNSOLVED, Rule, Symptoms

FEWEST = 20
FREQUENT = 1.2
"""A class is frequent that is had by so many times its even share of the examples."""
FEW_UNITS = 4
"""Units of a hidden layer that may be too few."""
BEGUN = 0.99
"""The level below which something has been learned, and it is no start that nothing has come of yet."""

GENTLE = 0.2
"""‖∇ℒ‖ ‖θ‖ / ℒ below which there is little left to go down, whatever the steps."""


def linear_network(now: Measurement) -> Symptoms:
    trend, about = now.trend, now.circumstances
    at_rest = trend.fall is not None and trend.fall < SLIGHT_FALL and trend.now > UNSOLVED
    if not (about.linear and at_rest and now.trend.now <= 1.1 and about.asks_for_bends):
        return
    evidence = (
        f"the loss is {trend.now:.0%} of that of the best constant answer and falls no more; of what a line leaves, "
        f"an answer that bends explains {about.gain_of_bending:.0%}"
    )
    yield Symptom("linear_network", "warning", evidence, about.gain_of_bending, None)


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


def one_class_only(now: Measurement) -> Symptoms:
    trend, answered = now.trend, now.answered
    idle = trend.fall is not None and trend.fall < SLOW_FALL and trend.now > UNSOLVED
    if not idle or answered is None or len(answered) != 1 or now.examples < FEWEST:
        return
    share = now.circumstances.share_of(answered[0])
    if share > FREQUENT / now.circumstances.class_count:
        name = now.circumstances.class_name(answered[0])
        evidence = (
            f"all {now.examples:,} training examples are answered with class {name}, which {share:.0%} of them have: "
            "that is the accuracy"
        )
        yield Symptom("one_class_only", "warning", evidence, share, None, len(now.layers))


RULES = (
    Rule(
        "linear_network",
        "a linear network",
        "no hidden layer bends, the loss falls no more, and examples that were held back are answered better by "
        "what is not linear",
        linear_network,
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
        "one_class_only",
        "one class only",
        f"every training example is answered with the same class, the loss falls by less than {SLOW_FALL:.0%} and is "
        f"over {UNSOLVED:.0%} of the best constant answer's",
        one_class_only,
        patience=CONFIRMED,
    ),
)
