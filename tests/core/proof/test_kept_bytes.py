"""What is kept for the way back: by hand for small networks, and against what really changes a gradient."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.proof.kept_bytes import cached_bytes, kept
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.plan import Plan
from backprop_tui.core.training.rehearsal import Rehearsal


def plan_of(session: Session) -> Plan:
    trainer, data = session.trainer, session.dataset
    return Rehearsal(trainer, data.inputs, data.targets, trainer.masks(1, data.size), trainer.dtype).plan


def symbols(plan: Plan) -> set[str]:
    return {quantity.name for quantity in kept(plan)}


def test_the_2_2_1_network_of_sigmoids_keeps_its_activations_and_its_error(session_of: Callable[..., Session]) -> None:
    """σ′ = A (1 − A): 2 + 1 activations and one error, of 8 bytes each."""
    plan = plan_of(session_of("first-steps"))
    assert symbols(plan) == {"A⁽¹⁾", "A⁽²⁾", "E"}
    assert cached_bytes(plan) == 4 * 8
    half = plan_of(session_of("first-steps", changes={"training.dtype": "float32"}))
    assert cached_bytes(half) == 4 * 4


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        ("identity", {"A⁽¹⁾", "E"}),
        ("sigmoid", {"A⁽¹⁾", "E"}),
        ("tanh", {"A⁽¹⁾", "E"}),
        ("relu", {"A⁽¹⁾", "E"}),
        ("leaky_relu", {"Z⁽¹⁾", "A⁽¹⁾", "E"}),
        ("elu", {"Z⁽¹⁾", "A⁽¹⁾", "E"}),
        ("gelu", {"Z⁽¹⁾", "A⁽¹⁾", "E"}),
        ("silu", {"Z⁽¹⁾", "A⁽¹⁾", "E"}),
    ],
)
def test_a_slope_keeps_what_it_is_worked_out_from(
    session_of: Callable[..., Session], activation: str, expected: set[str]
) -> None:
    changes = {"layers.0.activation": activation, "layers.1.activation": "identity"}
    assert symbols(plan_of(session_of("first-steps", changes=changes))) == expected


@pytest.mark.parametrize("activation", ["tanh", "relu", "leaky_relu", "gelu_tanh", "softplus"])
@pytest.mark.parametrize("extra", [{}, {"batch_norm": True}, {"dropout": 0.4}], ids=["plain", "batch norm", "dropout"])
def test_the_way_back_depends_on_what_is_kept_and_on_nothing_else(
    session_of: Callable[..., Session], network_table: Callable[..., Any], activation: str, extra: dict[str, Any]
) -> None:
    """Everything else of the forward pass is overwritten before the way back, and the gradient is the same."""
    plan = plan_of(session_of(network_table(activation, "softmax", "cross_entropy", **extra)))
    forward = [op for op in plan.ops if op.phase in ("forward", "loss")]
    backward = [op for op in plan.ops if op.phase == "backward"]
    gradients = [quantity for op in backward for quantity in op.writes if quantity.place > 0]

    def run(ops: list[Any]) -> None:
        for op in ops:
            for call in op.calls:
                call()

    def results() -> list[bytes]:
        return [quantity.array.tobytes() for quantity in gradients]

    run([*forward, *backward])
    expected = results()
    names = symbols(plan)
    lost = [quantity for op in forward for quantity in op.writes if quantity.name not in names]
    assert lost
    for quantity in lost:
        quantity.array[...] = np.nan
    run(backward)
    assert results() == expected
    for quantity in kept(plan):
        # Masks are given, and not drawn again by the forward pass.
        before = quantity.array.copy()
        run(forward)
        quantity.array[...] = np.nan
        run(backward)
        assert results() != expected, quantity.name
        quantity.array[...] = before
