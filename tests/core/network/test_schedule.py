"""The learning rate of each step: numbers by hand, PyTorch's schedulers, and what the update ops say of it."""

from dataclasses import replace
from math import cos, inf, pi
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.network.schedule import explained_rate, is_scheduled, rate_of_step, schedule_rule
from backprop_tui.core.preset.preset import from_table, load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import OPTIMIZERS, SCHEDULES, OptimizerPreset
from backprop_tui.core.session.session import Session

STEPS = 12
EXAMPLE = ([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]], [[0.2], [-0.4]])
SCHEDULERS: dict[str, dict[str, Any]] = {
    "step": {"kind": "step", "step_size": 3, "gamma": 0.5},
    "exponential": {"kind": "exponential", "gamma": 0.9},
    "cosine": {"kind": "cosine", "t_max": 5, "eta_min": 0.01},
    "constant": {"kind": "constant"},
}


def table(schedule: dict[str, Any], **optimizer: Any) -> dict[str, Any]:
    """One linear neuron of three inputs."""
    return {
        "title": "Scheduled",
        "data": {"kind": "inline", "inputs": EXAMPLE[0], "targets": EXAMPLE[1]},
        "layers": [{"units": 1, "activation": "identity", "weights": [[0.3, -0.2, 0.1]], "biases": [0.4]}],
        "optimizer": {"learning_rate": 0.2, **optimizer, **({"schedule": schedule} if schedule else {})},
    }


def optimizer(schedule: dict[str, Any], **more: Any) -> OptimizerPreset:
    return from_table(table(schedule, **more), "scheduled").optimizer


def rates(schedule: dict[str, Any], steps: int = STEPS, **more: Any) -> list[float]:
    own = optimizer(schedule, **more)
    return [rate_of_step(own, step) for step in range(1, steps + 1)]


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ({"kind": "step", "step_size": 2, "gamma": 0.5}, [0.2, 0.2, 0.1, 0.1, 0.05, 0.05, 0.025]),
        ({"kind": "exponential", "gamma": 0.5}, [0.2, 0.1, 0.05, 0.025]),
        # Down along half a cosine in four steps, and up again.
        ({"kind": "cosine", "t_max": 4}, [0.2, 0.1 + 0.1 * 0.5**0.5, 0.1, 0.1 - 0.1 * 0.5**0.5, 0.0, 0.0292893218813]),
        ({"kind": "cosine", "t_max": 2, "eta_min": 0.1}, [0.2, 0.15, 0.1, 0.15, 0.2]),
        # From a quarter of it in three steps to the whole: 1/4, 1/2, 3/4, 1.
        ({"warm_up": 3, "start_factor": 0.25}, [0.05, 0.1, 0.15, 0.2, 0.2]),
        # The schedule's own steps begin when the warm-up is over.
        ({"kind": "step", "step_size": 2, "warm_up": 2, "start_factor": 0.5}, [0.1, 0.15, 0.2, 0.2, 0.02, 0.02]),
        ({"kind": "exponential", "gamma": 0.5, "warm_up": 1, "start_factor": 0.5}, [0.1, 0.2, 0.1, 0.05]),
    ],
)
def test_rates_by_hand(schedule: dict[str, Any], expected: list[float]) -> None:
    np.testing.assert_allclose(rates(schedule, len(expected)), expected, rtol=1e-11, atol=1e-17)


def test_the_defaults() -> None:
    """A constant rate without a schedule; a warm-up from a third; by 0.1 every 300 steps; half a cosine of 1,000."""
    assert set(rates({})) == {0.2}
    assert not is_scheduled(optimizer({}))
    assert schedule_rule(optimizer({})) == schedule_rule(optimizer({"kind": "constant"})) == ()
    assert rates({"warm_up": 2})[:3] == pytest.approx([0.2 / 3, 0.4 / 3, 0.2], rel=1e-15)
    assert rates({"kind": "step"}, 301)[299:] == pytest.approx([0.2, 0.02], rel=1e-15)
    assert rates({"kind": "cosine"}, 501)[250] == pytest.approx(0.1 + 0.1 * cos(pi / 4), rel=1e-15)
    assert rates({"kind": "exponential"}, 2)[1] == pytest.approx(0.1998, rel=1e-15)


def test_a_rate_that_grows_without_end_is_infinite_and_one_that_shrinks_is_0() -> None:
    assert rate_of_step(optimizer({"kind": "exponential", "gamma": 2.0}), 10_000) == inf
    assert rate_of_step(optimizer({"kind": "exponential", "gamma": 0.5}), 10_000) == 0


@given(
    st.sampled_from(SCHEDULES),
    st.integers(0, 9),
    st.integers(1, 50),
    st.floats(0.05, 1.0),
    st.integers(1, 9),
    st.integers(1, 40),
    st.floats(0.0, 0.5),
    st.floats(0.01, 1.0),
)
def test_the_formula_gives_the_rate(
    kind: str, warm_up: int, step: int, gamma: float, size: int, length: int, low: float, start: float
) -> None:
    schedule = {"kind": kind, "warm_up": warm_up, "gamma": gamma, "step_size": size, "t_max": length}
    own = optimizer(schedule | {"eta_min": low, "start_factor": start})
    expression, rate = explained_rate(own, step), rate_of_step(own, step)
    assert expression.value() == pytest.approx(rate, rel=1e-12, abs=1e-15)
    if is_scheduled(own):
        assert any(expression.symbols() in formula for formula in schedule_rule(own))


@pytest.mark.parametrize("warm_up", [0, 4])
@pytest.mark.parametrize("name", list(SCHEDULERS))
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_a_training_is_that_of_pytorch_with_its_scheduler(kind: str, name: str, warm_up: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    schedule = SCHEDULERS[name] | {"warm_up": warm_up, "start_factor": 0.25}
    preset, dataset = load_preset(table(schedule, kind=kind, weight_decay=0.1), "scheduled")
    own = Session(preset, dataset)
    weights = torch.tensor([[0.3, -0.2, 0.1]], dtype=torch.float64, requires_grad=True)
    bias = torch.tensor([0.4], dtype=torch.float64, requires_grad=True)
    X, Y = (torch.tensor(part, dtype=torch.float64) for part in EXAMPLE)
    makers: dict[str, Any] = {
        "sgd": torch.optim.SGD,
        "momentum": lambda p, **k: torch.optim.SGD(p, momentum=0.9, **k),
        "nesterov": lambda p, **k: torch.optim.SGD(p, momentum=0.9, nesterov=True, **k),
        "rmsprop": torch.optim.RMSprop,
        "adagrad": torch.optim.Adagrad,
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
    }
    other = makers[kind]([weights, bias], lr=0.2, weight_decay=0.1)
    scheduler = torch_scheduler(torch, other, name, warm_up)
    for step in range(1, STEPS + 1):
        told = other.param_groups[0]["lr"]
        other.zero_grad()
        ((X @ weights.T + bias - Y) ** 2).mean().backward()
        other.step()
        scheduler.step()
        own.seek(own.timeline.finish_of(step))
        assert rate_of_step(preset.optimizer, step) == pytest.approx(told, rel=1e-12, abs=1e-15)
        layer = own.trainer.layers[0].parameters(own.trainer.state.parameters)
        np.testing.assert_allclose(layer["W"], weights.detach().numpy(), rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(layer["b"], bias.detach().numpy(), rtol=1e-9, atol=1e-13)


def torch_scheduler(torch: Any, other: Any, name: str, warm_up: int) -> Any:
    """PyTorch's scheduler of that name, behind a linear warm-up where there is one."""
    kinds = torch.optim.lr_scheduler
    main = {
        "step": lambda: kinds.StepLR(other, 3, gamma=0.5),
        "exponential": lambda: kinds.ExponentialLR(other, 0.9),
        "cosine": lambda: kinds.CosineAnnealingLR(other, 5, eta_min=0.01),
        "constant": lambda: kinds.LambdaLR(other, lambda epoch: 1.0),
    }[name]()
    if not warm_up:
        return main
    rise = kinds.LinearLR(other, start_factor=0.25, end_factor=1.0, total_iters=warm_up)
    return kinds.SequentialLR(other, [rise, main], [warm_up])


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_what_an_update_says_of_its_change_is_the_change(kind: str) -> None:
    """With biases that are not trained, weight decay and clipping: each number is that of its expression."""
    more = {"weight_decay": 0.1, "train_biases": False, "clip_norm": 0.5}
    session = Session(*load_preset(table(SCHEDULERS["step"] | {"warm_up": 2}, kind=kind, **more), "scheduled"))
    seen = set()
    for step in (1, 3, 6):
        session.seek(session.timeline.finish_of(step) - 1)
        op = session.op
        assert op is not None
        for quantity in op.writes:
            for index in np.ndindex(quantity.array.shape):
                value = op.explain(quantity, index).value()
                assert quantity.value(index) == pytest.approx(value, rel=1e-12, abs=1e-15)
        rate = session.plan["ηₖ", None]
        assert rate.value(()) == rate_of_step(session.preset.optimizer, step)
        assert session.trainer.learning_rate(step) == rate.value(())
        assert not session.plan["Δb", 1].array.any()
        seen.add(rate.value(()))
        assert "ηₖ = η · (φ + (1 − φ) · (k − 1) / n) for k ≤ n   ηₖ = η · γ^⌊(k − 1 − n) / s⌋ for k > n" in op.rule
    assert len(seen) == 3


def test_the_last_step_of_a_cosine_in_single_precision_is_no_fault() -> None:
    """A rate of 0, and one too large for float32: the run goes on, and stops, as with any such numbers."""
    changes: dict[str, Any] = {"training": {"dtype": "float32"}}
    session = Session(*load_preset(table({"kind": "cosine", "t_max": 2}) | changes, "scheduled"))
    session.seek(session.timeline.finish_of(2))
    before = session.trainer.state.parameters.copy()
    session.seek(session.timeline.finish_of(3))
    assert (session.trainer.state.parameters == before).all()
    growing = table({"kind": "exponential", "gamma": 1e30}) | changes
    session = Session(*load_preset(growing, "scheduled"))
    session.seek(session.timeline.finish_of(3))
    assert not np.isfinite(session.trainer.state.parameters).all()


@pytest.mark.parametrize(
    ("schedule", "told"),
    [
        ({"kind": "linear"}, 'optimizer.schedule.kind: expected one of the known names, found "linear"'),
        ({"kind": "step", "step_size": 0}, "optimizer.schedule.step_size: expected an integer of 1 or more, found 0"),
        ({"kind": "cosine", "T_max": 5}, 'optimizer.schedule.T_max: unknown key; did you mean "t_max"?'),
        ({"gamma": 0.0}, "optimizer.schedule.gamma: expected a finite number above 0, found 0.0"),
        ({"warm_up": 2.5}, "optimizer.schedule.warm_up: expected an integer of 0 or more, found 2.5"),
        ({"start_factor": 1.5}, "optimizer.schedule.start_factor: expected a finite number above 0 and up to 1"),
        ({"eta_min": -1.0}, "optimizer.schedule.eta_min: expected a finite number of 0 or more"),
        ("cosine", 'optimizer.schedule: expected a table, found "cosine"'),
    ],
)
def test_bad_values_are_refused_in_a_line(schedule: Any, told: str) -> None:
    with pytest.raises(PresetError) as caught:
        from_table(table(schedule), "mine.toml")
    assert str(caught.value).startswith(f"mine.toml: {told}")


def test_the_rate_is_that_of_the_rate_and_schedule_of_the_moment() -> None:
    own = optimizer({"kind": "step", "step_size": 2, "gamma": 0.5})
    assert rate_of_step(replace(own, learning_rate=0.4), 5) == 2 * rate_of_step(own, 5)
