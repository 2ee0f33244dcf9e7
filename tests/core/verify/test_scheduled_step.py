"""A step that was handed in beside a preset with a schedule: it is held against the learning rate of its own step."""

from typing import Any

import pytest

from backprop_tui import verify
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.session.session import Session

TABLE: dict[str, Any] = {
    "title": "Scheduled",
    "data": {"kind": "inline", "inputs": [[0.5, 0.8], [0.1, -0.4]], "targets": [[1.0], [0.0]]},
    "layers": [{"units": 3, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
    "optimizer": {
        "kind": "sgd",
        "learning_rate": 0.4,
        "schedule": {"kind": "step", "step_size": 2, "gamma": 0.5, "warm_up": 2, "start_factor": 0.25},
    },
}


def handed_in(step: int) -> dict[str, Any]:
    """What a right program computes in step `step`."""
    session = Session(*load_preset(TABLE, "scheduled"))
    session.seek(session.timeline.finish_of(step) - 1)
    plan = session.plan
    found: dict[str, Any] = {"X": plan["X", None].array.T.copy(), "Y": plan["Y", None].array.T.copy(), "step": step}
    for layer in (1, 2):
        for symbol in ("W", "b"):
            value, change = plan[symbol, layer].array, plan[f"Δ{symbol}", layer].array
            found[f"{symbol}{layer}"], found[f"{symbol}{layer}_new"] = value.copy(), value + change
    return found


@pytest.mark.parametrize("step", [1, 2, 3, 5])
def test_the_update_is_right_with_the_rate_of_its_step(tmp_path: Any, step: int) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(toml_text(TABLE))
    report = verify(handed_in(step), preset=str(path))
    assert report, report
    wrong = verify(handed_in(step) | {"step": 1 if step != 1 else 5}, preset=str(path))
    assert not wrong
