"""What follows from what: the findings of a run, the root cause first and what follows from it behind it."""

from collections.abc import Sequence

from backprop_tui.core.value_class import dataclass

from .findings import SEVERITIES, Finding

DATA = ("targets_out_of_range", "batch_norm_of_one", "inputs_not_scaled", "targets_not_scaled")
SETTINGS = ("penalty_too_strong", "dropout_too_strong", "sorted_examples", "symmetric_weights", "symmetric_outputs")
LARGE_STEPS = "learning_rate_too_high"
START = "poor_initialization"
GRADIENTS = ("exploding_gradient", "vanishing_gradient")
FEW = "too_few_units"
UNITS = ("dead_units", "saturated_units")
FIXED = "fixed_answer"
SLOW = ("learning_rate_too_low", "slow_convergence", "plateau", "one_class_only")
ORDER = (*DATA, *SETTINGS, LARGE_STEPS, START, *GRADIENTS, FEW, *UNITS, "linear_network", "not_finite", FIXED, *SLOW)
"""Causes before what may follow from them; where two findings are there, the first may be the cause of the second."""
NO_CAUSES = {
    LARGE_STEPS: ("dropout_too_strong", "sorted_examples", "symmetric_weights"),
    START: ("penalty_too_strong", "dropout_too_strong", "sorted_examples", "symmetric_weights", LARGE_STEPS),
    "linear_network": (*GRADIENTS, *UNITS),
    "exploding_gradient": ("penalty_too_strong", "sorted_examples", "symmetric_weights", "batch_norm_of_one"),
    "not_finite": ("penalty_too_strong", "sorted_examples", "symmetric_weights", "vanishing_gradient"),
    "penalty_too_strong": DATA,
    "dropout_too_strong": DATA,
    "sorted_examples": DATA,
    "symmetric_weights": DATA,
    "inputs_not_scaled": ("targets_out_of_range", "batch_norm_of_one"),
    "targets_not_scaled": DATA,
    "targets_out_of_range": DATA,
    "symmetric_outputs": (*DATA, "penalty_too_strong", "dropout_too_strong", "sorted_examples"),
    FEW: (START,),
    "batch_norm_of_one": DATA,
    FIXED: (*DATA, *SETTINGS, LARGE_STEPS, START, *GRADIENTS, FEW, *UNITS, "linear_network", "not_finite"),
}
"""What a rule does not follow from, though it stands behind it in the order."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A finding and the one that it follows from; None for a root."""

    finding: Finding
    follows: Finding | None


def joined(findings: Sequence[Finding]) -> list[Joined]:
    """All findings: the root cause first, each with what follows from it behind it, then the next root.

    Those that are still there come before those that have gone, the graver first; of findings alike the earlier one.
    """
    causes = [cause_of(finding, findings) for finding in findings]
    families = [
        (root, sorted((other for other, cause in zip(findings, causes, strict=True) if cause is root), key=weight))
        for root, cause in zip(findings, causes, strict=True)
        if cause is None
    ]
    found: list[Joined] = []
    # A root that has gone stands before what it left behind, and counts as much as that.
    for root, rest in sorted(families, key=lambda each: (min(map(standing, (each[0], *each[1]))), weight(each[0]))):
        found.append(Joined(root, None))
        found += [Joined(finding, root) for finding in rest]
    return found


def root(findings: Sequence[Finding]) -> Finding | None:
    """The first of what is still there: a root cause, or what one that has gone left behind; None where nothing is."""
    return next((each.finding for each in joined(findings) if each.finding.active), None)


def weight(finding: Finding) -> tuple[bool, int, int, int]:
    """What comes first among findings of which none follows from another."""
    return *standing(finding), place(finding.rule), finding.step


def standing(finding: Finding) -> tuple[bool, int]:
    """What is still there before what has gone, and the graver first."""
    return not finding.active, -grade(finding)


def grade(finding: Finding) -> int:
    """Warnings and errors are alike: which is the cause does not go by what is worse."""
    return min(SEVERITIES.index(finding.severity), 1)


def place(rule: str) -> int:
    return ORDER.index(rule) if rule in ORDER else len(ORDER)


def cause_of(finding: Finding, findings: Sequence[Finding]) -> Finding | None:
    """The root that a finding follows from: the first in the order that may be its cause."""
    causes = [other for other in findings if may_cause(other, finding)]
    cause = min(causes, key=lambda other: (place(other.rule), other.step), default=None)
    return None if cause is None else cause_of(cause, findings) or cause


def may_cause(cause: Finding, finding: Finding) -> bool:
    """Whether one finding may follow from another."""
    if cause.rule not in ORDER or finding.rule not in ORDER or place(cause.rule) >= place(finding.rule):
        return backwards(cause, finding)
    if cause.rule in NO_CAUSES.get(finding.rule, ()) or not grade(cause) or backwards(finding, cause):
        return False
    if cause.cleared <= finding.step and cause.rule != START and not (cause.rule == LARGE_STEPS and stays(finding)):
        return False
    if cause.rule == LARGE_STEPS:
        return not from_the_start(finding)
    if cause.rule == FIXED:
        return cause.symptom.form == "much"
    return True


def backwards(cause: Finding, finding: Finding) -> bool:
    """Gradients that explode from the start make the steps too large, not the other way round."""
    return cause.rule == "exploding_gradient" and finding.rule == LARGE_STEPS and from_the_start(cause)


def stays(finding: Finding) -> bool:
    """Whether it stays when what brought it about has gone: what is flat gets no gradient that would move it."""
    return finding.rule in UNITS


def from_the_start(finding: Finding) -> bool:
    """Whether it was there before any update could have brought it about."""
    from .rules import RULES  # Not needed to open.

    return finding.step <= RULES[finding.rule].patience
