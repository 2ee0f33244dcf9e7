"""The screen of settings and branches: every hyper-parameter is there, live, and no run is lost."""

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from backprop_tui import presets
from backprop_tui.core.preset.hyper_parameters import HyperParameter, differences, hyper_parameters, stepped
from backprop_tui.core.preset.preset import OptimizerPreset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import SchedulePreset
from backprop_tui.core.session.session import Session
from backprop_tui.tui.pages.settings import SettingsScreen
from backprop_tui.tui.running.keep import keep

from ... import random_walks
from ..tool_pilot import opened, text_of, type_in, window

Sessions = Callable[..., Session]
SIZES = ((80, 24), (120, 36), (200, 50), (40, 12))


def at_step(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


def choose(screen: SettingsScreen, path: str) -> HyperParameter:
    """Put the cursor on a setting."""
    parameters = screen.parameters()
    place = [parameter.path for parameter in parameters].index(path)
    screen.moved()
    screen.chosen = place + 1
    screen.update()
    return parameters[place]


# The list


def test_every_key_of_the_format_that_is_no_data_of_its_own_is_listed(session_of: Sessions) -> None:
    """All of optimizer and loss; of layers, training and data what is no given array, file or stop condition."""
    found = {parameter.path for parameter in hyper_parameters(session_of("xor").preset)}
    assert {f"optimizer.{item.name}" for item in fields(OptimizerPreset) if item.name != "schedule"} <= found
    assert {f"optimizer.schedule.{item.name}" for item in fields(SchedulePreset)} <= found
    layer = (
        "units",
        "activation",
        "slope",
        "dropout",
        "batch_norm",
        "residual",
        "bias",
        "init",
        "init_scale",
        "repeat",
    )
    assert {f"layers.{number}.{key}" for number in (0, 1) for key in layer} <= found
    assert {f"training.{key}" for key in ("batch_size", "shuffle", "drop_last", "dtype")} <= found
    assert {f"data.{key}" for key in ("kind", "samples", "noise", "train_ratio", "features", "normalize")} <= found
    assert {"loss.kind", "seed"} <= found


@pytest.mark.parametrize(("units", "offered"), [(1, False), (2, True)])
def test_softmax_is_offered_where_there_are_units_to_share_among(
    session_of: Sessions, units: int, offered: bool
) -> None:
    inline = {"kind": "inline", "inputs": [[1.0]], "targets": [[0.5] * units]}
    last = {"units": units, "activation": "sigmoid"}
    listed = hyper_parameters(session_of({"title": "Own", "data": inline, "layers": [last]}).preset)
    choices = next(parameter.choices for parameter in listed if parameter.path == "layers.0.activation")
    assert ("softmax" in choices) == offered


@pytest.mark.parametrize("kind", ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"])
def test_what_is_said_to_be_used_makes_a_difference_and_what_is_not_makes_none(session_of: Sessions, kind: str) -> None:
    changes = {"optimizer.kind": kind, "optimizer.learning_rate": 0.01, "optimizer.epsilon": 0.01}
    plain = at_step(session_of("by-hand", changes=changes), 3).trainer.state.parameters.tobytes()
    for parameter in hyper_parameters(session_of("by-hand", changes=changes).preset):
        key = parameter.path.removeprefix("optimizer.")
        if key in (parameter.path, "kind"):
            continue
        value = stepped(parameter, 1 if parameter.form in ("rate", "count") else -1)
        if key.startswith("clip"):
            value = 1e-4
        other = at_step(session_of("by-hand", changes={**changes, parameter.path: value}), 3)
        assert (other.trainer.state.parameters.tobytes() == plain) == bool(parameter.unused), parameter


@pytest.mark.parametrize("name", [*presets.names(), *random_walks.OWN])
def test_what_takes_a_new_run_is_known(name: str) -> None:
    """What is marked so cannot be changed on the way."""
    preset, dataset = random_walks.loaded(name)
    session = at_step(Session(preset, dataset), 1)
    for parameter in hyper_parameters(preset):
        value = stepped(parameter, 1)
        if (
            parameter.from_start
            and value != parameter.value
            and parameter.name not in ("drop_last", "residual", "batch_size")
        ):
            # These may change nothing: with one example, with no smaller batch, without the width for a sum.
            with pytest.raises(PresetError, match=r"\S"):
                session.branch(parameter.path, value)


@pytest.mark.parametrize(
    ("name", "form", "value", "up", "down"),
    [
        ("learning_rate", "rate", 0.1, 0.2, 0.05),
        ("learning_rate", "rate", 0.3, 0.5, 0.2),
        ("learning_rate", "rate", 5e-9, 1e-8, 2e-9),
        ("weight_decay", "rate", 0.0, 1e-4, 0.0),
        ("weight_decay", "rate", 1e-4, 2e-4, 0.0),
        ("clip_norm", "rate", None, 0.001, None),
        ("clip_norm", "rate", 0.001, 0.002, None),
        ("slope", "rate", -0.1, -0.05, -0.2),
        ("momentum", "share", 0.9, 0.95, 0.8),
        ("momentum", "share", 0.0, 0.5, 0.0),
        ("batch_size", "count", 10, 20, 5),
        ("batch_size", "count", 1, 2, 0),
        ("units", "count", 1, 2, 1),
        ("bias", "flag", True, False, False),
    ],
)
def test_a_value_has_a_next_one(name: str, form: Any, value: Any, up: Any, down: Any) -> None:
    parameter = HyperParameter(f"x.{name}", "", value, form)
    assert stepped(parameter, 1) == (None if up is None else pytest.approx(up))
    assert stepped(parameter, -1) == (None if down is None else pytest.approx(down))


def test_choices_go_round() -> None:
    parameter = HyperParameter("x.kind", "", "b", "choice", choices=("a", "b", "c"))
    assert (stepped(parameter, 1), stepped(parameter, -1)) == ("c", "a")
    last = HyperParameter("x.kind", "", "c", "choice", choices=("a", "b", "c"))
    assert stepped(last, 1) == "a"


def test_the_differences_of_two_tables_are_named_by_their_paths() -> None:
    one = {"seed": 1, "layers": [{"units": 2}, {"units": 3, "bias": True}]}
    other = {"seed": 1, "layers": [{"units": 2, "slope": 0.1}, {"units": 4}], "title": "x"}
    assert differences(one, other) == [
        ("layers.0.slope", 0.1),
        ("layers.1.units", 4),
        ("layers.1.bias", None),
        ("title", "x"),
    ]
    assert differences(one, one) == []


# The screen


@pytest.mark.parametrize(("size", "ascii"), [(size, number % 2 == 1) for number, size in enumerate(SIZES)])
async def test_every_setting_can_be_reached_and_nothing_is_wider_than_the_page(
    session_of: Sessions, size: tuple[int, int], ascii: bool
) -> None:
    async with opened(SettingsScreen, session_of("vanishing"), size, ascii=ascii) as (pilot, screen):
        cursor = "@" if ascii else "▸"
        for parameter in screen.parameters():
            await pilot.press("down")
            line = next(line for line in window(screen) if line.startswith(cursor))
            assert parameter.name in line
        assert all(text.isascii() for text in window(screen)) == ascii
        await pilot.press("down")
        assert "W1[1,1]" in next(line for line in window(screen) if line.startswith(cursor))


async def test_at_the_head_of_a_run_a_change_goes_on_with_it(session_of: Sessions) -> None:
    async with opened(SettingsScreen, at_step(session_of("xor"), 3)) as (pilot, screen):
        assert "a change goes on with this run" in text_of(screen)
        choose(screen, "optimizer.learning_rate")
        for expected in (1.0, 3.0, 10.0):
            await pilot.press("plus")
            assert screen.session.preset.optimizer.learning_rate == expected
        await pilot.press("minus")
        assert screen.session.preset.optimizer.learning_rate == 2.0
        assert [len(branch.edits) for branch in screen.training.branches] == [1]
        assert screen.session is screen.training.branches[0]
        assert screen.session.step == 3


async def test_in_the_past_a_change_starts_a_branch_and_the_old_one_can_be_gone_back_to(session_of: Sessions) -> None:
    session = at_step(session_of("xor"), 9)
    end = random_walks.digest(session)
    at_step(session, 4)
    session.forward("op")
    here = session.count
    async with opened(SettingsScreen, session) as (pilot, screen):
        assert "a change starts a branch" in text_of(screen)
        choose(screen, "optimizer.learning_rate")
        await pilot.press("plus")
        assert screen.session is not session
        assert screen.training.branches == [session, screen.session]
        assert screen.session.step == 4
        await pilot.press("tab")
        text = text_of(screen)
        assert text.index("as opened") < text.index("● after step 4: optimizer.learning_rate = 1")
        assert "at step 5, 9 done" in text_of(screen)
        assert screen.chosen == 1
        await pilot.press("up", "enter")
        assert screen.session is session
        assert session.count == here
        await pilot.press("escape")
        assert pilot.app.screen is screen.training
    at_step(session, 9)
    assert random_walks.digest(session) == end


async def test_the_parameter_in_the_spotlight_is_set_from_the_first_line(session_of: Sessions) -> None:
    async with opened(SettingsScreen, at_step(session_of("first-steps"), 2)) as (pilot, screen):
        await pilot.press("enter")
        await type_in(pilot, "-0.75")
        assert screen.spotlight_value() == -0.75
        assert str(screen.session.edits[0]) == "W1[1,1] = -0.75"
        await pilot.press("colon")
        await type_in(pilot, "W2[1, 2] = 0.5")
        assert [str(edit) for edit in screen.session.edits] == ["W1[1,1] = -0.75", "W2[1,2] = 0.5"]
        await pilot.press("colon")
        await type_in(pilot, "optimizer.momentum = 0.5")
        assert screen.session.preset.optimizer.momentum == 0.5


async def test_kinds_are_chosen_from_a_list_and_flags_turned_round(session_of: Sessions) -> None:
    async with opened(SettingsScreen, session_of("xor")) as (pilot, screen):
        choose(screen, "optimizer.kind")
        await pilot.press("enter", "end", *["down"] * 5)
        assert "adamw" in text_of(screen)
        await pilot.press("enter")
        assert screen.session.preset.optimizer.kind == "adam"
        assert "not used by adam" in text_of(screen)
        choose(screen, "optimizer.train_biases")
        await pilot.press("enter")
        assert screen.session.preset.optimizer.train_biases is False
        choose(screen, "layers.0.activation")
        await pilot.press("enter")
        assert "softmax" not in text_of(screen)
        await pilot.press("escape")
        assert "Optimizer" in text_of(screen)
        assert pilot.app.screen is screen


async def test_what_takes_a_new_run_is_offered_and_started_beside_the_old_one(session_of: Sessions) -> None:
    session = at_step(session_of("xor", 7), 5)
    async with opened(SettingsScreen, session) as (pilot, screen):
        choose(screen, "layers.0.units")
        await pilot.press("minus")
        assert "takes a new run from the start" in " ".join(text_of(screen).split())
        assert screen.session is session
        await pilot.press("escape")
        assert screen.offer is None
        assert pilot.app.screen is screen
        await pilot.press("minus", "y")
        assert screen.training.branches == [session, screen.session]
        assert screen.session.count == 0
        assert screen.session.seed == 7
        assert screen.session.preset.layers[0].units == 7
        assert session.step == 5
        await pilot.press("tab")
        assert "from the start: layers.0.units = 7" in text_of(screen)


async def test_a_new_run_has_the_changes_made_on_the_way_and_a_spotlight_that_it_has(session_of: Sessions) -> None:
    async with opened(SettingsScreen, at_step(session_of("xor"), 2).branch("optimizer.l2", 0.5)) as (pilot, screen):
        screen.training.view.spotlight = screen.training.view.spotlight.at(screen.session.trainer.layers[0], 7, 0)
        choose(screen, "layers.0.units")
        await pilot.press("minus", "enter")
        assert screen.session.preset.layers[0].units == 7
        assert screen.session.preset.optimizer.l2 == 0.5
        assert str(screen.view.spotlight.name) == "W1[1,1]"
        choose(screen, "seed")
        await pilot.press("plus", "enter")
        assert screen.session.seed == 1
        choose(screen, "data.kind")
        await pilot.press("enter", "up", "enter", "y")
        assert len(screen.training.branches) >= 3


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("W9[1,1] = 5", "the network has layers 1 to 2"),
        ("W1[1,1] = a", "finite number"),
        ("optimizer.learning_rate = -1", "above 0"),
        ("optimizer.learning_rat = 1", "learning_rate"),
        ("layers.0.units = many", "integer"),
        ("units", "expected NAME = VALUE"),
        ("= 3", "expected NAME = VALUE"),
        ("optimizer.l2 = [", "TOML"),
    ],
)
async def test_a_wrong_value_says_what_is_wrong_and_nothing_is_lost(
    session_of: Sessions, typed: str, message: str
) -> None:
    session = at_step(session_of("xor"), 3)
    async with opened(SettingsScreen, session) as (pilot, screen):
        await pilot.press("colon")
        await type_in(pilot, typed)
        if screen.offer is not None:
            await pilot.press("y")
        assert message in " ".join(text_of(screen).split())
        assert screen.session is session
        assert session.edits == ()
        assert screen.training.branches == [session]


async def test_the_message_stands_in_view_also_under_the_last_line(session_of: Sessions) -> None:
    async with opened(SettingsScreen, session_of("xor")) as (pilot, screen):
        await pilot.press("up", "plus")
        text = " ".join(" ".join(window(screen)).split())
        assert "seed = 1: it takes a new run from the start. Enter or y starts one beside this run" in text


async def test_time_goes_on_under_the_page(session_of: Sessions) -> None:
    async with opened(SettingsScreen, session_of("xor")) as (pilot, screen):
        await pilot.press("right", "right")
        assert screen.session.step == 2
        assert "From step 3 on" in text_of(screen)
        await pilot.press("left")
        assert screen.session.step == 1


async def test_what_a_start_file_leaves_without_effect_is_refused(session_of: Sessions) -> None:
    async with opened(SettingsScreen, session_of("three-or-eight")) as (pilot, screen):
        choose(screen, "layers.0.init")
        await pilot.press("plus")
        assert "layers.0.init: would do nothing: training.start gives the start weights" in " ".join(
            text_of(screen).split()
        )
        assert screen.offer is None


async def test_weights_that_were_kept_are_found_where_one_stands(
    session_of: Sessions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    keep(at_step(session_of("xor"), 5), "kept.npz")
    async with opened(SettingsScreen, session_of("xor")) as (pilot, screen):
        screen.assign("training.start = kept.npz")
        await pilot.press("y")
        assert screen.session.trainer.beginning.steps == 5
