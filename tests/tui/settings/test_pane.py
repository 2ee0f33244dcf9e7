"""The settings beside the panes: every hyper-parameter is there, live, while it plays, and no run is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.pages.value_field import ValueField
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.running.arrangement import SETTINGS, arrangement
from backprop_tui.tui.running.keep import keep
from backprop_tui.tui.running.playback import FULL
from backprop_tui.tui.running.until import remember

from ... import random_walks
from ...share import share
from ...storms import posted
from ..run_pilot import screen_of, until
from .panel import choose, foot, opened, shown, type_in, whole

Sessions = Callable[..., Session]
SIZES = ((80, 24), (120, 36), (200, 50), (40, 12))


def at_step(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


@pytest.mark.parametrize(
    ("size", "ascii"), [(size, number % 2 == 1) for number, size in enumerate(SIZES)][:: share(3, 1)]
)
async def test_every_control_can_be_reached_and_nothing_is_wider_than_the_pane(
    session_of: Sessions, size: tuple[int, int], ascii: bool
) -> None:
    async with opened(session_of("vanishing"), size, ascii=ascii) as (pilot, _, pane):
        cursor = "@" if ascii else "▸"
        assert "W1[1,1]" in next(line for line in shown(pane) if line.startswith(cursor))
        for control in pane.controls()[1:]:
            pane.move(1)
            line = next(line for line in shown(pane) if line.startswith(cursor))
            assert control.label.strip() in line
            assert control.value in line or line.rstrip("−+- ").endswith("~" if ascii else "…")
        assert all(text.isascii() for text in shown(pane)) == ascii
        assert max(strip.cell_length for strip in pane.lines) <= pane.content_size.width
        await pilot.press("down", "down")
        assert "W1[1,1]" in next(line for line in shown(pane) if line.startswith(cursor))


async def test_it_stands_beside_the_panes_that_show_what_a_setting_does(session_of: Sessions) -> None:
    async with opened(session_of("circle")) as (pilot, screen, _):
        for size in ((120, 36), (200, 50), (80, 24), (110, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            visible = {name for name in screen.panes if screen.pane(name).display}
            assert visible == set(arrangement(*size, SETTINGS, False, SETTINGS, "chain-rule").panes)
            assert len(visible) >= 2
            if size == (120, 36):
                assert {SETTINGS, "weights", "loss", "data"} <= visible


async def test_e_opens_focuses_and_closes_and_escape_leads_out_level_by_level(session_of: Sessions) -> None:
    async with opened(session_of("xor")) as (pilot, screen, pane):
        await pilot.press("tab")
        assert screen.current != SETTINGS
        await pilot.press("e")
        assert screen.current == SETTINGS
        choose(pane, "optimizer.kind")
        await pilot.press("enter")
        assert pane.picking is not None
        await pilot.press("escape")
        assert pane.picking is None
        assert pane.control().name == "optimizer.kind"  # type: ignore[union-attr]
        await pilot.press("escape")
        assert screen.side == ""
        assert screen.current == "chain-rule"
        await pilot.press("e", "e")
        assert screen.side == ""


async def test_a_lesson_comes_back_when_the_settings_are_closed(session_of: Sessions) -> None:
    async with opened(session_of("schedule")) as (pilot, screen, _):
        await pilot.press("e", "i")
        assert screen.side == "lesson"
        await pilot.press("e")
        assert screen.side == SETTINGS
        assert [name for name in screen.panes if name not in ("lesson", SETTINGS)] == list(screen.panes[:-1])
        await pilot.press("e")
        assert (screen.side, screen.current) == ("lesson", "lesson")
        await pilot.press("i")
        assert screen.side == ""


async def test_nothing_pauses_while_it_is_open_and_used(session_of: Sessions) -> None:
    # However fast the machine is, the run does not come to the preset's stop meanwhile.
    async with opened(session_of("circle", changes={"training.stop.steps": 10**7})) as (pilot, screen, pane):
        await pilot.press("e")
        screen.view.speed = FULL
        await pilot.press("space")
        for key in ("e", "down", "down", "plus", "minus", "pagedown", "pageup", "colon", "escape", "u", "U"):
            step = screen.session.step
            await pilot.press(key)
            await until(lambda step=step: screen.session.step != step)  # type: ignore[misc]
            assert screen.playback.running, key
        choose(pane, "layers.0.units")
        await pilot.press("plus", "enter")
        assert screen.playback.running
        await type_in(pilot, "3")
        await until(lambda: screen.session.preset.layers[0].units == 3 and screen.session.step > 3)
        assert screen.playback.running
        assert "A change goes on with this run as it plays" in whole(pane)
        await pilot.press("space")
        assert not screen.playback.running


async def test_a_key_is_answered_in_as_many_turns_of_the_loop_as_without(session_of: Sessions) -> None:
    """Until the screen has answered a key, it takes as many slices of training with the settings open as without."""
    slices = {}
    async with opened(session_of("circle")) as (pilot, screen, _):
        # However far it gets meanwhile.
        remember(pilot.app.config, "never")  # type: ignore[attr-defined]
        screen.view.speed = FULL
        await pilot.press("space")
        played, count = screen.session.play, 0

        def play(seconds: float, last: int | None = None) -> None:
            nonlocal count
            count += 1
            played(seconds, last)

        for side in (SETTINGS, ""):
            found = []
            for _ in range(5):
                unit = screen.view.unit
                screen.session.play = play  # type: ignore[method-assign]
                begin = count
                pilot.app.simulate_key("1" if unit == "step" else "4")
                await until(lambda unit=unit: screen.view.unit != unit)  # type: ignore[misc]
                found.append(count - begin)
            slices[side] = sorted(found)[2]
            if side:
                await pilot.press("e")
        assert screen.playback.running
    assert slices[SETTINGS] <= slices[""] + 1


async def test_at_the_head_of_a_run_a_change_goes_on_with_it(session_of: Sessions) -> None:
    async with opened(at_step(session_of("xor"), 3)) as (pilot, screen, pane):
        assert "From step 4 on, a change goes on with this run" in whole(pane)
        choose(pane, "optimizer.learning_rate")
        for expected in (1.0, 3.0, 10.0):
            await pilot.press("plus")
            assert screen.session.preset.optimizer.learning_rate == expected
        await pilot.press("minus")
        assert screen.session.preset.optimizer.learning_rate == 3.0
        assert [len(branch.edits) for branch in screen.branches] == [1]
        assert screen.session is screen.branches[0]
        assert screen.session.step == 3
        assert foot(pane) == screen.notice
        assert screen.notice.endswith("→ 3")


async def test_in_the_past_a_change_starts_a_branch_and_the_old_one_can_be_gone_back_to(session_of: Sessions) -> None:
    session = at_step(session_of("xor"), 9)
    end = random_walks.digest(session)
    at_step(session, 4)
    session.forward("op")
    here = session.count
    async with opened(session) as (pilot, screen, pane):
        assert "From step 5 on, a change starts a branch" in whole(pane)
        choose(pane, "optimizer.learning_rate")
        await pilot.press("plus")
        assert screen.session is not session
        assert screen.branches == [session, screen.session]
        assert screen.session.step == 4
        text = whole(pane)
        assert text.index("as opened") < text.index("● after step 4: optimizer.learning_rate = 1")
        assert "at step 5, 9 done" in text
        await pilot.press("up", "up", "up", "up")
        assert pane.control() is None
        pane.select(len(pane.listed))
        await pilot.press("enter")
        assert screen.session is session
        assert session.count == here
    at_step(session, 9)
    assert random_walks.digest(session) == end


async def test_the_parameter_in_the_spotlight_is_typed_in_the_first_line(session_of: Sessions) -> None:
    async with opened(at_step(session_of("first-steps"), 2)) as (pilot, screen, pane):
        await pilot.press("enter")
        await type_in(pilot, "-0.75")
        trainer = screen.session.trainer
        assert trainer.layers[0].parameters(trainer.state.parameters)["W"][0, 0] == -0.75
        assert str(screen.session.edits[0]) == "W1[1,1] = -0.75"
        assert "W1[1,1] -0.75" in whole(pane)
        await pilot.press("colon")
        await type_in(pilot, "W2[1, 2] = 0.5")
        assert [str(edit) for edit in screen.session.edits] == ["W1[1,1] = -0.75", "W2[1,2] = 0.5"]
        await pilot.press("colon")
        await type_in(pilot, "optimizer.momentum = 0.5")
        assert screen.session.preset.optimizer.momentum == 0.5


async def test_what_is_typed_stands_on_the_line_of_the_control(session_of: Sessions) -> None:
    async with opened(session_of("xor")) as (pilot, screen, pane):
        choose(pane, "optimizer.learning_rate")
        await pilot.press("enter", *["backspace"] * 3, *"0.25")
        rows = [strip.text for strip in pilot.app.screen._compositor.render_strips()]
        assert any("learning_rate" in row and "0.25" in row for row in rows)
        assert any("Chain rule" in row for row in rows)
        await pilot.press("escape")
        assert screen.session.preset.optimizer.learning_rate == 0.5
        await pilot.press("enter", *["backspace"] * 3, *"0.25", "enter")
        assert screen.session.preset.optimizer.learning_rate == 0.25


async def test_kinds_are_chosen_from_a_list_and_flags_turned_round(session_of: Sessions) -> None:
    async with opened(session_of("xor")) as (pilot, screen, pane):
        choose(pane, "optimizer.kind")
        await pilot.press("enter", *["down"] * 5)
        assert "adamw" in whole(pane)
        assert "v = β₂ v₀ + (1 − β₂) g²" in foot(pane)
        await pilot.press("enter")
        assert screen.session.preset.optimizer.kind == "adam"
        assert any(control.unused == "not used by adam" for control in pane.controls())
        choose(pane, "optimizer.train_biases")
        await pilot.press("enter")
        assert screen.session.preset.optimizer.train_biases is False
        choose(pane, "layers.0.activation")
        await pilot.press("enter")
        assert "softmax" not in whole(pane)


async def test_what_takes_a_new_run_starts_it_beside_the_old_one(session_of: Sessions) -> None:
    session = at_step(session_of("xor", 7), 5)
    async with opened(session) as (pilot, screen, pane):
        control = choose(pane, "layers.0.units")
        assert control.renews
        assert "takes a new run" in foot(pane)
        await pilot.press("minus")
        assert screen.branches == [session, screen.session]
        assert screen.session.count == 0
        assert screen.session.seed == 7
        assert screen.session.preset.layers[0].units == 7
        assert session.step == 5
        assert "from the start: layers.0.units = 7" in whole(pane)
        assert pane.control().name == "layers.0.units"  # type: ignore[union-attr]
        await pilot.press("u")
        assert screen.session is session
        assert screen.notice.startswith("undone: ")
        await pilot.press("U")
        assert screen.session.preset.layers[0].units == 7


WRONG = {
    "W9[1,1] = 5": "the network has layers 1 to 2",
    "W1[1,1] = a": "finite number",
    "optimizer.learning_rate = -1": "above 0",
    "optimizer.learning_rat = 1": "learning_rate",
    "layers.0.units = many": "integer",
    "units =": "expected NAME = VALUE",
    "= 3": "expected NAME = VALUE",
    "optimizer.l2 = [": "TOML",
}
"""What is typed, and what is said of it."""


async def test_a_wrong_value_says_what_is_wrong_and_nothing_is_lost(session_of: Sessions) -> None:
    session = at_step(session_of("xor"), 3)
    async with opened(session) as (_, screen, _):
        for typed, message in WRONG.items():
            screen.notice = ""
            screen.go_to(typed)
            assert message in screen.notice, typed
            assert screen.session is session
            assert session.edits == ()
            assert screen.branches == [session]


async def test_a_wrong_value_typed_on_a_line_is_told_in_the_foot(session_of: Sessions) -> None:
    async with opened(session_of("xor")) as (pilot, screen, pane):
        choose(pane, "optimizer.l2")
        await pilot.press("enter")
        await type_in(pilot, "-3")
        assert "0 or more" in foot(pane)
        assert foot(pane) in screen.notice or screen.notice.startswith(foot(pane).rstrip("…"))
        await pilot.press("down")
        assert "0 or more" not in foot(pane)


async def test_time_goes_on_while_it_is_open(session_of: Sessions) -> None:
    async with opened(session_of("xor")) as (pilot, screen, pane):
        await pilot.press("right", "right")
        assert screen.session.step == 2
        assert "From step 3 on" in whole(pane)
        await pilot.press("left")
        assert screen.session.step == 1


async def test_weights_that_were_kept_are_found_where_one_stands(
    session_of: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keep(at_step(session_of("xor"), 5), "kept.npz")
    async with opened(session_of("xor")) as (_, screen, _):
        screen.go_to("training.start = kept.npz")
        assert screen.session.trainer.beginning.steps == 5, screen.notice


async def test_layers_are_added_removed_and_moved(session_of: Sessions) -> None:
    async with opened(session_of("circle")) as (pilot, screen, pane):

        def units() -> list[int]:
            return [layer.units for layer in screen.session.preset.layers]

        choose(pane, "hidden layers")
        await pilot.press("plus")
        assert units() == [8, 8, 1]
        choose(pane, "layers.0.units")
        await pilot.press("enter")
        await type_in(pilot, "3")
        assert units() == [3, 8, 1]
        choose(pane, "layers.0")
        await pilot.press("enter", "up")
        assert "move layer 1 up, after layer 2" in whole(pane)
        await pilot.press("enter")
        assert units() == [8, 3, 1]
        choose(pane, "hidden layers")
        await pilot.press("minus", "minus")
        assert units() == [1]
        await pilot.press("minus")
        assert foot(pane) == "there is no hidden layer to remove"
        await pilot.press("u", "u")
        assert units() == [8, 3, 1]


async def test_features_problem_type_and_chance(session_of: Sessions) -> None:
    async with opened(session_of("circle")) as (pilot, screen, pane):
        choose(pane, "feature x1*x2")
        await pilot.press("enter")
        assert screen.session.dataset.features == ("x1", "x2", "x1*x2")
        choose(pane, "feature x1")
        await pilot.press("enter")
        choose(pane, "feature x2")
        await pilot.press("enter")
        assert screen.session.dataset.features == ("x1*x2",)
        choose(pane, "feature x1*x2")
        await pilot.press("enter")
        assert "the only feature" in foot(pane)
        await pilot.press("P")
        assert screen.session.dataset.target_kind == "real"
        assert "problem type regression" in whole(pane)
        await pilot.press("P")
        assert screen.session.dataset.target_kind != "real", screen.notice
        before = screen.session
        choose(pane, "new data")
        await pilot.press("enter")
        after = screen.session
        assert (after.trainer.state.parameters == before.course.stretches[0].trainer.state.parameters).all()
        assert (after.dataset.inputs != before.dataset.inputs).any()
        choose(pane, "new start weights")
        await pilot.press("enter")
        assert (screen.session.trainer.state.parameters != after.trainer.state.parameters).any()
        assert (screen.session.dataset.inputs == after.dataset.inputs).all()


async def test_data_sets_are_chosen_by_their_pictures(session_of: Sessions) -> None:
    async with opened(session_of("circle")) as (pilot, screen, pane):
        choose(pane, "data.kind")
        await pilot.press("enter")
        assert "two arms" in whole(pane)
        # The picture of spiral is seen as a whole when it is chosen.
        pane.select([choice.label for choice in pane.choices].index("spiral"))
        lines = shown(pane)
        row = next(number for number, line in enumerate(lines) if line.startswith("▸"))
        assert sum(any("⠀" < cell <= "⣿" for cell in line) for line in lines[row : row + 4]) == 4
        await pilot.press("enter")
        assert screen.session.preset.data.kind == "spiral"


async def test_a_click_chooses_and_the_next_one_does_it(session_of: Sessions) -> None:
    async with opened(session_of("circle")) as (pilot, screen, pane):

        def place(name: str, column: int) -> tuple[int, int]:
            """Where a control stands in the pane, its frame and padding counted."""
            at = [control.name for control in pane.listed].index(name)
            row = len(pane.page.head) + pane.page.stops[at] - pane.window.first
            return column + 2, row + 1

        await pilot.click(pane, offset=place("optimizer.kind", 5))
        assert pane.control().name == "optimizer.kind"  # type: ignore[union-attr]
        assert pane.picking is None
        await pilot.click(pane, offset=place("optimizer.kind", 5))
        assert pane.picking is not None
        await pilot.press("escape")
        rate = screen.session.preset.optimizer.learning_rate
        width = pane.content_size.width
        await pilot.click(pane, offset=place("optimizer.learning_rate", width - 1))
        assert screen.session.preset.optimizer.learning_rate > rate
        await pilot.click(pane, offset=place("optimizer.learning_rate", width - 3))
        assert screen.session.preset.optimizer.learning_rate <= rate
        first = pane.window.first
        pane.on_mouse_scroll_down(None)  # type: ignore[arg-type]
        assert pane.window.first == first + 3
        choose(pane, "feature sin(x1)")
        pane.select(pane.chosen - 1)
        shown(pane)
        await pilot.click(pane, offset=place("feature sin(x1)", 4))
        assert "sin(x1)" in screen.session.dataset.features


async def test_what_is_in_view_is_what_a_fresh_screen_would_show(session_of: Sessions) -> None:
    async with opened(at_step(session_of("circle"), 4)) as (pilot, screen, pane):
        choose(pane, "optimizer.learning_rate")
        await pilot.press("plus")
        choose(pane, "hidden layers")
        await pilot.press("plus", "u", "4", "right", "e")
        await pilot.pause()
        session = screen.session
        seen = {pane.id: [strip.text for strip in pane.lines] for pane in screen.query(Pane) if pane.display}
    fresh = session_of("circle")
    again = at_step(Session(fresh.preset, fresh.dataset, edits=session.edits), session.step)
    assert again.count == session.count
    async with opened(again) as (pilot, screen, _):
        await pilot.press("4", "e")
        await pilot.pause()
        for pane in screen.query(Pane):
            if pane.display and pane.id not in ("counters", "keys", "position", "status"):
                assert [strip.text for strip in pane.lines] == seen[pane.id], pane.id


async def test_a_value_can_be_typed_before_the_pane_is_drawn(session_of: Sessions) -> None:
    async with BackpropApp(AppRequest(), session_of("xor")).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for key in ("e", "enter"):
            for event in posted(("key", key)):
                pilot.app.post_message(event)
        await until(lambda: isinstance(pilot.app.screen, ValueField))
        await pilot.press(*["backspace"] * 20, *"0.5", "enter")
        assert screen_of(pilot).session.edits[-1].value == 0.5
