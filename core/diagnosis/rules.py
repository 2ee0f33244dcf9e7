"""All rules of the diagnosis by their ids, the gravest first.

Thresholds are the published ones of SageMaker Debugger, AutoTrainer, nnscope and cs231n where these hold on small
networks too. They are relative: a network that has learned what there is has tiny gradients everywhere, and is well.
"""

from collections.abc import Collection

from . import answer_rules, circumstance_rules, gradient_rules, progress_rules, start_rules, unit_rules
from .findings import Symptom
from .measurement import Measurement
from .rule import Rule

RULES: dict[str, Rule] = {
    rule.id: rule
    for rules in (
        gradient_rules.RULES,
        circumstance_rules.RULES,
        unit_rules.RULES,
        start_rules.RULES,
        progress_rules.RULES,
        answer_rules.RULES,
    )
    for rule in rules
}


def symptoms(now: Measurement, active: Collection[str]) -> list[Symptom]:
    """What the rules see; those for the start of a run look only there, and as long as they are `active`.

    Where numbers are not finite there is nothing else to see.
    """
    broken = list(RULES["not_finite"].see(now))
    return broken or [
        symptom
        for rule in RULES.values()
        if rule.until is None or now.step <= rule.until or rule.id in active
        for symptom in rule.see(now)
    ]
