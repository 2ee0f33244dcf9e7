"""Presets of problems in depth, start and step size: what their lessons say is found, cured and not cured, is so.

A run's `seed` redraws start weights and order; the data are those of the preset.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.lessons.action import actions
from backprop_tui.core.preset.preset import from_table, load_preset, parse
from backprop_tui.core.preset.settings import apply_changes, with_variant
from backprop_tui.core.session.session import Session

from ..share import share

PROBLEMS = {
    "vanishing": "vanishing_gradient",
    "exploding": "exploding_gradient",
    "dead-relu": "dead_units",
    "slow-convergence": "slow_convergence",
    "learning-rate": "learning_rate_too_high",
    "initialization": "symmetric_weights",
    "residual": "exploding_gradient",
    "batch-norm": "saturated_units",
}
"""The rule that each problem fires."""
CURES = [
    ("vanishing", "tanh + Xavier"),
    ("vanishing", "ReLU + He"),
    ("vanishing", "batch norm"),
    ("vanishing", "residual"),
    ("exploding", "He"),
    ("exploding", "batch norm"),
    ("dead-relu", "leaky ReLU"),
    ("dead-relu", "He"),
    ("dead-relu", "lower rate"),
    ("dead-relu", "clipping"),
    ("slow-convergence", "momentum"),
    ("slow-convergence", "RMSprop"),
    ("slow-convergence", "Adam"),
    ("slow-convergence", "larger rate"),
    ("learning-rate", "right"),
    ("initialization", "Xavier"),
    ("initialization", "ReLU + He"),
    ("residual", "batch norm"),
    ("residual", "smaller weights"),
    ("residual", "no shortcuts"),
    ("residual", "sigmoid"),
    ("batch-norm", "batch norm"),
    ("batch-norm", "batch norm, rate 1"),
    ("batch-norm", "batches of one"),
    ("batch-norm", "Xavier"),
]
NO_CURES = [
    ("vanishing", "20 layers", "vanishing_gradient"),
    ("exploding", "clipping", "exploding_gradient"),
    ("exploding", "lower rate", "exploding_gradient"),
    ("dead-relu", "momentum", "dead_units"),
    ("slow-convergence", "plateau", "plateau"),
    ("learning-rate", "too small", "learning_rate_too_low"),
    ("learning-rate", "divergent", "not_finite"),
    ("initialization", "all the same", "symmetric_weights"),
    ("initialization", "too small", "poor_initialization"),
    ("initialization", "too large", "poor_initialization"),
    ("residual", "sigmoid, no shortcuts", "vanishing_gradient"),
    ("batch-norm", "lower rate", "saturated_units"),
]
"""What is not cured, and the rule that it fires: the problem's own, or the one that takes its place."""
HEALTHY = [
    ("vanishing", "tanh + Xavier"),
    ("dead-relu", "He"),
    ("slow-convergence", "momentum"),
    ("slow-convergence", "Adam"),
    ("slow-convergence", "larger rate"),
    ("learning-rate", "right"),
    ("initialization", "Xavier"),
    ("batch-norm", "Xavier"),
]
"""Cures that leave nothing to find."""

seeds = pytest.mark.parametrize("seed", share([None], [None, 1]))
problems = pytest.mark.parametrize("name", PROBLEMS)


def session_of(name: str, variant: str = "", seed: int | None = None, changes: dict[str, Any] | None = None) -> Session:
    """A fresh run of a built-in preset or of a variant of it, with changes."""
    table = parse(presets.text(name), name)
    if variant:
        chosen = next(one for one in from_table(table, name).variants if one.name == variant)
        table = with_variant(table, chosen)
    return Session(*load_preset(apply_changes(table, changes or {}), name, presets.folder(), name), seed)


@cache
def run_of(name: str, variant: str = "", seed: int | None = None) -> Session:
    """Such a run after 500 steps; not to be moved."""
    session = session_of(name, variant, seed)
    session.advance_steps(500)
    return session


def fired(session: Session) -> set[str]:
    """The rules that have fired."""
    return {finding.rule for finding in session.findings()}


def warnings(session: Session) -> set[str]:
    """Those above mere information."""
    return {finding.rule for finding in session.findings() if finding.severity != "info"}


def norm(session: Session, symbol: str, layer: int) -> float:
    return float(np.linalg.norm(session.plan[symbol, layer].array))


def loss(session: Session) -> float:
    return session.evaluate().training.loss


@seeds
@problems
def test_a_problem_fires_its_own_rule(name: str, seed: int | None) -> None:
    assert PROBLEMS[name] in warnings(run_of(name, seed=seed))


@seeds
@pytest.mark.parametrize(("name", "variant"), CURES)
def test_a_cure_clears_the_finding(name: str, variant: str, seed: int | None) -> None:
    assert PROBLEMS[name] not in fired(run_of(name, variant, seed))


@seeds
@pytest.mark.parametrize(("name", "variant", "rule"), NO_CURES)
def test_what_is_no_cure_has_a_finding(name: str, variant: str, rule: str, seed: int | None) -> None:
    assert rule in warnings(run_of(name, variant, seed))


@pytest.mark.parametrize(("name", "variant"), HEALTHY)
def test_nothing_else_is_found_beside_a_full_cure(name: str, variant: str) -> None:
    assert warnings(run_of(name, variant)) == set()


def test_batch_norm_leaves_the_weights_as_they_are() -> None:
    assert warnings(run_of("batch-norm", "batch norm")) == {"poor_initialization"}


@problems
def test_every_variant_is_judged(name: str) -> None:
    judged = {variant for preset, variant, *_ in [*CURES, *NO_CURES] if preset == name}
    assert {variant.name for variant in session_of(name).preset.variants} == judged
    assert len(judged) <= 5, "so that all of them can run beside the preset"


@problems
def test_a_lesson_is_short_and_leads_to_every_variant(name: str) -> None:
    preset = session_of(name).preset
    assert 3 <= len(preset.lesson.strip().split("\n\n")) <= 8
    told = {action.target for action in actions(preset.lesson, name) if action.kind == "variant"}
    assert told == {variant.name for variant in preset.variants}


@problems
def test_a_problem_runs_on_with_finite_numbers(name: str) -> None:
    session = run_of(name)
    assert session.not_finite_step is None
    assert np.isfinite(session.trainer.state.parameters).all()


# What single lessons say in their own words


@pytest.mark.parametrize(
    "variant", share(["ReLU + He", "batch norm"], ["tanh + Xavier", "ReLU + He", "batch norm", "residual"])
)
def test_twenty_layers_do_not_vanish_either(variant: str) -> None:
    session = session_of("vanishing", variant, changes={"layers.0.repeat": 19})
    session.advance_steps(500)
    assert "vanishing_gradient" not in fired(session)
    assert ("exploding_gradient" in fired(session)) == (variant == "batch norm")


def test_the_slopes_made_the_gradient_vanish_and_the_weights_made_it_explode() -> None:
    for name, factor in (("vanishing", "slopes"), ("exploding", "weights")):
        finding = next(one for one in run_of(name).findings() if one.rule == PROBLEMS[name])
        assert finding.layer == 1
        main = finding.cause.split("gradient most")[0]
        assert factor in main


def test_twice_he_doubles_forward_and_back_and_hardly_shows_in_the_ratio() -> None:
    session = session_of("exploding")
    session.seek(session.timeline.finish_of(1) - 1)
    assert norm(session, "A", 10) > 2**8 * norm(session, "A", 1)
    assert norm(session, "dZ", 1) > 2**8 * norm(session, "dZ", 11)
    assert norm(session, "dW", 1) < norm(session, "dW", 11)


@pytest.mark.parametrize("variant", ["clipping", "lower rate"])
def test_what_tames_the_update_leaves_the_finding(variant: str) -> None:
    session = run_of("exploding", variant)
    assert any(one.active for one in session.findings() if one.rule == "exploding_gradient")
    assert loss(session) < loss(session_of("exploding")) / 10


def test_all_of_a_layer_is_dead_and_gets_no_gradient() -> None:
    session = session_of("dead-relu")
    session.seek(session.timeline.finish_of(20) - 1)
    assert not session.plan["A", 2].array.any()
    assert norm(session, "dW", 2) == norm(session, "dW", 1) == 0
    found = [one for one in run_of("dead-relu").findings() if one.rule == "dead_units" and one.severity == "error"]
    assert [(one.layer, one.units) for one in found] == [(2, tuple(range(1, 17)))]


def test_units_with_the_same_start_stay_the_same() -> None:
    weights = run_of("initialization", "all the same").plan["W", 1].array
    assert weights == pytest.approx(np.tile(weights[0], (16, 1)), rel=1e-9)
    assert weights[0, 0] != 0.1


def test_with_zeros_nothing_but_the_last_bias_learns() -> None:
    session = run_of("initialization")
    assert np.count_nonzero(session.trainer.state.parameters) == 1
    assert session.plan["b", 4].array.any()


def test_batches_of_one_teach_nothing() -> None:
    session = run_of("batch-norm", "batches of one")
    assert norm(session, "Ẑ", 1) == 0
    assert loss(session) > 0.69
    assert loss(run_of("batch-norm", "batch norm")) < 0.1


def test_the_update_of_gradient_descent_is_the_rate_times_the_gradient() -> None:
    for name in ("slow-convergence", "learning-rate"):
        session = session_of(name)
        session.seek(session.timeline.finish_of(1) - 1)
        rate = session.preset.optimizer.learning_rate
        assert f"{rate:g}" in session.preset.lesson
        assert norm(session, "ΔW", 1) == pytest.approx(rate * norm(session, "dW", 1), rel=1e-12)
    rmsprop = session_of("slow-convergence", "RMSprop")
    rmsprop.seek(rmsprop.timeline.finish_of(1) - 1)
    assert np.abs(rmsprop.plan["ΔW", 1].array) == pytest.approx(np.full((8, 2), 10 * 0.006), rel=1e-4)
