"""A network for data of which only figures are known: each rule by examples of both its sides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.suited import Survey, suited

surveys = st.builds(
    Survey,
    examples=st.integers(1, 10**7),
    inputs=st.integers(1, 20_000),
    outputs=st.integers(1, 30),
    classes=st.sampled_from([0, 2, 3, 12, 200]),
    bits=st.booleans(),
    scaled=st.booleans(),
    large_targets=st.booleans(),
)


def last(survey: Survey) -> tuple[int, str, str]:
    chosen = suited(survey)
    return chosen["layers"][-1]["units"], chosen["layers"][-1]["activation"], chosen["loss"]["kind"]


@pytest.mark.parametrize(
    ("survey", "expected"),
    [
        ({"classes": 3}, (3, "softmax", "cross_entropy")),
        ({"classes": 2}, (1, "sigmoid", "binary_cross_entropy")),
        ({}, (1, "identity", "mean_squared_error")),
        ({"outputs": 4}, (4, "identity", "mean_squared_error")),
        ({"outputs": 4, "bits": True}, (4, "sigmoid", "binary_cross_entropy")),
        ({"outputs": 2, "shares": True}, (2, "softmax", "cross_entropy")),
    ],
)
def test_the_output_is_that_of_what_is_to_be_told(survey: dict[str, int], expected: tuple[int, str, str]) -> None:
    assert last(Survey(examples=100, inputs=4, **survey)) == expected


def test_pixels_stay_as_they_are_and_large_targets_do_not() -> None:
    assert suited(Survey(examples=100, inputs=4))["data"] == {"normalize": True}
    assert suited(Survey(examples=100, inputs=64, scaled=True))["data"] == {"normalize": False}
    large = suited(Survey(examples=100, inputs=4, large_targets=True))
    assert large["data"] == {"normalize": True, "normalize_targets": True}


def test_more_examples_are_taken_in_larger_batches_and_float32_from_twenty_million_numbers() -> None:
    small, large = (suited(Survey(examples=count, inputs=784, classes=10))["training"] for count in (100, 60_000))
    assert (small["batch_size"], small["stop"]) == (16, {"epochs": 143})
    assert (large["batch_size"], large["stop"]) == (256, {"epochs": 9})
    assert ("dtype" in small, large["dtype"]) == (False, "float32")


@given(surveys)
def test_whatever_the_figures_the_preset_is_one(survey: Survey) -> None:
    data = {"kind": "npz", "path": "a.npz"}
    table = suited(survey)
    preset = from_table({"title": "t", **table, "data": {**table["data"], **data}}, "t")
    assert 16 <= preset.layers[0].units <= 128
    assert 1 <= preset.training.batch_size <= min(256, survey.examples)
    assert preset.training.stop.epochs is not None
