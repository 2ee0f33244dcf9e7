"""The student's own code: right steps against central differences of the loss, and every mistake changes numbers."""

from functools import cache

import numpy as np
import pytest

from ...share import share
from .catalogue import IDS, is_silent
from .handed_steps import EXERCISES, Exercise
from .network import Arrays, Layer, Mistake, Mistakes, Network
from .student import training_step
from .student_activations import OF_OUTPUT, f, f_prime, f_prime_of_output
from .student_backward import backward
from .student_forward import forward
from .student_losses import loss_of

STEP = 1e-6


def loss_at(exercise: Exercise, parameters: Arrays, masks: Arrays, X: np.ndarray, Y: np.ndarray) -> float:
    q = forward(exercise.network, parameters, X, masks, Mistakes())
    return float(loss_of(exercise.network, q[f"A{exercise.network.depth}"], Y))


@pytest.mark.parametrize("name", EXERCISES)
def test_gradients_are_those_of_central_differences(name: str):
    exercise = EXERCISES[name]
    parameters, masks, X, Y, _ = exercise.start()
    scaled = {key: mask / (1 - exercise.network.layer(int(key[4:])).dropout) for key, mask in masks.items()}
    step = exercise.step()
    assert all(np.array_equal(step[key], scaled[key]) for key in masks)
    for key, array in parameters.items():
        numeric = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            moved = []
            for sign in (1, -1):
                other = array.copy()
                other[index] += sign * STEP
                moved.append(loss_at(exercise, parameters | {key: other}, masks, X, Y))
            numeric[index] = (moved[0] - moved[1]) / (2 * STEP)
        np.testing.assert_allclose(step[f"d{key}"], numeric, rtol=1e-5, atol=2e-9)


SHAPES = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")


@pytest.mark.parametrize("activation", SHAPES)
def test_slopes_are_those_of_central_differences(activation: str):
    layer, z = Layer(1, activation, slope=0.2), np.linspace(-3, 3, 12)
    numeric = (f(layer, z + STEP) - f(layer, z - STEP)) / (2 * STEP)
    np.testing.assert_allclose(f_prime(layer, z), numeric, rtol=1e-7, atol=1e-9)
    if activation in OF_OUTPUT:
        np.testing.assert_allclose(f_prime_of_output(layer, f(layer, z)), f_prime(layer, z), rtol=1e-12)


def test_all_activations_losses_and_optimizers_occur():
    networks = [exercise.network for exercise in EXERCISES.values()]
    found = {layer.activation for network in networks for layer in network.layers}
    assert found == {*SHAPES, "softmax"}
    assert len({network.loss for network in networks}) == 4
    kinds = "sgd momentum nesterov rmsprop adagrad adam adamw"
    assert {network.optimizer["kind"] for network in networks} == set(kinds.split())


@pytest.mark.parametrize("early", [False, True])
def test_the_mean_is_taken_early_or_late(early: bool):
    """dZ carries 1/m or not; the gradients are the same."""
    network = Network(3, (Layer(4, "tanh"), Layer(2, "identity")), "mean_squared_error", mean_early=early)
    step, other = Exercise(network, 5).step(), EXERCISES["tanh regression"].step()
    late = Exercise(Network(3, network.layers, network.loss), 5).step()
    np.testing.assert_allclose(step["dZ1"], late["dZ1"] / (5 if early else 1), rtol=1e-12)
    np.testing.assert_allclose(step["dW1"], late["dW1"], rtol=1e-12)
    assert other["X"].shape == (3, 7)


@pytest.mark.parametrize("name", ["sigmoid classes", "labels"])
def test_output_and_loss_apart_give_the_same(name: str):
    exercise = EXERCISES[name]
    network = exercise.network
    apart = [Network(network.inputs, network.layers, network.loss, output_apart=one) for one in (False, True)]
    together, separate = (Exercise(one, exercise.examples).step() for one in apart)
    last = network.depth
    assert f"dA{last}" in separate
    assert f"dA{last}" not in together
    np.testing.assert_allclose(separate[f"dZ{last}"], together[f"dZ{last}"], rtol=1e-9, atol=1e-12)


def test_one_step_computed_by_hand():
    """One unit, two examples: Z = 2x + 1, A = Z, Y = 0, half squared error, η = 0.1."""
    network = Network(1, (Layer(1, "identity"),), "half_squared_error")
    start = {"W1": np.array([[2.0]]), "b1": np.array([[1.0]])}
    step = training_step(network, start, np.array([[1.0, -1.0]]), np.array([[0.0, 0.0]]))
    assert step["Z1"].tolist() == [[3.0, -1.0]]
    assert step["loss"] == 2.5
    assert (step["dW1"].item(), step["db1"].item()) == (2.0, 1.0)
    assert (step["W1_new"].item(), step["b1_new"].item()) == (1.8, 0.9)


OPTIMIZERS = {
    # Of g = 0.5, θ = 1, η = 0.1, from zero moments: the first step as each publication has it.
    "sgd": ({}, 0.95),
    "momentum": ({}, 0.95),
    "nesterov": ({}, 1 - 0.1 * (0.9 * 0.5 + 0.5)),
    "rmsprop": ({"beta": 0.75}, 1 - 0.1 * 0.5 / (0.25 + 1e-8)),
    "adagrad": ({}, 1 - 0.1 * 0.5 / (0.5 + 1e-10)),
    "adam": ({}, 1 - 0.1 * 0.5 / (0.5 + 1e-8)),
    "adamw": ({"weight_decay": 0.2}, 1 - 0.1 * 0.2 - 0.1 * 0.5 / (0.5 + 1e-8)),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_first_steps_of_optimizers(kind: str):
    more, expected = OPTIMIZERS[kind]
    network = Network(1, (Layer(1, "identity"),), "half_squared_error", {"kind": kind, "learning_rate": 0.1, **more})
    start = {"W1": np.array([[1.0]]), "b1": np.array([[0.0]])}
    step = training_step(network, start, np.array([[1.0]]), np.array([[0.5]]))
    assert step["dW1"].item() == 0.5
    assert step["W1_new"].item() == pytest.approx(expected, rel=1e-14)


@cache
def right(name: str) -> Arrays:
    return EXERCISES[name].step()


def changed(name: str, mistake: Mistake) -> list[str]:
    """The quantities of that exercise which the mistake changes by more than rounding, as a step computes them."""
    wrong = EXERCISES[name].step([mistake])
    found = []
    for key, array in right(name).items():
        if key == "A0":
            continue
        there = key in wrong and wrong[key].shape in (array.shape, ())
        if not there or not np.allclose(wrong[key], array, rtol=1e-8, atol=1e-12):
            found.append(key)
    return found


FIRST = {
    # The kind of quantity in which a mistake shows first.
    "missing_activation_derivative": "dN",
    "derivative_at_activation": "dN",
    "derivative_formula_on_z": "dN",
    "derivative_of_other_activation": "dN",
    "derivative_formula_in_part": "dN",
    "activation_instead_of_derivative": "dN",
    "softmax_derivative_diagonal": "dN dZ",
    "relu_mask_of_gradient": "dN",
    "softmax_derivative_twice": "dN dZ",
    "sigmoid_derivative_twice": "dN dZ",
    "wrong_sign": "dA dN dZ",
    "loss_gradient_factor": "dA dZ",
    "missing_mean": "dW dA dZ",
    "double_mean": "dW",
    "preactivation_instead_of_activation": "dW Z",
    "activation_of_wrong_layer": "dW",
    "bias_gradient_of_one_example": "db",
    "bias_gradient_summed": "db",
    "bias_gradient_zero": "db",
    "bias_gradient_missing_mean": "db",
    "transposed_gradient": "dW",
    "transposed_weights": "dA",
    "weights_left_out": "dA",
    "weights_of_wrong_layer": "dA",
    "updated_weights_used": "dA",
    "last_example_only": "dW",
    "bias_left_out_forward": "Z",
    "dropout_mask_not_applied": "dN A",
    "dropout_scale_missing": "A mask back_mask",
    "batch_norm_statistics_constant": "dZ",
    "batch_norm_running_statistics": "deviation",
    "penalty_in_loss_only": "loss",
    "gradient_accumulated": "dW",
    "float_precision": "Z",
}
"""Of the other mistakes it is the new parameters."""


def kind_of(quantity: str) -> str:
    return "new" if quantity.endswith("_new") else quantity.rstrip("0123456789")


@pytest.mark.parametrize("name", [*EXERCISES][:: share(3, 1)])
def test_each_mistake_changes_numbers_from_where_it_stands(name: str):
    exercise = EXERCISES[name]
    for mistake in exercise.places():
        found = changed(name, mistake)
        if is_silent(exercise.network, mistake):
            assert not found, str(mistake)
            continue
        assert found, str(mistake)
        assert kind_of(found[0]) in FIRST.get(mistake.id, "new").split(), f"{mistake}: {found}"


def test_every_mistake_of_the_contract_occurs_in_three_exercises():
    counts = dict.fromkeys(IDS, 0)
    for exercise in EXERCISES.values():
        for name in {mistake.id for mistake in exercise.places() if not is_silent(exercise.network, mistake)}:
            counts[name] += 1
    assert set(counts) == set(IDS)
    assert {name: count for name, count in counts.items() if count < 3} == {}


def test_gradients_of_two_steps_add_up():
    exercise = EXERCISES["second"]
    parameters, masks, X, Y = exercise.drawn()
    one = training_step(exercise.network, parameters, X, Y, (), masks)
    two = training_step(exercise.network, {name: one[f"{name}_new"] for name in parameters}, X, Y, (), masks)
    wrong = exercise.step([Mistake("gradient_accumulated", form="step before")])
    np.testing.assert_allclose(wrong["dW1"], one["dW1"] + two["dW1"], rtol=1e-12)
    np.testing.assert_allclose(wrong["W1"], one["W1_new"], rtol=1e-12)


def test_two_mistakes_are_made_at_once():
    exercise = EXERCISES["tanh regression"]
    made = [Mistake("bias_gradient_zero", 2), Mistake("transposed_gradient", 1)]
    step = exercise.step(made)
    assert not step["db2"].any()
    np.testing.assert_array_equal(step["dW1"], exercise.step()["dW1"].T)
    assert "W1_new" not in step
    g = backward(
        exercise.network,
        exercise.start()[0],
        forward(exercise.network, exercise.start()[0], step["X"], {}, Mistakes()),
        step["Y"],
        Mistakes(made),
        lambda name, gradient: gradient,
    )
    np.testing.assert_array_equal(g["dA1"], exercise.step()["dA1"])
