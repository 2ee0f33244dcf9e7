"""What follows from what, over findings that are still there and findings that have gone."""

from math import inf

from backprop_tui.core.diagnosis.findings import Finding, Severity, Symptom
from backprop_tui.core.diagnosis.roots import joined, root


def found(rule: str, step: int, cleared: float = inf, severity: Severity = "warning") -> Finding:
    return Finding(Symptom(rule, severity, "", 1.0, None), step, "", (), cleared)


START = found("poor_initialization", 1)
EXPLODED = found("exploding_gradient", 1, cleared=5)
STEPS = found("learning_rate_too_high", 2)
DEAD = found("dead_units", 4, severity="error")


def test_a_cause_that_has_gone_still_leads_from_the_root_to_what_it_left_behind() -> None:
    assert [each.finding for each in joined([DEAD, STEPS, EXPLODED, START])] == [START, STEPS, DEAD, EXPLODED]
    assert all(each.follows is START for each in joined([DEAD, STEPS, EXPLODED, START])[1:])
    assert root([DEAD, STEPS, EXPLODED, START]) is START


def test_what_a_root_that_has_gone_left_behind_counts_for_it() -> None:
    gone, info = found("learning_rate_too_high", 2, cleared=9), found("targets_not_scaled", 3, severity="info")
    assert [each.finding for each in joined([info, gone, DEAD])] == [gone, DEAD, info]
    assert root([info, gone, DEAD]) is DEAD


def test_without_anything_left_there_is_no_root() -> None:
    assert root([]) is None
    assert root([EXPLODED]) is None
    assert [each.finding for each in joined([EXPLODED, START])] == [START, EXPLODED]
