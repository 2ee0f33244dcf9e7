"""Two mistakes at once are both named; one that is in no catalogue is located, and named by none."""

import pytest

from ...share import share
from .catalogue import OF_W_BETWEEN
from .handed_steps import EXERCISES
from .network import OTHER, Mistake
from .verdict import ids, named, verdict

PAIRS = [
    ("tanh regression", Mistake("bias_gradient_zero", 2), Mistake("missing_activation_derivative", 1)),
    ("tanh regression", Mistake("double_mean", 2), Mistake("bias_gradient_missing_mean", 1)),
    ("sigmoid classes", Mistake("softmax_derivative_twice", 2), Mistake("derivative_formula_on_z", 1)),
    ("sigmoid classes", Mistake("preactivation_instead_of_activation", 2), Mistake("missing_activation_derivative", 1)),
    ("relu classes", Mistake("bias_gradient_of_one_example", 3), Mistake("relu_mask_of_gradient", 1)),
    ("relu classes", Mistake("missing_activation_derivative", 2), Mistake("double_mean", 1)),
    ("two classes", Mistake("sigmoid_derivative_twice", 2), Mistake("missing_mean", 1)),
    ("labels", Mistake("missing_activation_derivative", 2), Mistake("derivative_at_activation", 1)),
    ("halves", Mistake("bias_gradient_zero", 3), Mistake("transposed_weights", 2)),
    ("halves", Mistake("derivative_formula_on_z", 3), Mistake("derivative_at_activation", 1)),
    ("square", Mistake("transposed_gradient", 4), Mistake("weights_left_out", 2)),
    ("square", Mistake("weights_of_wrong_layer", 3, 2), Mistake("missing_activation_derivative", 1)),
    ("square", Mistake("bias_left_out_forward", 2), Mistake("double_mean", 4)),
    ("square relu", Mistake("preactivation_instead_of_activation", 3), Mistake("updated_weights_used", 2)),
    ("square relu", Mistake("activation_of_wrong_layer", 3, 1), Mistake("bias_gradient_summed", 1)),
    ("narrow", Mistake("weights_left_out", 3), Mistake("derivative_at_activation", 1)),
    ("smooth", Mistake("missing_activation_derivative", 2), Mistake("derivative_formula_on_z", 1)),
    ("norm tanh", Mistake("preactivation_instead_of_activation", 2), Mistake("batch_norm_statistics_constant", 1)),
    ("dropout twice", Mistake("missing_activation_derivative", 2), Mistake("dropout_mask_not_applied", 1)),
    ("adam", Mistake("bias_gradient_zero", 2), Mistake("last_example_only", 1)),
    # And one in the gradients with one in the update.
    ("sigmoid classes", Mistake("missing_activation_derivative", 1), Mistake("biases_not_updated")),
    ("adam", Mistake("double_mean", 1), Mistake("adam_without_bias_correction")),
    ("ridge", Mistake("bias_gradient_missing_mean", 2), Mistake("penalty_missing")),
    ("clipped deep", Mistake("missing_activation_derivative", 1), Mistake("clipping_per_layer")),
]


def layers_of(mistake: Mistake) -> set[int | None]:
    """The layers that are a right answer."""
    if mistake.layer is None:
        return {None}
    return {mistake.layer, mistake.layer - 1} if mistake.id in OF_W_BETWEEN else {mistake.layer}


@pytest.mark.parametrize(("key", "first", "second"), PAIRS[:: share(3, 1)], ids=str)
def test_two_mistakes_at_once_are_both_named(key: str, first: Mistake, second: Mistake):
    report = verdict(EXERCISES[key].handed_in([first, second]))
    assert not report.passed
    for mistake in (first, second):
        places = {layer for name, layer in named(report) if name == mistake.id}
        assert places & layers_of(mistake), f"{mistake}: {named(report)}\n{report}"


def test_there_are_twenty_pairs_in_two_layers():
    assert (
        sum(first.layer != second.layer and None not in (first.layer, second.layer) for _, first, second in PAIRS) >= 20
    )


STRANGE = [
    (key, quantity)
    for key, quantities in {
        "tanh regression": "Z1 A1 Z2 A2 dA2 dZ2 dW2 db2 dA1 dZ1 dW1 db1 W1_new b1_new W2_new loss",
        "relu classes": "Z1 A2 dZ3 dA2 dZ2 dW2 db1 W2_new",
        "halves": "Z3 dA3 dA1 dW3 b3_new",
        "two classes": "A1 dZ2 dW1 db2",
        "norm tanh": "A1 dZ1 dW1 W2_new",
        "dropout relu": "dA1 dZ1 W1_new",
        "clipped": "dW2 b2_new",
        "adam later": "dZ1 W1_new",
    }.items()
    for quantity in quantities.split()
]


@pytest.mark.parametrize(("key", "quantity"), STRANGE[:: share(3, 1)])
def test_a_mistake_of_no_catalogue_is_located_and_not_named(key: str, quantity: str):
    report = verdict(EXERCISES[key].handed_in([Mistake(OTHER, None, quantity)]))
    assert not report.passed
    assert report.first_wrong.quantity == quantity, str(report)
    digits = quantity.removesuffix("_new").lstrip("dWbZA")
    assert report.first_wrong.layer == (int(digits) if digits.isdigit() else None)
    assert report.first_wrong.op
    assert not ids(report), str(report)


@pytest.mark.parametrize(("quantity", "seen"), [("dZ2", "dW2"), ("dA1", "dW1"), ("Z1", "A1")])
def test_what_is_not_handed_in_is_seen_in_what_follows(quantity: str, seen: str):
    exercise = EXERCISES["sigmoid classes"]
    layout = exercise.layout.with_only("A", "dW", "db", "new")
    report = verdict(exercise.laid_out(layout).handed_in([Mistake(OTHER, None, quantity)]))
    assert report.first_wrong.quantity == seen
    assert not ids(report), str(report)


def test_a_mistake_beside_a_strange_one_is_still_named():
    made = [Mistake(OTHER, None, "dW3"), Mistake("missing_activation_derivative", 1)]
    report = verdict(EXERCISES["halves"].handed_in(made))
    assert report.first_wrong.quantity == "dW3"
    assert named(report) == {("missing_activation_derivative", 1)}
