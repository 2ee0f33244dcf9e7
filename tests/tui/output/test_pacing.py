"""When the next picture may be sent, and how long a pane rests."""

import pytest

from backprop_tui.tui.output.pacing import ANSWERED, USUAL, USUAL_AFAR, Frugality, Pacing, usual_fps


def test_pictures_are_as_far_apart_as_was_asked_for() -> None:
    pacing = Pacing(fps=4)
    assert pacing.due(100.0) == 100.0
    pacing.sent = 100.0
    assert pacing.due(100.1) == 100.25
    assert pacing.due(100.3) == 100.3


def test_what_a_key_changes_is_shown_at_once_and_what_comes_later_waits() -> None:
    pacing = Pacing(fps=1)
    pacing.sent, pacing.pressed = 100.0, 100.1
    assert pacing.due(100.1 + ANSWERED / 2) == 100.1 + ANSWERED / 2
    assert pacing.due(100.1 + 2 * ANSWERED) == 101.0


def test_by_ssh_there_are_fewer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    assert usual_fps() == USUAL == 15
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22")
    assert usual_fps() == USUAL_AFAR == 10


def test_panes_together_keep_to_the_budget_and_rest_the_longer_the_more_they_send() -> None:
    frugality, cells = Frugality(USUAL_AFAR), 120 * 36
    # Of 5 bytes a cell and second the pane that is read may send 8,640, each of four others 3,240.
    assert frugality.rest(8640, cells, 5, read=True) == pytest.approx(1)
    assert frugality.rest(6480, cells, 5, read=False) == pytest.approx(2)
    assert frugality.rest(6480, cells, 1, read=False) == pytest.approx(0.5)


def test_of_a_slow_line_the_panes_take_half() -> None:
    frugality = Frugality(USUAL)
    frugality.rate = 10_000
    assert frugality.rest(2000, 4320, 5, read=True) == pytest.approx(1)
    assert frugality.rest(1500, 4320, 5, read=False) == pytest.approx(2)


def test_near_by_no_pane_rests() -> None:
    assert Frugality(USUAL_AFAR + 1).rest(10**6, 4320, 5, read=False) == 0
