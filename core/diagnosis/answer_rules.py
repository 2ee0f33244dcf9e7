"""Rules about what the network answers: always the same class, or no more than a line can give."""

from .findings import Symptom
from .measurement import Measurement
from .rule import CONFIRMED, SLIGHT_FALL, SLOW_FALL, UNSOLVED, Rule, Symptoms

FEWEST = 20
TOO_HIGH = 2.0
"""The level above which it is no matter of the best that a line can give."""
FREQUENT = 1.2
"""A class is frequent that is had by so many times its even share of the examples."""


def linear_network(now: Measurement) -> Symptoms:
    trend, about = now.trend, now.circumstances
    at_rest = trend.fall is not None and trend.fall < SLIGHT_FALL and trend.now > UNSOLVED
    if not (about.linear and at_rest and now.trend.now <= TOO_HIGH and about.asks_for_bends):
        return
    evidence = (
        f"the loss is {trend.now:.0%} of that of the best constant answer and falls no more; of what a line leaves, "
        f"a nonlinear answer explains {about.gain_of_bending:.0%}"
    )
    yield Symptom("linear_network", "warning", evidence, about.gain_of_bending, None)


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
        "no hidden layer is nonlinear, the loss falls no more, and examples that were held back are answered better by "
        "what is not linear",
        linear_network,
        patience=CONFIRMED,
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
