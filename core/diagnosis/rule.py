"""What a rule of the diagnosis is: a pure function of one measurement, and how long what it sees has to last."""

from collections.abc import Callable, Iterator

from backprop_tui.core.value_class import dataclass

from .findings import Symptom
from .measurement import Measurement

PATIENCE = 3
"""Measurements in a row that a symptom has to be there, or gone."""
CONFIRMED = 2
"""The same for rules that look at many steps themselves."""
FIRST_STEPS = 10
"""Steps that are all measured."""
MANY, SOME = 0.5, 0.25
"""Shares of the units of a layer."""
LARGE_STEP, SMALL_STEP, TINY_STEP = 0.05, 1e-3, 1e-4
"""‖ΔW‖/‖W‖."""
WORSE = 1.1
"""A mean loss this many times the first has grown."""
GROWN = 1000.0
"""A loss this many times that of the start, or of the best constant answer, has grown beyond all bounds."""
SLIGHT_FALL, SLOW_FALL = 0.01, 0.05
"""Shares by which a mean loss falls, from some periods to as many more."""
SOLVED, UNSOLVED = 0.01, 0.5
"""The loss in shares of that of the best constant answer."""

Symptoms = Iterator[Symptom]


@dataclass(frozen=True, slots=True)
class Rule:
    """`definition`: the rule in one line, with its thresholds. `patience`: measurements in a row that it takes.

    `until`: the last step at which it looks for new symptoms; None where it always does.
    """

    id: str
    title: str
    definition: str
    see: Callable[[Measurement], Symptoms]
    patience: int = PATIENCE
    until: int | None = None
