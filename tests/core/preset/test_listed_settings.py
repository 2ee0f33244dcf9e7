"""The list of all settings of a preset: that it is whole, what it says of their use, and their next values."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from backprop_tui import presets
from backprop_tui.core.preset.hyper_parameters import HyperParameter, differences, hyper_parameters, stepped
from backprop_tui.core.preset.preset import OptimizerPreset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import SchedulePreset
from backprop_tui.core.session.session import Session

from ... import random_walks
from ...share import share

Sessions = Callable[..., Session]


def at_step(session: Session, step: int) -> Session:
    session.seek(session.timeline.finish_of(step))
    return session


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


@pytest.mark.parametrize("name", [*presets.names()[:: share(3, 1)], *random_walks.OWN])
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
