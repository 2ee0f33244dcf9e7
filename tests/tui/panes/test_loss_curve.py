"""What the plot of the losses shows: means, other runs, and steps worked out again, each against numbers of its own."""

from collections.abc import Callable

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.history import History
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.loss_curve import loss_picture, smoothing_text, smoothings
from backprop_tui.tui.panes.loss_places import Stretch, value_at
from backprop_tui.tui.panes.loss_window import Window
from backprop_tui.tui.panes.overlay import ALL, MOST, OFF, Overlay, choices, chosen
from backprop_tui.tui.panes.view import View

CHANCE = np.random.default_rng(3)


def history_of(losses: list[float]) -> History:
    history = History(evaluate_every=10)
    history.losses.extend(losses)
    return history


@pytest.fixture
def session(session_of: Callable[..., Session]) -> Session:
    found = session_of("moons")
    found.seek(found.timeline.finish_of(60))
    return found


@pytest.fixture
def view() -> View:
    return View(Spotlight(1, 0, 0))


def names(session: Session, view: View) -> list[str]:
    return [one.name for one in loss_picture(session, view).series]


# The mean


def test_the_mean_is_chosen_and_its_steps_are_said(session: Session, view: View) -> None:
    assert smoothings(session) == [None, 0, 10]
    assert names(session, view) == ["batch", "mean of 3", "test"]
    assert smoothing_text(session, view) == "mean of the last 3 batch losses, a twentieth of the run"
    view.smoothing = 10
    batch, mean, _ = loss_picture(session, view).series
    assert mean.name == "mean of 10"
    for step in (1, 7, 10, 33, 60):
        expected = np.mean(batch.low[max(step - 10, 0) : step])
        assert mean.low[step - 1] == pytest.approx(expected, rel=1e-12)
    assert smoothing_text(session, view).startswith("mean of the last 10 batch losses")
    assert batch.behind
    view.smoothing = 0
    assert names(session, view) == ["batch", "test"]
    assert loss_picture(session, view).series[0].behind, "a band, in which the test loss would be lost"
    assert smoothing_text(session, view) == "no mean: the loss of every step as it is"


def test_where_there_is_no_mean_it_is_said_why(session_of: Callable[..., Session], view: View) -> None:
    for preset, why in (("xor", "every step sees all examples"), ("spiral", "the run is short")):
        session = session_of(preset)
        session.forward("step")
        assert smoothing_text(session, view) == f"no mean of the losses: {why}"


def test_of_a_long_run_no_mean_goes_over_fewer_steps_than_are_known_as_one(session: Session, view: View) -> None:
    session.records.history.losses.extend(np.full(40_000, 0.5).tolist())
    assert session.history.losses.width == 16
    assert smoothings(session) == [None, 0, 100, 1000, 10_000]
    view.smoothing = 100
    assert "mean of 112" in names(session, view)


# Other runs


def test_other_runs_are_offered_by_what_they_are() -> None:
    empty, some, more = history_of([]), history_of([1.0, 0.5]), history_of([2.0])
    others = [Overlay("last run", "last run", some), Overlay("branches", "R", some), Overlay("branches", "S", more)]
    assert choices([]) == [OFF]
    assert choices(others) == [OFF, "last run", "branches", ALL]
    assert choices(others[:1]) == [OFF, "last run"]
    assert [one.name for one in chosen(others, "branches")] == ["R", "S"]
    # The last run is one of the branches.
    assert [one.name for one in chosen(others, ALL)] == ["last run", "S"]
    assert chosen(others, OFF) == []
    assert chosen([Overlay("variants", "V", empty)], "variants") == []
    many = [Overlay("variants", str(place), history_of([float(place)])) for place in range(9)]
    assert [one.name for one in chosen(many, "variants")] == ["0", "1", "2", "3", "4"]
    assert len(chosen(many, ALL)) == MOST


def test_another_run_lies_below_with_a_letter_and_the_same_mean(session: Session, view: View) -> None:
    losses = CHANCE.uniform(0.1, 2.0, 90).tolist()
    view.others = lambda: [Overlay("last run", "last run", history_of(losses))]
    view.overlay, view.smoothing = "last run", 10
    picture = loss_picture(session, view)
    other = picture.series[0]
    assert (other.name, other.letter) == ("last run", "A")
    assert other.low[-1] == pytest.approx(np.mean(losses[-10:]))
    assert picture.last == 90
    # All of it is shown, and it has a value where the cursor is.
    found = value_at(other, Stretch(50, 50, 0.0, 0.0))
    assert found == (pytest.approx(np.mean(losses[40:50])), pytest.approx(np.mean(losses[40:50])), 50)
    view.smoothing = 0
    raw = loss_picture(session, view).series[0]
    assert raw.low.tolist() == losses
    pane = LossPane("Loss", session, view)
    lines = [strip.text for strip in pane.draw(70, 16)]
    legend = next(line for line in lines if "A last run" in line)
    assert "batch" in legend
    assert any("A" in line for line in lines[lines.index(legend) + 1 : -1])


def test_another_run_is_not_dim_beyond_where_this_one_stands_and_lies_over_its_batches(
    session: Session, view: View
) -> None:
    view.others = lambda: [Overlay("last run", "last run", history_of([0.7] * 90))]
    view.overlay, view.smoothing = "last run", 10
    session.seek(session.timeline.finish_of(20))
    picture = loss_picture(session, view)
    other, batch = picture.series[:2]
    assert (other.fades, batch.fades, batch.behind) == (False, True, True)
    pane = LossPane("Loss", session, view)
    pane.draw(80, 20)
    colors: dict[str, int] = {}
    for strip in pane.plotted.lines[1:-1]:
        for piece in strip:
            if piece.style and piece.style.color:
                dots = sum("⠀" < mark <= "⣿" for mark in piece.text)
                colors[piece.style.color.name] = colors.get(piece.style.color.name, 0) + dots
    # In every column that has no letter there is a dot of it.
    assert colors[other.color] > 60


def test_without_colour_every_curve_has_a_letter_of_its_own(session: Session, view: View) -> None:
    others = [Overlay("branches", name, history_of([1.0, 2.0])) for name in ("x", "y")]
    view.others, view.overlay, view.look = lambda: others, "branches", Look(color=False)
    assert [one.letter for one in loss_picture(session, view).series] == ["A", "B", "b", "m", "t"]


def test_names_give_way_where_there_is_no_room(session: Session, view: View) -> None:
    others = [Overlay("branches", f"from the start: layers.0.units = {place}", history_of([1.0])) for place in range(5)]
    view.others, view.overlay = lambda: others, "branches"
    pane = LossPane("Loss", session, view)
    for width in (24, 38, 60, 120, 200):
        lines = pane.draw(width, 14)
        legend = lines[pane.above].text
        assert len(legend) <= width
        assert all(letter in legend for letter in ("ABCDE" if width > 24 else "A"))


# Steps worked out again


def test_in_a_window_of_a_long_run_each_step_is_there_as_it_was(session_of: Callable[..., Session]) -> None:
    short = session_of("moons")
    short.seek(short.timeline.finish_of(1300))
    session = session_of("moons")
    session.seek(session.timeline.finish_of(4300))
    assert session.history.losses.width == 2
    view = View(Spotlight(1, 0, 0), window=Window(1101, 1130), smoothing=10)
    pane = LossPane("Loss", session, view)
    first = pane.draw(80, 20)
    assert any("2 steps as one" in strip.text for strip in first)
    coarse = pane.picture().series[0]
    assert coarse.begins is not None
    assert pane.losses_wanted(80) is not None
    while not view.replayed.finished:  # type: ignore[union-attr]
        view.replayed.advance(0.01)  # type: ignore[union-attr]
    assert pane.losses_wanted(80) is None
    picture = pane.picture()
    batch, mean, _ = picture.series
    known = dict(zip(batch.steps.tolist(), zip(batch.low.tolist(), batch.high.tolist(), strict=True), strict=True))
    exact = short.history.losses.lows[:1300]
    for step in range(1101, 1131):
        assert known[step] == (exact[step - 1], exact[step - 1])
    assert mean.name == "mean of 10"
    assert not any("as one" in strip.text for strip in pane.draw(80, 20))
    # Every step is an entry once, and all of the run is covered.
    begins = batch.steps if batch.begins is None else batch.begins
    assert begins[0] == 1
    assert batch.steps[-1] == 4300
    assert (begins[1:] == batch.steps[:-1] + 1).all()


def test_means_of_fewer_steps_than_are_known_as_one_are_worked_out_too(session_of: Callable[..., Session]) -> None:
    session = session_of("moons")
    session.seek(session.timeline.finish_of(9000))
    exact = session_of("moons")
    exact.seek(exact.timeline.finish_of(700))
    view = View(Spotlight(1, 0, 0), window=Window(601, 640), smoothing=3)
    pane = LossPane("Loss", session, view)
    assert pane.losses_wanted(80) is not None
    assert view.replayed is not None
    view.replayed.advance(100.0)
    mean = pane.picture().series[1]
    assert mean.name == "mean of 3"
    losses = exact.history.losses.lows
    for step, value in zip(mean.steps.astype(int).tolist(), mean.low.tolist(), strict=True):
        if 601 <= step <= 640:
            assert value == pytest.approx(np.mean(losses[step - 3 : step]), rel=1e-12)
    assert mean.steps[0] <= 601
    assert mean.steps[-1] >= 640
