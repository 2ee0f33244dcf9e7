"""What follows from what, over findings that are still there and findings that have gone."""

from dataclasses import replace
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


def test_units_stay_flat_when_the_steps_that_threw_them_have_become_small() -> None:
    gone = found("learning_rate_too_high", 4, cleared=30)
    for rule in ("dead_units", "saturated_units"):
        later = found(rule, 90)
        assert [(each.finding, each.follows) for each in joined([later, gone])] == [(gone, None), (later, gone)]
    # A loss that no longer falls at step 90 is no matter of steps that were large before step 30.
    later = found("plateau", 90)
    assert all(each.follows is None for each in joined([later, gone]))


def test_an_answer_that_cannot_move_is_the_cause_of_a_plateau_where_it_is_much_of_the_loss() -> None:
    flat, little = found("plateau", 90), found("fixed_answer", 1)
    much = replace(little, symptom=replace(little.symptom, form="much"))
    assert [(each.finding, each.follows) for each in joined([flat, much])] == [(much, None), (flat, much)]
    assert all(each.follows is None for each in joined([flat, little]))
    # It is no cause of units that are dead, and follows from nothing.
    assert all(each.follows is None for each in joined([found("dead_units", 4), much]))
