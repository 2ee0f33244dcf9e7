"""The loss pane: what it says of the chosen example, and how a place on the curve is chosen and gone to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.ground import value_of
from backprop_tui.core.inquiry.plane import Plane
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.plot_axes import PlotFrame
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.loss_curve import loss_picture, mean_steps
from backprop_tui.tui.panes.loss_figures import example_line
from backprop_tui.tui.panes.loss_places import Stretch, Stretches, chosen_line, stretches
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.training_screen import TrainingScreen

SHOWN = 80
VIEW = View(Spotlight(1, 0, 0))


@pytest.fixture
def pane_of(session_of: Callable[..., Session]) -> Callable[..., LossPane]:
    """A pane of a preset after so many steps."""

    def make(name: str, steps: int, **options: object) -> LossPane:
        session = session_of(name)
        session.seek(session.timeline.finish_of(steps))
        return LossPane("Loss", session, View(Spotlight(1, 0, 0, 2), **options))  # type: ignore[arg-type]

    return make


def test_a_column_and_its_step_lead_to_each_other() -> None:
    for frame in (PlotFrame(6, 30, 1, 400), PlotFrame(0, 12, 0, 5), PlotFrame(3, 1, 1, 2)):
        for column in range(frame.width):
            assert frame.column_of(frame.step_at(column)) == column
        assert frame.step_at(-5) == frame.first
        assert frame.column_of(frame.last + 1) is None
        assert frame.column_of(None) is None


def test_the_steps_of_a_short_run_are_known_one_by_one_with_their_losses(pane_of: Callable[..., LossPane]) -> None:
    session = pane_of("xor", 12).session
    known = stretches(loss_picture(session, VIEW))
    assert [(one.first, one.last) for one in known] == [(step, step) for step in range(1, 13)]
    session.seek(session.timeline.finish_of(7))
    assert known[6].low == known[6].high == session.plan.loss()


def test_in_a_long_run_a_stretch_holds_every_loss_of_its_steps(pane_of: Callable[..., LossPane]) -> None:
    session = pane_of("first-steps", 9000).session
    known = stretches(loss_picture(session, VIEW))
    assert known[0].first == 1
    assert known[-1].last == 9000
    assert all(after.first == before.last + 1 for before, after in pairwise(known))
    wide = known[50]
    assert wide.first < wide.last
    for step in (wide.first, wide.last):
        session.seek(session.timeline.finish_of(step))
        assert wide.low <= session.plan.loss() <= wide.high


def test_nothing_is_known_before_the_first_step(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 0)
    assert len(stretches(pane.picture())) == 0
    pane.move(1)
    assert pane.chosen is None


def known_to(steps: int, size: int = 1) -> Stretches:
    """Stretches of `size` steps up to so many."""
    ends = np.arange(size, steps + 1, size, dtype=float)
    return Stretches(ends - size + 1, ends, np.ones(len(ends)), np.ones(len(ends)))


def test_a_move_is_a_column_and_at_least_a_step_and_stops_at_the_ends() -> None:
    known = known_to(1000)
    frame = PlotFrame(5, 40, 1, 1000)
    here = 500
    for _ in range(10):
        found = known.moved(frame, here, 1).last
        assert frame.column_of(found) == (frame.column_of(here) or 0) + 1
        assert known.moved(frame, found, -1).last < found
        here = found
    assert known.moved(frame, 1000, 1).last == 1000
    assert known.moved(frame, 1, -1).last == 1
    few = known_to(4)
    wide = PlotFrame(5, 40, 1, 4)
    assert [few.moved(wide, step, 1).last for step in (0, 1, 2, 3, 4)] == [1, 2, 3, 4, 4]
    assert [few.moved(wide, step, -1).last for step in (4, 3, 2, 1)] == [3, 2, 1, 1]


def test_the_nearest_stretch_is_nearest() -> None:
    assert [known_to(12, 4).nearest(step) for step in (0, 5.9, 6.1, 10.1, 99)] == [0, 0, 1, 2, 2]


def test_the_chosen_place_has_its_step_and_the_value_of_every_curve(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 0)
    view, nothing = pane.view, pane.picture()
    one = Stretch(7, 7, 0.25, 0.25)
    assert (
        chosen_line(Stretch(7, 7, 0.25, 0.25), nothing, view, 60).text == "▸ before update 7  ℒ 0.25  enter: go there"
    )
    assert (
        chosen_line(Stretch(5, 8, 0.25, 0.5), nothing, view, 60).text
        == "▸ before updates 5 to 8  ℒ 0.25 to 0.5  enter: go there"
    )
    assert chosen_line(one, nothing, view, 20).text == "▸ step 7 ℒ 0.25"
    # Of several steps in a narrow pane: the last of them, and what none of their losses is above.
    assert chosen_line(Stretch(5, 8, 0.25, 0.5), nothing, view, 20).text == "▸ 8 ℒ ≤ 0.5"
    moons = pane_of("moons", 400)
    picture = moons.picture()
    batch, mean, test = picture.series
    place = stretches(picture)[99]
    assert (place.first, place.last) == (100, 100)
    measured = int(np.searchsorted(test.steps, 100, side="right")) - 1
    when = "" if test.steps[measured] == 100 else f" (after {int(test.steps[measured])})"
    told = [format_number(float(value), 9, 5) for value in (batch.low[99], mean.low[99], test.low[measured])]
    expected = f"▸ before update 100  ℒ {told[0]}  {mean.name} {told[1]}  test {told[2]}{when}  enter: go there"
    assert chosen_line(place, picture, view, 120).text == expected
    short = chosen_line(place, picture, view, 40).text
    assert short.startswith(f"▸ step 100 ℒ {told[0]}  {mean.name}")
    view.look = Look(glyphs=ASCII)
    assert chosen_line(place, picture, view, 120).text.isascii()


@pytest.mark.parametrize(("width", "height"), [(22, 8), (40, 16), (90, 30)])
def test_the_plot_stays_where_it_is_when_a_place_is_chosen(
    pane_of: Callable[..., LossPane], width: int, height: int
) -> None:
    pane = pane_of("xor", 300)
    before = [strip.text for strip in pane.draw(width, height)]
    assert pane.plotted.frame is not None
    pane.chosen = stretches(pane.picture())[100]
    after = [strip.text for strip in pane.draw(width, height)]
    assert len(after) == len(before)
    column = pane.plotted.frame.left + (pane.plotted.frame.column_of(101) or 0)
    marked = 0
    for old, new in zip(before[pane.above + 1 : -1], after[pane.above + 1 : -1], strict=True):
        assert new[:column] == old[:column]
        assert new[column + 1 :] == old[column + 1 :]
        marked += new[column] == ":"
    assert marked > 1


def test_the_chosen_example_has_its_share_blank_until_the_loss_is_computed(
    pane_of: Callable[..., LossPane],
) -> None:
    pane = pane_of("xor", 0)
    session, view = pane.session, pane.view
    quantity = session.plan["ℓ", None]
    for _ in session.plan.ops:
        session.forward("op")
        found = example_line(session, view, SHOWN)
        assert found is not None
        assert found.text.startswith("▸ ℓ₃ ")
        when = ", before update 1" if session.computed(quantity) else ""
        assert found.text.endswith(f"example 3{when}")
        assert ("ℓ₃ · " in found.text) != session.computed(quantity)
    assert f"{quantity.value((2,)):.5f}".rstrip("0") in (example_line(session, view, SHOWN) or found).text


# The curves


def test_where_batches_differ_a_mean_lies_over_them_and_the_test_loss_on_top(
    pane_of: Callable[..., LossPane],
) -> None:
    pane = pane_of("moons", 400)
    found = pane.picture().series
    window = mean_steps(pane.session, pane.view)
    assert [one.name for one in found] == ["batch", f"mean of {window}", "test"]
    batch, mean, _ = found
    assert window == min(pane.session.trainer.steps_per_epoch, 20)
    assert mean.low[-1] == pytest.approx(float(np.mean(batch.low[-window:])), rel=1e-12)
    assert not any(one.letter for one in found)
    pane.view.look = Look(color=False)
    assert [one.letter for one in pane.picture().series] == ["b", "m", "t"]


def test_where_every_step_sees_all_examples_there_is_one_curve_and_no_mean(pane_of: Callable[..., LossPane]) -> None:
    found = pane_of("xor", 400, look=Look(color=False)).picture().series
    assert [(one.name, one.letter) for one in found] == [("train", "")]


# The landscape


def surveyed(pane: LossPane, width: int = 60, height: int = 20, view: str = "map") -> list[str]:
    """The landscape when all of it is worked out."""
    pane.view.loss = view
    pane.draw(width, height)
    while not pane.surveying.finished:
        pane.surveying.advance(1.0)
        pane.draw(width, height)
    return [strip.text for strip in pane.draw(width, height)]


def test_a_local_minimum_lies_in_one_of_two_valleys(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("local-minimum", 500)
    pane.view.spotlight = Spotlight(1, 0, 0)
    text = "\n".join(surveyed(pane, 80))
    assert "2 valleys in view: ℒ 0.067908 at −0.22125; ℒ 0.50000 at 1.3859" in text
    assert "of all 2 examples; no other parameter" in text
    # The start lies on the slope, the run stands in the valley that is not the lowest.
    start, here, lowest = (next(row.index(mark) for row in text.split("\n")[3:] if mark in row) for mark in "SOx")
    assert lowest < start < here


def test_the_map_of_a_linear_neuron_has_its_path_to_the_valley(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("linear-neuron", 36)
    pane.view.spotlight = Spotlight(1, 0, 0)
    pane.view.look = Look(glyphs=ASCII)
    assert surveyed(pane, 24)[0].rstrip() == "L W1[1,1] > b1[1] ^"
    lines = surveyed(pane)
    assert lines[0].rstrip() == "L over W1[1,1] > and b1[1] ^"
    assert all(line.isascii() for line in lines)
    there = next(row for row in lines[3:] if "O" in row)
    assert there.index("S" if "S" in there else "*") < there.index("O")
    assert lines[-1].startswith("O now 0.00094")
    assert pane.surveying.landscape is not None
    before = pane.surveying.landscape
    pane.session.back("step")
    pane.draw(60, 20)
    # The same landscape at every step, since nothing but these two changes it; the run stands elsewhere on it.
    assert pane.surveying.landscape is before
    assert pane.draw(60, 20)[-1].text.startswith("O now 0.0011919 ")


def test_no_number_below_the_map_is_cut(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("linear-neuron", 20)
    for width in (60, 13, 20, 27, 36, 44, 52):
        words = surveyed(pane, width)[-1].split()
        assert pane.surveying.landscape is not None
        lowest = pane.surveying.landscape.lowest()
        assert lowest is not None
        numbers = {format_number(value, min(9, width - 6), 5) for value in (pane.surveying.loss, lowest[1])}
        assert {word for word in words if word[0].isdigit()} <= numbers
        assert words[:2] == ["O", "now"]
        if width == 60:
            assert [words[place] for place in (0, 3, 5)] == ["O", "S", "x"]


def test_arrows_choose_the_other_parameter_and_one_alone_has_a_profile(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 10)
    pane.view.spotlight = Spotlight(1, 0, 0)
    titles = []
    for _ in range(3):
        titles.append(surveyed(pane)[0].split(" and ")[-1].split()[0])
        pane.move(1)
    assert titles == ["W⁽¹⁾₁,₂", "b⁽¹⁾₁", "W⁽¹⁾₂,₁"]
    pane.view.companion = 0
    pane.move(-1)
    assert surveyed(pane)[0].rstrip() == "ℒ over W⁽¹⁾₁,₁ →"
    pane.move(1)
    assert "W⁽¹⁾₁,₂" in surveyed(pane)[0]
    assert "31 other parameters as now" in surveyed(pane)[1]


def test_zooming_halves_the_reach_and_the_step_changes_the_landscape(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 10)
    surveyed(pane)
    wide = pane.surveying.landscape
    assert wide is not None
    pane.zoom(2)
    surveyed(pane)
    near = pane.surveying.landscape
    assert near is not None
    assert near.reach[0].high - near.reach[0].low < 0.6 * (wide.reach[0].high - wide.reach[0].low)
    pane.session.forward("step")
    surveyed(pane)
    assert pane.surveying.landscape is not near


def test_a_run_that_flies_away_is_drawn_as_far_as_the_map_goes(session_of: Callable[..., Session]) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 0.3})
    pane = LossPane("Loss", session, View(Spotlight(1, 0, 0)))
    surveyed(pane)
    pane.view.playing = True
    session.seek(session.timeline.finish_of(400))
    assert abs(value_of(session, Spotlight(1, 0, 0))) > 1e100
    playing = [strip.text for strip in pane.draw(60, 20)]
    assert len(playing) == 20
    assert not any("O" in row for row in playing[3:-1])
    pane.view.playing = False
    assert any("O" in row for row in surveyed(pane)[3:-1])
    # Where it has not gone yet does not count for how far the map goes.
    session.seek(session.timeline.finish_of(2))
    surveyed(pane)
    assert pane.surveying.landscape is not None
    assert pane.surveying.landscape.reach[0].high < 100


def test_at_full_speed_the_landscape_stays_and_the_way_goes_on(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 10)
    surveyed(pane)
    found = pane.surveying.landscape
    pane.view.playing = True
    pane.session.seek(pane.session.timeline.finish_of(40))
    text = "\n".join(strip.text for strip in pane.draw(60, 20))
    assert pane.surveying.landscape is found
    assert "as at step 10" in text
    assert pane.surveying.been()[0].tolist() == [*range(11), 40]
    pane.view.playing = False
    surveyed(pane)
    assert pane.surveying.been()[0].tolist() == [*range(41)]


def test_the_plane_says_that_its_path_is_projected(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 30)
    lines = surveyed(pane, 80, view="plane")
    assert lines[0].rstrip() == "ℒ over −∇ℒ → and random direction 1 ↑"
    plane = pane.surveying.ground
    assert isinstance(plane, Plane)
    assert plane.slope is not None
    start = plane.aside(pane.surveying.path.kept.rows[0]) if pane.surveying.path else 0.0
    said = " ".join(" ".join(lines[1:3]).split())
    assert f"33 parameters, ‖∇ℒ‖ {plane.slope:.3g}; " in said
    assert f"the path is projected: S lies {start:.3g} off the plane" in said
    steps, places = pane.surveying.been()
    assert steps.tolist() == [*range(31)]
    # The run stands in the middle, and the path ends there.
    assert places[-1].tolist() == [0.0, 0.0] == list(pane.surveying.here)
    assert pane.surveying.loss == pytest.approx(pane.session.evaluate().training.loss)
    # Another random direction, and other directions at another step; the first again is the same.
    before = pane.surveying.landscape
    pane.move(1)
    assert surveyed(pane, view="plane")[0].rstrip().endswith("random direction 2 ↑")
    pane.move(-1)
    assert surveyed(pane, 80, view="plane") == lines
    assert pane.surveying.landscape is not before
    pane.session.forward("step")
    surveyed(pane, view="plane")
    assert pane.surveying.ground is not plane


def test_at_full_speed_the_plane_stays_and_the_run_leaves_its_middle(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 10)
    surveyed(pane, view="plane")
    plane = pane.surveying.ground
    pane.view.playing = True
    pane.session.seek(pane.session.timeline.finish_of(40))
    text = "\n".join(strip.text for strip in pane.draw(60, 20))
    assert pane.surveying.ground is plane
    assert "around θ at step 10" in text
    assert isinstance(plane, Plane)
    assert list(pane.surveying.here) == plane.here(pane.session).tolist() != [0.0, 0.0]


def test_a_network_of_one_parameter_has_no_plane(pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("local-minimum", 3)
    seen = []
    for _ in range(3):
        pane.next_view()
        seen.append(pane.view.loss)
    assert seen == ["map", "curve", "map"]
    # From a larger network the view may still be the plane.
    pane.view.loss = "plane"
    surveyed(pane, view="plane")
    assert pane.view.loss == "map"


@pytest.mark.parametrize("look", [Look(glyphs=ASCII), Look(color=False)])
@pytest.mark.parametrize(("width", "height"), [(20, 6), (24, 12), (37, 11), (80, 14), (130, 40)])
def test_a_plane_is_drawn_at_every_size(look: Look, width: int, height: int, pane_of: Callable[..., LossPane]) -> None:
    pane = pane_of("xor", 10)
    pane.view.look = look
    lines = surveyed(pane, width, height, "plane")
    assert len(lines) == height
    assert all(cell_len(text) <= width for text in lines)
    assert any("O" in row for row in lines[1:-1])
    assert not look.glyphs.ascii or all(row.isascii() for row in lines)


# In the app


@asynccontextmanager
async def running(preset: str, size: tuple[int, int]) -> AsyncIterator[tuple[Pilot[None], TrainingScreen, LossPane]]:
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, TrainingScreen)
        screen.session.seek(screen.session.timeline.finish_of(20))
        pane = screen.query_one(LossPane)
        pane.focus()
        await pilot.pause()
        screen.show_all()
        yield pilot, screen, pane


async def arrived(pilot: Pilot[None], screen: TrainingScreen) -> None:
    while screen.travelling is not None:
        await pilot.pause(0.01)
    await pilot.pause()


async def test_a_key_shows_the_map_which_is_worked_out_while_keys_are_answered() -> None:
    async with running("xor", (80, 24)) as (pilot, screen, pane):
        await pilot.press("L")
        for _ in range(2000):
            if pane.surveying.finished and pane.surveying.landscape is not None:
                break
            await pilot.pause(0.005)
        await pilot.pause()
        assert "O now " in "\n".join(strip.text for strip in pane.lines)
        reach = pane.surveying.landscape.reach if pane.surveying.landscape else None
        assert pane.border_subtitle == "L: map 2/3"
        await pilot.press("full_stop", "down")
        assert (screen.view.zoom, screen.view.companion) == (1, 1)
        assert pane.surveying.landscape is not None
        assert pane.surveying.landscape.reach != reach
        await pilot.press("L", "L")
        assert screen.view.loss == "curve"
        assert "train" in "\n".join(strip.text for strip in pane.lines)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_arrows_choose_a_place_on_the_curve_and_enter_goes_there(size: tuple[int, int]) -> None:
    async with running("xor", size) as (pilot, screen, pane):
        await pilot.press("up", "up", "up", "down")
        assert pane.chosen is not None
        step = pane.chosen.last
        assert step < 20
        told = "\n".join(strip.text for strip in pane.lines)
        assert f"▸ step {step} ℒ" in told or f"▸ before update {step}  ℒ" in told
        assert screen.session.step == 20
        await pilot.press("enter")
        await arrived(pilot, screen)
        assert screen.session.step == step
        assert screen.session.at_boundary
        assert pane.chosen is None


async def test_a_click_on_the_curve_goes_to_its_step() -> None:
    async with running("xor", (120, 36)) as (pilot, screen, pane):
        frame = pane.plotted.frame
        assert frame is not None
        for column in (0, frame.width // 3, frame.width - 1):
            x, y = frame.left + column + pane.gutter.left, pane.above + 3 + pane.gutter.top
            await pilot.click(LossPane, offset=(x, y))
            await arrived(pilot, screen)
            assert screen.session.step == round(frame.step_at(column))
