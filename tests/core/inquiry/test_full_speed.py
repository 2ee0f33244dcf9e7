"""Full speed ends where it was asked to, at whatever speed it gets there, and goes on from there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.inquiry.breakpoints import Breakpoint
from backprop_tui.core.inquiry.full_speed import MOST_EPOCHS, USUAL, FullSpeed, Limits, limits
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session

SLICES = (0.0, 0.002, 60.0)
"""Seconds between two turns of the event loop: one step at a time, a few, and all at once."""


def played(session: Session, asked: Limits, seconds: float, *breakpoints: Breakpoint) -> str:
    """Played at full speed to its end; why that was one."""
    leg = FullSpeed(Watch(session, breakpoints, Spotlight(1, 0, 0)), asked)
    while not leg.play(seconds) and not session.diverged:
        assert session.step < 100_000
    return leg.reason


@pytest.mark.parametrize("seconds", SLICES)
def test_it_ends_at_the_presets_steps_and_goes_on_from_there(session_of: Any, seconds: float) -> None:
    session = session_of("first-steps", changes={"training.stop": {"steps": 37}})
    assert played(session, USUAL, seconds) == "the preset's stop, after 37 steps"
    assert session.count == session.timeline.finish_of(37)
    assert played(session, Limits(stop=True, epochs=3), seconds) == "3 epochs more, as asked"
    assert session.step == 40
    session.seek(session.timeline.finish_of(12) + 4)
    assert played(session, USUAL, seconds) == "the preset's stop, after 37 steps"


@pytest.mark.parametrize("seconds", SLICES)
def test_it_ends_with_the_epochs_of_the_preset_or_those_asked_for(session_of: Any, seconds: float) -> None:
    changes = {"training.batch_size": 2, "training.stop": {"epochs": 6}}
    session = session_of("xor", changes=changes)
    session.advance(session.timeline.finish_of(3))
    # In the middle of epoch 2: that is the first of those asked for.
    assert played(session, Limits(epochs=1), seconds) == "1 epoch more, as asked"
    assert (session.step, session.epoch) == (4, 2)
    assert played(session, Limits(epochs=2), seconds) == "2 epochs more, as asked"
    assert (session.step, session.epoch) == (8, 4)
    assert played(session, Limits(stop=True), seconds) == "the preset's stop, after 6 epochs"
    assert session.step == 12


@pytest.mark.parametrize("seconds", SLICES)
def test_a_loss_is_looked_at_where_epochs_end_and_ends_it_once(session_of: Any, seconds: float) -> None:
    """The linear neuron's loss is 3.61 · 0.79530724ⁿ: below 0.001 after 36 steps, below 1 after 6."""
    session = session_of("linear-neuron", changes={"training.stop": {"loss_below": 0.001}})
    assert played(session, USUAL, seconds) == "the preset's stop: the training loss, 0.0009479, is below 0.001"
    assert session.step == 36
    assert played(session, Limits(stop=True, epochs=5), seconds) == "5 epochs more, as asked"
    assert session.step == 41


def test_an_accuracy_ends_it(session_of: Any) -> None:
    session = session_of("xor", changes={"training.stop": {"accuracy_above": 0.99}})
    assert "the training accuracy, 1, is above 0.99" in played(session, USUAL, 0.01)
    assert session.evaluate().training.accuracy == 1
    step = session.step
    session.seek(session.timeline.finish_of(step - 1))
    assert session.evaluate().training.accuracy != 1


def first_steps_of_kinds(session: Session, steps: int) -> dict[int, set[str]]:
    """The steps at which a kind of finding, more than a remark, is made first, and which kinds."""
    session.advance(session.timeline.finish_of(steps))
    first: dict[str, int] = {}
    for finding in sorted(session.findings(), key=lambda finding: finding.step):
        if finding.severity != "info":
            first.setdefault(finding.rule, finding.step)
    return {step: {rule for rule, at in first.items() if at == step} for step in sorted(first.values())}


def test_it_ends_where_a_finding_of_a_new_kind_is_made_and_at_no_other_of_that_kind(session_of: Any) -> None:
    expected = first_steps_of_kinds(session_of("vanishing"), 500)
    assert len(expected) > 1
    for seconds in SLICES:
        session = session_of("vanishing")
        for step, kinds in expected.items():
            reason = played(session, Limits(finding=True), seconds)
            assert reason.startswith(f"a new finding in step {step}: "), seconds
            assert session.count == session.timeline.finish_of(step)
            assert any(RULES[kind].title in reason for kind in kinds)


def test_gone_through_again_from_within_a_step_it_ends_at_the_same_places(session_of: Any) -> None:
    session = session_of("vanishing")
    first, second = list(first_steps_of_kinds(session, 500))[:2]
    session.seek(session.timeline.finish_of(first) + 4)
    assert played(session, USUAL, 60.0).startswith(f"a new finding in step {second}: ")
    assert session.step == second


def test_a_loss_that_grows_beyond_bounds_is_found_where_it_does(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 0.3})
    reason = played(session, USUAL, 60.0)
    assert "learning rate too high" in reason
    assert reason.startswith(f"a new finding in step {session.step}: ")
    assert any(one.step == session.step for one in session.findings())


def test_with_nothing_asked_for_it_goes_on(session_of: Any) -> None:
    session = session_of("vanishing", changes={"training.stop": {"steps": 5}})
    leg = FullSpeed(Watch(session, (), Spotlight(1, 0, 0)), Limits())
    while session.step < 60:
        assert not leg.play(0.001)
    assert leg.reason == ""


def test_a_breakpoint_ends_it_without_a_reason_of_its_own(session_of: Any) -> None:
    session = session_of("xor", changes={"optimizer.learning_rate": 60.0, "training.stop": {"steps": 900}})
    reason = played(session, Limits(stop=True), 0.01, Breakpoint("loss_rises"))
    assert reason == ""
    assert 0 < session.step < 900


def test_breakpoints_that_do_not_hold_leave_the_end_where_it_is(session_of: Any) -> None:
    session = session_of("first-steps", changes={"training.stop": {"steps": 37}})
    reason = played(session, USUAL, 60.0, Breakpoint("gradient_above", 1e9))
    assert (reason, session.step) == ("the preset's stop, after 37 steps", 37)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("stop", Limits(stop=True)),
        ("Finding", Limits(finding=True)),
        ("5 epochs", Limits(epochs=5)),
        ("1 epoch", Limits(epochs=1)),
        ("after 1,000 epochs", Limits(epochs=1000)),
        ("12", Limits(epochs=12)),
        ("finding  or stop", USUAL),
        ("stop or finding or 3 epochs", Limits(True, True, 3)),
        ("never", Limits()),
    ],
)
def test_what_is_asked_for_is_read_from_words(text: str, asked: Limits) -> None:
    assert limits(text) == asked


@given(
    st.builds(
        Limits, st.booleans(), st.booleans(), st.one_of(st.none(), st.integers(min_value=1, max_value=MOST_EPOCHS))
    )
)
def test_words_and_limits_lead_to_each_other(asked: Limits) -> None:
    assert limits(str(asked)) == asked


@pytest.mark.parametrize("text", ["", "x", "0 epochs", "-3", "stop and finding", "never or stop", "1e3 epochs", "٣"])
def test_anything_else_is_told_what_was_expected(text: str) -> None:
    with pytest.raises(PresetError, match="expected") as problem:
        limits(text)
    assert "\n" not in str(problem.value)
    assert repr(text)[1:-1] in str(problem.value)


@given(st.text())
def test_no_text_is_read_as_more_than_it_says(text: str) -> None:
    try:
        asked = limits(text)
    except PresetError:
        return
    assert limits(str(asked)) == asked
