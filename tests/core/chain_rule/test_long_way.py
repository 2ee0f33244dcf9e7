"""The long way round a combined output: it comes to A − Y where floating point can go it, and is seen to break."""

from math import isnan
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.long_way import STRETCHES, long_way
from backprop_tui.core.session.session import Session

PAIRS = (("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy"))


def behind_backward(session: Session) -> Session:
    session.seek(session.timeline.finish_of(1) - len(session.trainer.layers) - 1)
    return session


@pytest.mark.parametrize(("output", "loss"), PAIRS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_both_ways_come_to_the_same(
    session_of: Any, network_table: Any, output: str, loss: str, batch_norm: bool
) -> None:
    table = network_table("tanh", output, loss)
    table["layers"][-1]["batch_norm"] = batch_norm
    session = behind_backward(session_of(table))
    for unit in range(3):
        for example in range(session.plan.examples):
            found = long_way(session.plan, 3, loss, unit, example)
            assert found.logit.symbol == ("N" if batch_norm else "Z")
            assert found.total == pytest.approx(found.short.value, abs=1e-14)
            assert sum(way.product for way in found.ways) == pytest.approx(found.total, abs=1e-14)
            assert found.short.expression.value() == pytest.approx(found.short.value, rel=1e-12)
            for way in found.ways:
                assert way.gradient.expression.value() == pytest.approx(way.gradient.value, rel=1e-12, abs=1e-15)
                assert way.slope.expression.value() == pytest.approx(way.slope.value, rel=1e-12)
                assert way.product == pytest.approx(way.gradient.value * way.slope.value)
            assert (found.broken, found.entries) == (0, 21)
            assert found.worst < 1e-14


def test_the_slopes_are_those_of_softmax(session_of: Any, network_table: Any) -> None:
    session = behind_backward(session_of(network_table("tanh", "softmax", "cross_entropy")))
    logits = session.plan["Z", 3].array[:, 2]

    def softmax(z: Any) -> Any:
        return np.exp(z) / np.exp(z).sum()

    for unit in range(3):
        step = np.zeros(3)
        step[unit] = 1e-6
        numeric = (softmax(logits + step) - softmax(logits - step)) / 2e-6
        found = [way.slope.value for way in long_way(session.plan, 3, "cross_entropy", unit, 2).ways]
        assert found == pytest.approx(numeric.tolist(), rel=1e-8)


def far_out(output: str, loss: str, dtype: str = "float64") -> dict[str, Any]:
    """One layer whose first logit is far above (or below) what the targets ask for."""
    return {
        "title": "Far out",
        "data": {"kind": "inline", "inputs": [[1.0]], "targets": [[0, 1]]},
        "layers": [{"units": 2, "activation": output, "weights": [[900.0], [-900.0]]}],
        "loss": {"kind": loss},
        "training": {"dtype": dtype},
    }


@pytest.mark.parametrize(("output", "loss"), PAIRS)
def test_where_a_probability_is_0_the_long_way_is_no_number(session_of: Any, output: str, loss: str) -> None:
    session = behind_backward(session_of(far_out(output, loss)))
    found = long_way(session.plan, 1, loss, 1, 0)
    assert isnan(found.total)
    assert found.short.value == (-1.0 if loss == "cross_entropy" else -0.5)
    assert found.broken > 0
    assert any(way.gradient.value == -np.inf for way in found.ways)


@pytest.mark.parametrize(("dtype", "broken_at"), [("float64", 1000), ("float32", 100)])
def test_further_out_it_breaks_sooner_in_single_precision(session_of: Any, dtype: str, broken_at: int) -> None:
    table = far_out("softmax", "cross_entropy", dtype)
    table["layers"][0]["weights"] = [[1.0], [-1.0]]
    session = behind_backward(session_of(table))
    found = long_way(session.plan, 1, "cross_entropy", 1, 0)
    assert found.total == pytest.approx(found.short.value, rel=1e-6)
    assert tuple(row.stretch for row in found.far_out) == STRETCHES
    first = next(row for row in found.far_out if not np.isfinite(row.long))
    assert first.stretch == broken_at
    assert first.probability == 0
    assert all(np.isfinite(row.short) for row in found.far_out)
    assert [row.probability for row in found.far_out] == sorted(
        (row.probability for row in found.far_out), reverse=True
    )


def test_two_ops_have_no_long_way(session_of: Any, network_table: Any) -> None:
    session = behind_backward(session_of(network_table("tanh", "softmax", "mean_squared_error")))
    with pytest.raises(LookupError, match="no combined op"):
        long_way(session.plan, 3, "mean_squared_error", 0, 0)
