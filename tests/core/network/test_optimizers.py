"""Ten steps of each optimizer against its recurrence, written out here from the published form."""

from collections.abc import Iterator
from math import sqrt
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from backprop_tui.core.network.applied_gradient import trained_mask
from backprop_tui.core.session.session import Session

Vector = NDArray[np.float64]
Settings = dict[str, Any]
STEPS = 10
RATE = 0.05

FORMS: dict[str, Settings] = {
    "sgd": {"kind": "sgd"},
    "momentum": {"kind": "momentum"},
    "momentum 0": {"kind": "momentum", "momentum": 0.0},
    "momentum ema": {"kind": "momentum", "momentum": 0.8, "ema": True},
    "nesterov": {"kind": "nesterov"},
    "nesterov ema": {"kind": "nesterov", "momentum": 0.8, "ema": True},
    "rmsprop": {"kind": "rmsprop"},
    "rmsprop inside": {"kind": "rmsprop", "beta": 0.9, "epsilon": 0.01, "epsilon_inside_sqrt": True},
    "adagrad": {"kind": "adagrad"},
    "adagrad inside": {"kind": "adagrad", "epsilon": 0.01, "epsilon_inside_sqrt": True},
    "adam": {"kind": "adam"},
    "adam others": {"kind": "adam", "beta1": 0.5, "beta2": 0.7, "epsilon": 0.01},
    "adam 0": {"kind": "adam", "beta1": 0.0, "beta2": 0.0},
    "adam uncorrected": {"kind": "adam", "bias_correction": False},
    "adam inside": {"kind": "adam", "epsilon": 0.01, "epsilon_inside_sqrt": True},
    "adam textbook": {"kind": "adam", "bias_correction": False, "epsilon": 0.01, "epsilon_inside_sqrt": True},
    "adamw": {"kind": "adamw"},
    "adamw decay": {"kind": "adamw", "weight_decay": 0.1},
    "adamw textbook": {"kind": "adamw", "weight_decay": 0.1, "bias_correction": False, "epsilon_inside_sqrt": True},
}
STAGES: dict[str, Settings] = {
    "plain": {},
    "l1": {"l1": 0.02},
    "l2": {"l2": 0.3},
    "l1 l2": {"l1": 0.02, "l2": 0.3},
    "by value": {"clip_value": 0.05},
    "by norm": {"clip_norm": 0.1},
    "by a large norm": {"clip_norm": 1e3},
    "decay": {"weight_decay": 0.07},
    "biases": {"train_biases": False},
    "biases decay": {"train_biases": False, "weight_decay": 0.07},
    "penalty norm": {"l2": 0.3, "clip_norm": 0.1},
    "all": {
        "train_biases": False,
        "l1": 0.02,
        "l2": 0.3,
        "clip_value": 0.05,
        "clip_norm": 0.1,
        "weight_decay": 0.07,
    },
}


def symbols(session: Session) -> NDArray[np.str_]:
    """(size,): the symbol of every parameter, told from the layout: `[W | b]` row by row, then γ and β."""
    found: list[str] = []
    for layer in session.trainer.layers:
        found += (["W"] * layer.inputs + ["b"] * layer.has_bias) * layer.units
        found += ["γ"] * layer.units * layer.batch_norm + ["β"] * layer.units * layer.batch_norm
    return np.array(found)


def received(settings: Settings, gradient: Vector, theta: Vector, kinds: NDArray[np.str_]) -> tuple[Vector, float]:
    """What the optimizer receives, and the norm before clipping by norm."""
    weights, trained = kinds == "W", np.ones(kinds.size)
    if not settings.get("train_biases", True):
        trained[kinds == "b"] = 0
    g = gradient * trained
    g = g + weights * (settings.get("l1", 0) * np.sign(theta) + settings.get("l2", 0) * theta)
    if "clip_value" in settings:
        g = np.where(g > settings["clip_value"], settings["clip_value"], g)
        g = np.where(g < -settings["clip_value"], -settings["clip_value"], g)
    norm = sqrt(sum(g**2))
    if norm > settings.get("clip_norm", np.inf):
        g = g * (settings["clip_norm"] / norm)
    if settings["kind"] != "adamw":
        g = g + settings.get("weight_decay", 0) * theta * trained
    return g, norm


def changes(settings: Settings) -> Iterator[tuple[Vector, dict[str, Vector]]]:
    """A coroutine: it is sent (g, θ, trained) of each step and gives Δ and the moments after the step."""
    kind, t = settings["kind"], 0
    ema, inside = settings.get("ema", False), settings.get("epsilon_inside_sqrt", False)
    momentum, beta = settings.get("momentum", 0.9), settings.get("beta", 0.99)
    beta1, beta2 = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    epsilon = settings.get("epsilon", 1e-10 if kind == "adagrad" else 1e-8)
    decay = settings.get("weight_decay", 0)
    m: Any = 0
    v: Any = 0
    s: Any = 0
    result: Any = None

    def root(x: Vector) -> Vector:
        return np.sqrt(x + epsilon) if inside else np.sqrt(x) + epsilon

    while True:
        g, theta, trained = yield result
        t += 1
        if kind == "sgd":
            result = -RATE * g, {}
        elif kind in ("momentum", "nesterov"):
            fresh = (1 - momentum) * g if ema else g
            v = momentum * v + fresh
            result = -RATE * (momentum * v + fresh if kind == "nesterov" else v), {"v": v}
        elif kind in ("rmsprop", "adagrad"):
            s = s + g * g if kind == "adagrad" else beta * s + (1 - beta) * g * g
            result = -RATE * g / root(s), {"s": s}
        else:
            m = beta1 * m + (1 - beta1) * g
            v = beta2 * v + (1 - beta2) * g * g
            corrected = settings.get("bias_correction", True)
            m_hat, v_hat = (m / (1 - beta1**t), v / (1 - beta2**t)) if corrected else (m, v)
            shrunk = theta * (1 - RATE * decay * trained) if kind == "adamw" else theta
            result = (shrunk - theta) - RATE * m_hat / root(v_hat), {"m": m, "v": v}


def same(found: Vector, expected: Vector, tolerance: float = 1e-12) -> None:
    scale = float(np.abs(expected).max())
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=0.1 * tolerance * scale)


def parts_are(session: Session, name: str, vector: Vector, tolerance: float) -> None:
    """Every layer shows its part of a flat vector under that name."""
    for layer in session.trainer.layers:
        for symbol, part in layer.parameters(vector).items():
            same(session.plan[name.format(symbol), layer.number].array, part, tolerance)


def check(session: Session, settings: Settings, tolerance: float = 1e-12) -> None:
    """Ten steps of the session against the recurrence, with moments and with what was received."""
    kinds = symbols(session)
    trained = np.where((kinds == "b") & (not settings.get("train_biases", True)), 0.0, 1.0)
    rule = changes(settings)
    next(rule)
    for step in range(1, STEPS + 1):
        session.seek(session.timeline.finish_of(step) - 1)
        theta = session.trainer.state.parameters.astype(np.float64)
        gradient = session.trainer.gradient.astype(np.float64)
        assert np.abs(gradient).max() > 1e-4
        assert session.gradient_norm() == pytest.approx(sqrt(sum((gradient * trained) ** 2)), rel=tolerance)
        g, norm = received(settings, gradient, theta, kinds)
        named = set(settings) & {"l1", "l2", "clip_value", "clip_norm", "train_biases"}
        if named or (settings["kind"] != "adamw" and "weight_decay" in settings):
            parts_are(session, "g({})", g, tolerance)
        if "clip_norm" in settings:
            same(session.plan["‖p‖", None].array, np.array(norm), tolerance)
        delta, moments = rule.send((g, theta, trained))
        for name, moment in moments.items():
            parts_are(session, f"{name}({{}})", moment, tolerance)
        if tolerance < 1e-8:
            parts_are(session, "Δ{}", delta, tolerance)
        session.seek(session.timeline.finish_of(step))
        same(session.trainer.state.parameters, theta + delta, tolerance)


def merged(form: str, stage: str) -> Settings:
    return STAGES[stage] | FORMS[form]


def every_form() -> Iterator[tuple[str, str]]:
    """Each form as it is and with every stage; of the stages between, each with a fourth of the forms in turn."""
    between = [stage for stage in STAGES if stage not in ("plain", "all")]
    for number, form in enumerate(FORMS):
        for stage in ("plain", "all", *between[number % 4 :: 4]):
            yield form, stage


@pytest.mark.parametrize(("form", "stage"), list(every_form()))
def test_ten_steps_as_published(session_of: Any, network_table: Any, form: str, stage: str) -> None:
    settings = merged(form, stage)
    optimizer = {"learning_rate": RATE} | settings
    check(session_of(network_table("tanh", "identity", "half_squared_error", optimizer=optimizer)), settings)


@pytest.mark.parametrize("stage", ["plain", "all"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("batch", [3, 7])
def test_scale_and_shift_of_batch_norm_are_trained(
    session_of: Any, network_table: Any, form: str, stage: str, batch: int
) -> None:
    optimizer = {"learning_rate": RATE} | merged(form, stage)
    table = network_table("tanh", "identity", "half_squared_error", batch=batch, batch_norm=True, optimizer=optimizer)
    session = session_of(table)
    start = session.trainer.state.parameters.copy()
    kinds = symbols(session)
    session.seek(session.timeline.finish_of(STEPS))
    moved = session.trainer.state.parameters != start
    assert moved[(kinds == "γ") | (kinds == "β")].all()
    assert moved[kinds == "b"].any() == (stage == "plain")


@pytest.mark.parametrize("stage", ["plain", "all"])
@pytest.mark.parametrize("form", FORMS)
def test_ten_steps_with_batch_norm(session_of: Any, network_table: Any, form: str, stage: str) -> None:
    settings = merged(form, stage)
    optimizer = {"learning_rate": RATE} | settings
    check(
        session_of(network_table("tanh", "identity", "half_squared_error", batch_norm=True, optimizer=optimizer)),
        settings,
    )


@pytest.mark.parametrize("stage", ["plain", "all"])
@pytest.mark.parametrize("form", FORMS)
def test_ten_steps_in_single_precision(session_of: Any, network_table: Any, form: str, stage: str) -> None:
    settings = merged(form, stage)
    optimizer = {"learning_rate": RATE} | settings
    table = network_table("tanh", "softmax", "cross_entropy", batch=3, optimizer=optimizer, dtype="float32")
    session = session_of(table)
    check(session, settings, 1e-5)
    assert session.trainer.state.parameters.dtype == np.float32
    assert session.plan["ΔW", 1].array.dtype == np.float32


def test_adam_moves_by_its_learning_rate_at_first(session_of: Any, network_table: Any) -> None:
    """By hand: m̂ = g and √v̂ = |g| in step 1, whatever β₁ and β₂ are, so each parameter moves by η against its sign."""
    session = session_of(network_table("tanh", "identity", "mean_squared_error", optimizer="adam"))
    session.seek(session.timeline.finish_of(1) - 1)
    np.testing.assert_allclose(session.trainer.delta, -RATE * np.sign(session.trainer.gradient), rtol=1e-4)


@pytest.mark.parametrize("form", FORMS)
def test_untrained_biases_stay_and_weights_move_as_they_would(session_of: Any, network_table: Any, form: str) -> None:
    optimizer = {"learning_rate": RATE} | FORMS[form]
    table = network_table("tanh", "identity", "half_squared_error", optimizer=optimizer)
    trained, frozen = session_of(table), session_of(table, None, {"optimizer.train_biases": False})
    start = frozen.trainer.state.parameters.copy()
    for session in (trained, frozen):
        session.seek(session.timeline.finish_of(1) - 1)
    biases = symbols(frozen) == "b"
    assert (trained_mask(frozen.trainer.layers, frozen.trainer.dtype) == ~biases).all()
    gradient = frozen.trainer.gradient
    assert (gradient == trained.trainer.gradient).all()
    assert np.abs(gradient[biases]).min() > 1e-6
    assert frozen.gradient_norm() == pytest.approx(sqrt(sum(gradient[~biases] ** 2)), rel=1e-12)
    assert trained.gradient_norm() == pytest.approx(sqrt(sum(gradient**2)), rel=1e-12)
    for session in (trained, frozen):
        session.forward("step")
    after = frozen.trainer.state.parameters.copy()
    assert (after[~biases] == trained.trainer.state.parameters[~biases]).all()
    frozen.seek(frozen.timeline.finish_of(STEPS))
    after = frozen.trainer.state.parameters
    assert (after[biases] == start[biases]).all()
    assert (after[~biases] != start[~biases]).all()


@pytest.mark.parametrize("form", FORMS)
def test_a_step_back_is_the_step_before(session_of: Any, network_table: Any, form: str) -> None:
    optimizer = {"learning_rate": RATE} | merged(form, "all")
    table = network_table("tanh", "identity", "half_squared_error", batch=3, optimizer=optimizer)
    session, other = session_of(table), session_of(table)
    session.seek(session.timeline.finish_of(5))
    session.seek(session.timeline.finish_of(2))
    session.seek(session.timeline.finish_of(4) - 1)
    other.seek(other.timeline.finish_of(4) - 1)
    for key, quantity in other.plan.quantities.items():
        assert (session.plan[key].array == quantity.array).all(), key
