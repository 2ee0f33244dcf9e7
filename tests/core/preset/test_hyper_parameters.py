"""The numbers that + and − lead to: those of TensorFlow Playground's controls, and beyond them."""

from itertools import pairwise

import pytest

from backprop_tui.core.preset.hyper_parameters import LISTS, HyperParameter, hyper_parameters, stepped
from backprop_tui.core.preset.preset import from_table


@pytest.mark.parametrize("path", LISTS)
def test_up_and_down_go_through_the_list(path: str) -> None:
    numbers = LISTS[path]
    for low, high in pairwise(numbers):
        assert stepped(HyperParameter(path, "", low, "rate"), 1) == high
        assert stepped(HyperParameter(path, "", high, "rate"), -1) == low


@pytest.mark.parametrize(
    ("path", "value", "up", "down"),
    [
        ("optimizer.learning_rate", 10.0, 20.0, 3.0),
        ("optimizer.learning_rate", 0.00001, 0.0001, 0.000005),
        ("optimizer.learning_rate", 0.05, 0.1, 0.03),
        ("optimizer.l2", 0.0005, 0.001, 0.0),
        ("optimizer.l2", 0.0, 0.001, 0.0),
        ("optimizer.l1", 10.0, 20.0, 3.0),
        ("data.noise", 0.5, 0.5, 0.45),
        ("data.noise", 0.8, 0.8, 0.5),
        ("data.train_ratio", 0.9, 0.9, 0.8),
        ("data.train_ratio", 1.0, 1.0, 0.9),
        ("data.train_ratio", 0.75, 0.8, 0.7),
    ],
)
def test_between_the_numbers_and_beyond_them(path: str, value: float, up: float, down: float) -> None:
    parameter = HyperParameter(path, "", value, "rate")
    assert (stepped(parameter, 1), stepped(parameter, -1)) == pytest.approx((up, down))


def test_the_ratio_that_holds_is_told() -> None:
    table = {"title": "Split", "data": {"kind": "circle"}, "layers": [{"units": 1, "activation": "tanh"}]}
    found = {parameter.path: parameter.value for parameter in hyper_parameters(from_table(table, "test"))}
    assert found["data.train_ratio"] == 0.5
