"""A nudge changes the loss as the formula of the loss says, and the run not at all."""

from math import inf, isnan
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.inquiry.what_if import POINTS, WhatIf, whole_step
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.effort import effort
from backprop_tui.core.session.session import Session

NETWORKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm, dropout": {"batch_norm": True, "dropout": 0.4, "batch": 4},
    "residual": {"residual": True, "batch": 3},
}


def present(session: Session) -> tuple[Any, ...]:
    """All that must not change: the position, the state, and whatever the step has computed."""
    computed = {key: q.array.tobytes() for key, q in session.plan.quantities.items() if session.computed(q)}
    state = session.trainer.state
    return session.count, session.op, session.plan, session.furthest, state.vectors.tobytes(), computed


def test_nudging_the_weight_of_one_linear_neuron_by_hand(session_of: Any) -> None:
    """ℒ = (2.1 w + b − 4)² at w = 1, b = 0: 3.61, slope −7.98, and half its curvature is 2.1² = 4.41."""
    session = session_of("linear-neuron")
    session.forward("op")
    found = WhatIf(session, Spotlight(1, 0, 0))
    assert (found.value, found.update) == (1.0, None)
    assert found.loss == pytest.approx(3.61, rel=1e-15)
    assert found.gradient == pytest.approx(-7.98, rel=1e-15)
    assert found.spans == (1.0,)
    for delta in (0.5, -2.0, 1e-3):
        change = found.nudge(delta)
        assert change.predicted == pytest.approx(-7.98 * delta, rel=1e-14)
        assert change.true == pytest.approx(-7.98 * delta + 4.41 * delta**2, rel=1e-10)
        assert change.remainder == pytest.approx(4.41 * delta**2, rel=1e-8)
    nothing = found.nudge(0.0)
    assert (nothing.predicted, nothing.true) == (0, 0)
    curve = found.curve(1.0)
    assert [change.nudge for change in curve] == pytest.approx(np.linspace(-1, 1, POINTS), abs=1e-15)
    assert min(curve, key=lambda change: change.true).nudge == pytest.approx(0.9)  # 7.98 / 8.82 = 0.905


def test_the_update_of_the_step_is_a_span_as_soon_as_it_is_computed(session_of: Any) -> None:
    session = session_of("linear-neuron")
    session.seek(session.timeline.finish_of(1) - 1)
    found = WhatIf(session, Spotlight(1, 0, 0))
    assert found.update == pytest.approx(0.0798)
    assert found.spans == (1.0, found.update)
    session.forward("step")
    finished = WhatIf(session, Spotlight(1, 0, 0))
    assert (finished.value, finished.update) == (pytest.approx(1.0798), found.update)
    assert WhatIf(session, Spotlight(1, 0, None)).spans == pytest.approx((0.1, 0.038))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_gradient_is_the_slope_of_the_curve(session_of: Any, network_table: Any, name: str) -> None:
    """By central differences; nothing is disturbed by asking, and asking again gives the same."""
    session = session_of(network_table("tanh", "identity", "mean_squared_error", **NETWORKS[name]))
    spotlights = [Spotlight(1, 1, 0), Spotlight(2, 0, 1), Spotlight(3, 2, None)]
    spotlights += [Spotlight(2, 1, None, symbol="γ")] if session.trainer.layers[1].batch_norm else []
    for count in (
        0,
        4,
        session.timeline.finish_of(3) - 1,
        session.timeline.finish_of(3),
        session.timeline.finish_of(5) + 7,
    ):
        session.seek(count)
        for spotlight in spotlights:
            before = present(session)
            found = WhatIf(session, spotlight)
            slope = (found.nudge(1e-5).true - found.nudge(-1e-5).true) / 2e-5
            assert slope == pytest.approx(found.gradient, rel=1e-6, abs=1e-9)
            assert found.curve(0.5, 5) == found.curve(0.5, 5)
            assert abs(found.nudge(1e-3).remainder) < 1e-3
            assert present(session) == before
            own = session.plan[f"d{spotlight.parameter}", spotlight.layer]
            if session.computed(own) and not session.position.finished:
                assert found.gradient == pytest.approx(own.value(spotlight.index), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_whole_step_changes_the_loss_of_its_batch(
    session_of: Any, network_table: Any, name: str, optimizer: str
) -> None:
    session = session_of(network_table("tanh", "identity", "mean_squared_error", optimizer=optimizer, **NETWORKS[name]))
    session.seek(session.timeline.finish_of(3) - 2)
    assert whole_step(session) is None
    session.forward("op")
    before = present(session)
    found = whole_step(session)
    assert present(session) == before
    assert found is not None
    delta = session.trainer.delta
    assert found.nudge == pytest.approx(np.linalg.norm(delta))
    assert found.predicted == pytest.approx(float(session.trainer.gradient @ delta), rel=1e-10)
    if optimizer == "sgd":
        assert found.predicted == pytest.approx(-0.05 * session.gradient_norm() ** 2, rel=1e-10)
    start, loss = session.trainer.state.parameters.copy(), session.plan.loss()
    rehearsal = session.rehearse()
    rehearsal.parameters[:] = start + delta
    assert found.true == pytest.approx(rehearsal.loss() - loss, rel=1e-10)
    session.forward("step")
    again = whole_step(session)
    assert again is not None
    assert (again.predicted, again.true) == (pytest.approx(found.predicted), pytest.approx(found.true, rel=1e-9))


def test_at_an_edit_the_step_before_it_is_not_in_view(session_of: Any) -> None:
    session = session_of("linear-neuron").branch("optimizer.learning_rate", 0.02)
    edited = Session(session.preset, session.dataset, None, (Edit(2, "optimizer.learning_rate", 0.05),))
    edited.seek(edited.timeline.finish_of(2))
    assert whole_step(edited) is None
    assert WhatIf(edited, Spotlight(1, 0, 0)).update is None
    edited.seek(edited.timeline.finish_of(3))
    assert whole_step(edited) is not None


def test_what_is_not_finite_is_handed_on_as_it_is(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    found = WhatIf(session, Spotlight(1, 0, 0))
    assert found.nudge(1e200).true == inf
    assert found.nudge(1e200).predicted == pytest.approx(-7.98e200)
    assert found.nudge(0.1).true == pytest.approx(-0.7539)
    session.seek(session.timeline.finish_of(80))
    lost = WhatIf(session, Spotlight(1, 0, 0))
    assert isnan(lost.value)
    assert lost.spans == ()
    assert all(isnan(change.true) for change in lost.curve(1.0))
    change = whole_step(session)
    assert change is not None
    assert isnan(change.true)


def test_a_large_network_has_fewer_points(session_of: Any) -> None:
    small = WhatIf(session_of("spiral"), Spotlight(1, 0, 0))
    assert small.points == POINTS
    wide = [{"units": 1500, "activation": "tanh"}, {"units": 1500, "activation": "tanh"}]
    table = {"title": "Wide", "data": {"kind": "spiral"}, "layers": [*wide, {"units": 1, "activation": "sigmoid"}]}
    large = WhatIf(session_of(table, changes={"training.batch_size": 10}), Spotlight(1, 0, 0))
    forward = [op for op in large.rehearsal.plan.ops if op.phase in ("forward", "loss")]
    assert effort(forward) > 10 * 1500 * 1500
    assert large.points == 5
    assert [change.nudge for change in large.curve(0.2)] == pytest.approx([-0.2, -0.1, 0, 0.1, 0.2])
