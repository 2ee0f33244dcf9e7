"""Answers for new rows, of networks small enough to do by hand: one layer, whose weights are given."""

from math import exp, tanh
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.answers import Answers, answers

ROW = 2.0
Z = 0.5 * ROW - 0.25
SIGMOID = 1 / (1 + exp(-Z))


def asked(activation: str, targets: list[list[float]], weights: list[list[float]], **data: Any) -> Answers:
    """The answers to ROW of a network with these weights and biases of −0.25."""
    table = {
        "title": "one layer",
        "data": {"kind": "inline", "inputs": [[0.0], [1.0], [4.0]], "targets": targets, **data},
        "layers": [
            {"units": len(weights), "activation": activation, "weights": weights, "biases": [-0.25] * len(weights)}
        ],
        "loss": {"kind": "mean_squared_error"},
    }
    return answers(Session(*load_preset(table, "one.toml")).evaluator, np.array([[ROW]]))


@pytest.mark.parametrize(
    ("activation", "targets", "weights", "kind", "names", "values", "given"),
    [
        ("sigmoid", [[0], [1], [1]], [[0.5]], "probabilities", ("0", "1"), [1 - SIGMOID, SIGMOID], ("1",)),
        ("tanh", [[-1], [1], [1]], [[-0.5]], "outputs", ("output",), [tanh(-1.25)], ("-1",)),
        ("identity", [[0], [1], [1]], [[0.5]], "outputs", ("output",), [0.75], ("1",)),
        ("identity", [[7], [8], [9.5]], [[0.5]], "outputs", ("y",), [0.75], None),
        ("sigmoid", [[0, 0], [1, 1], [1, 0]], [[0.5], [0.125]], "probabilities", ("y1", "y2"), [SIGMOID, 0.5], None),
        (
            "softmax",
            [[1, 0], [0, 1], [0, 1]],
            [[0.5], [0.0]],
            "probabilities",
            ("1", "2"),
            [exp(1) / (exp(1) + 1), 1 / (exp(1) + 1)],
            ("1",),
        ),
    ],
)
def test_each_kind_of_output_is_said_as_what_it_is(
    activation: str,
    targets: list[list[float]],
    weights: list[list[float]],
    kind: str,
    names: tuple[str, ...],
    values: list[float],
    given: tuple[str, ...] | None,
) -> None:
    found = asked(activation, targets, weights)
    assert (found.kind, found.names, found.classes) == (kind, names, given)
    assert found.values[0].tolist() == pytest.approx(values, rel=1e-12)


def test_normalized_targets_come_back() -> None:
    # Mean 20, standard deviation √(200/3): by hand from the targets 10, 20, 30.
    found = asked("identity", [[10], [20], [30]], [[0.5]], normalize_targets=True)
    assert found.values[0, 0] == pytest.approx(20 + 0.75 * (200 / 3) ** 0.5)
    assert list(found.rows()) == [["y"], [repr(float(found.values[0, 0]))]]
    assert found.plain() == [{"outputs": {"y": float(found.values[0, 0])}}]
