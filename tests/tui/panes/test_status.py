"""The line above the panes: what it says of the network and of the step."""

from types import SimpleNamespace
from typing import Any

import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.status import counters_line, network_text, status_line
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.running.run_name import AS_OPENED, branch_label, run_text


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


def test_a_run_has_a_name_where_there_are_others(session_of: Any) -> None:
    session = session_of("xor")
    edited = session.branch("W1[1,2]", 0.5)
    assert run_text(session, [session], None) == ""
    assert run_text(session, [session, edited], None) == "run 1 of 2: as opened"
    assert run_text(edited, [session, edited], None).startswith("run 2 of 2: after step 0: W1[1,2]")
    # One that is compared is called what it is called there.
    other: Any = SimpleNamespace(runs=[SimpleNamespace(name="three units", session=edited)])
    assert run_text(edited, [session, edited], other) == "run 2 of 2: three units"
    assert run_text(session, [session, edited], other) == "run 1 of 2: as opened"


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII)])
@pytest.mark.parametrize("width", [20, 80, 120, 200])
def test_the_name_of_the_run_stands_first_and_leaves_the_title_room(session_of: Any, width: int, look: Look) -> None:
    session = session_of("xor")
    view = View(Spotlight(1, 0, 0), look=look)
    short = status_line(session, view, "", width, name="run 2 of 3: Adam").text
    long = status_line(session, view, "", width, name=f"run 2 of 3: {'after step 100: W1[1,2] = 0.5; ' * 9}").text
    assert max(len(short), len(long)) <= width
    assert "backprop-tui" in status_line(session, view, "", 120).text
    if width >= 80:
        assert short.startswith("run 2 of 3: Adam  XOR: wh")
        assert long.startswith("run 2 of 3: after step 100")
        assert f"{look.glyphs.ellipsis}  XOR" in long
        assert long.rstrip().endswith("paused")


def test_a_name_says_settings_one_by_one_and_nothing_that_is_as_it_was(session_of: Any) -> None:
    opened = session_of("spiral")
    assert branch_label(session_of("spiral", changes={"loss.kind": opened.preset.loss.kind}), opened) == AS_OPENED
    both = session_of("spiral", changes={"loss.kind": "mean_squared_error", "optimizer.learning_rate": 0.25})
    assert branch_label(both, opened) == (
        "from the start: optimizer.learning_rate = 0.25, loss.kind = mean_squared_error"
    )
    weights = session_of("first-steps", changes={"layers.0.weights": [[0.1, 0.2], [0.3, 0.4]]})
    assert branch_label(weights, session_of("first-steps")).startswith("from the start: layers.0.weights.0.0 = 0.1")


def test_of_a_notice_that_has_no_room_the_aside_gives_way_before_anything_is_cut(session_of: Any) -> None:
    session, said = session_of("xor"), "e: not here, since settings is hidden"
    assert counters_line(session, Look(), 80, f"{said} (by whom)").text.rstrip() == f"{said} (by whom)"
    assert counters_line(session, Look(), 40, f"{said} (by whom)").text.rstrip() == said
    assert counters_line(session, Look(), 20, f"{said} (by whom)").text.rstrip() == "e: not here, since…"
