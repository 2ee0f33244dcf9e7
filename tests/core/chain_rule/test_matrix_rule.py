"""The rules of ops in whole matrices: what is drawn, multiplied out, is what the op wrote."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.chain_rule.matrix_rule import Block, Token, matrix_rule
from backprop_tui.core.network.activations import ACTIVATIONS
from backprop_tui.core.session.session import Session

CASES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("relu", "softmax", "cross_entropy", {}),
    ("silu", "sigmoid", "binary_cross_entropy", {"batch": 1}),
    ("tanh", "identity", "half_squared_error", {"bias": False}),
    ("gelu", "softmax", "mean_squared_error", {"batch": 3, "residual": True}),
    ("elu", "sigmoid", "mean_squared_error", {"batch_norm": True, "dropout": 0.3}),
]


def multiplied_out(tokens: tuple[Token, ...]) -> np.ndarray:
    """What stands before the last `=`, worked out from left to right as one reads it."""
    sign, share, total = "", 1.0, None
    over = 1.0
    for token in tokens[:-1]:
        if isinstance(token, str):
            head, _, tail = token.partition("/")
            if head == "1" and "·" in tail:
                share = 1 / int(tail.split()[0])
            elif head.startswith(")") and tail:
                over = int(tail.split()[0])
            else:
                sign = token
            continue
        array = np.asarray(token.array, dtype=float)
        if total is None:
            total = array
        elif sign == "·":
            total = total @ array
        else:
            total = {"⊙": total * array, "+": total + array, "−": total - array}[sign]
    assert total is not None
    name = tokens[0][:-1] if isinstance(tokens[0], str) and tokens[0].endswith("(") else ""
    if name == "softmax":
        total = np.exp(total) / np.exp(total).sum(axis=0)
    elif name:
        f = next(found for found in ACTIVATIONS.values() if found.symbol == name)
        total = np.vectorize(f.scalar)(total)
    return total * share / over


@pytest.mark.parametrize(("hidden", "output", "loss", "more"), CASES)
def test_what_is_drawn_multiplies_out(
    session_of: Any, network_table: Any, hidden: str, output: str, loss: str, more: dict[str, Any]
) -> None:
    session: Session = session_of(network_table(hidden, output, loss, **more))
    session.seek(session.timeline.length + session.timeline.length - 1)
    drawn = {}
    for op in session.plan.ops:
        tokens = matrix_rule(op)
        if tokens:
            result = tokens[-1]
            assert isinstance(result, Block)
            np.testing.assert_allclose(multiplied_out(tokens), result.array, rtol=1e-10, atol=1e-12, err_msg=op.rule)
            drawn[op.place] = op.rule
    layers = len(session.trainer.layers)
    affine = [op.place for op in session.plan.ops if op.name in ("Z", "dW db", "dW")]
    assert set(affine) <= set(drawn)
    assert len(affine) == 2 * layers


def test_a_bias_is_one_more_weight_whose_input_is_1(session_of: Any) -> None:
    session = session_of("by-hand")
    session.seek(9 + 1)
    dZ, sign, inputs, _, result = matrix_rule(session.op)
    assert isinstance(inputs, Block)
    assert isinstance(result, Block)
    assert sign == "·"
    assert inputs.name == "[A⁽²⁾ ; 1]ᵀ"
    assert inputs.array.tolist() == [[2, 4, 1]]
    assert result.name == "[dW⁽³⁾ | db⁽³⁾]"
    p = 1 / (2 + np.exp(-4.0))
    np.testing.assert_allclose(result.array, np.outer([p, p - 1, 1 - 2 * p], [2, 4, 1]), rtol=1e-12)
    # Where an entry stands: a bias's gradient in the column behind the weights, an input in the row that it was.
    plan = session.plan
    assert result.place_of(plan["dW", 3], (1, 1)) == (1, 1)
    assert result.place_of(plan["db", 3], (2,)) == (2, 2)
    assert inputs.place_of(plan["A", 2], (1, 0)) == (0, 1)
    assert inputs.place_of(plan["Z", 2], (1, 0)) is None
    assert dZ.place_of(plan["dZ", 3], (2, 0)) == (2, 0)
