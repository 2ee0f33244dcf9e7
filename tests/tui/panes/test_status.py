"""The line above the panes: what it says of the network and of the step."""

from typing import Any

from backprop_tui.tui.panes.status import network_text


def test_the_rate_is_that_of_the_step_behind_or_behind_an_edit_that_of_the_next(session_of: Any) -> None:
    session = session_of("xor", changes={"optimizer": {"kind": "sgd", "learning_rate": 0.5}})
    session.seek(session.timeline.finish_of(5))
    edited = session.branch("optimizer.schedule.kind", "exponential")
    edited = edited.branch("optimizer.schedule.gamma", 0.5)
    assert network_text(session).endswith("sgd 0.5")
    # The rate of step 6 is 0.5 · 0.5⁵.
    assert network_text(edited).endswith("sgd 0.01562")
    edited.seek(edited.timeline.finish_of(6))
    assert network_text(edited).endswith("sgd 0.01562")
    edited.seek(edited.timeline.finish_of(4))
    assert network_text(edited).endswith("sgd 0.5")
