"""A notebook's arrays are understood without an option: under each set of names, and with settings left out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from .handed_in import COLUMNS, NAME, NAMES, ROWS, TORCH, Handed, Layout, handed_in, write
from .handed_steps import BINARY, EXERCISES, Exercise, layers, sgd
from .network import Mistake, Network
from .verdict import ids, verdict

PLAIN = ("Z", "A", "dA", "dZ", "dW", "db", "loss")
"""What can be judged without a learning rate."""
NOTEBOOKS = {
    "contract": COLUMNS,
    "lower": ROWS,
    "graded": ROWS,
    "partial_derivatives": COLUMNS,
    "scratch": ROWS,
    "course": replace(ROWS, biases="flat", targets="numbers"),
    "connected": TORCH,
    "sequential": replace(TORCH, targets="numbers"),
}
"""Each set of names in the layout in which it is mostly met."""


def notebook(names: str, exercise: Exercise, mistakes: tuple[Mistake, ...] = ()) -> Handed:
    """Arrays alone, without a single setting."""
    layout = replace(NOTEBOOKS[names], names=names, only=PLAIN, settings=())
    return exercise.laid_out(layout).handed_in(mistakes)


def test_each_set_of_names_has_a_notebook():
    assert set(NOTEBOOKS) == set(NAMES)


@pytest.mark.parametrize("names", NOTEBOOKS)
@pytest.mark.parametrize("exercise", ["sigmoid classes", "relu classes", "square relu"])
def test_a_right_notebook_passes(names: str, exercise: str):
    report = verdict(notebook(names, EXERCISES[exercise]))
    assert report.passed, str(report)


@pytest.mark.parametrize("names", NOTEBOOKS)
def test_the_mistake_in_a_notebook_is_found(names: str):
    mistake = Mistake("missing_activation_derivative", 1)
    report = verdict(notebook(names, EXERCISES["sigmoid classes"], (mistake,)))
    assert ids(report)[:1] == [mistake.id], str(report)
    assert report.first_wrong.layer == 1


@pytest.mark.parametrize("names", NOTEBOOKS)
def test_a_notebook_may_be_a_file_without_pickles(names: str, tmp_path: Path):
    for suffix in (".npz", ".json"):
        report = verdict(write(notebook(names, EXERCISES["relu classes"]), tmp_path / f"mine{suffix}"))
        assert report.passed, str(report)


@pytest.mark.parametrize("exercise", ["tanh regression", "halves", "labels", "leaky", "smooth", "modern", "narrow"])
@pytest.mark.parametrize("layout", [COLUMNS, ROWS, TORCH], ids=str)
def test_activations_and_loss_are_found_out(exercise: str, layout: Layout):
    """From Z and A, and from the value of the loss."""
    report = verdict(EXERCISES[exercise].laid_out(replace(layout, only=PLAIN, settings=())).handed_in())
    assert report.passed, str(report)


def test_new_parameters_without_a_learning_rate_are_no_mistake():
    """The rate is found out, or new parameters are not judged."""
    report = verdict(EXERCISES["sigmoid classes"].laid_out(replace(ROWS, settings=())).handed_in())
    assert report.passed, str(report)
    assert not ids(report)


@pytest.mark.parametrize("names", NOTEBOOKS)
def test_the_new_parameters_are_understood_too(names: str):
    layout = replace(NOTEBOOKS[names], names=names)
    exercise = EXERCISES["relu classes"].laid_out(layout)
    assert verdict(exercise.handed_in()).passed
    assert ids(verdict(exercise.handed_in([Mistake("gradient_ascent")])))[:1] == ["gradient_ascent"]


def test_settings_may_be_options():
    exercise = EXERCISES["sigmoid classes"]
    bare = exercise.laid_out(replace(exercise.layout, settings=())).handed_in()
    network = exercise.network
    words = [layer.activation for layer in network.layers]
    rate = network.optimizer["learning_rate"]
    for activations in (words, " ".join(words)):
        given = {"activations": activations, "loss_kind": network.loss, "optimizer": "sgd"}
        assert verdict(bare, **given, learning_rate=rate).passed
        assert ids(verdict(bare, **given, learning_rate=2 * rate)) == ["learning_rate_factor"]


def test_a_program_of_its_own_written_out():
    """Two classes, rows, (in, out): twelve lines as they stand in a notebook, with nothing of this corpus in them."""
    rng = np.random.default_rng(5)
    x, t = rng.normal(size=(6, 3)), rng.integers(0, 2, (6, 1))
    w1, b1, w2, b2 = rng.normal(size=(3, 4)), np.zeros(4), rng.normal(size=(4, 1)), np.zeros(1)
    z1 = x @ w1 + b1
    a1 = np.tanh(z1)
    z2 = a1 @ w2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    loss = -np.mean(t * np.log(a2) + (1 - t) * np.log(1 - a2))
    dz2 = (a2 - t) / 6
    dw2, db2 = a1.T @ dz2, dz2.sum(axis=0)
    dz1 = dz2 @ w2.T * (1 - a1**2)
    dw1, db1 = x.T @ dz1, dz1.sum(axis=0)
    mine = {"x": x, "t": t, "w1": w1, "b1": b1, "w2": w2, "b2": b2, "z1": z1, "a1": a1, "z2": z2, "a2": a2}
    mine |= {"loss": loss, "dz2": dz2, "dw2": dw2, "db2": db2, "dz1": dz1, "dw1": dw1, "db1": db1}
    assert verdict(mine).passed
    assert ids(verdict(mine | {"db1": dz1[0]}))[:1] == ["bias_gradient_of_one_example"]
    assert ids(verdict(mine | {"dw1": dw1 * 6, "db1": db1 * 6, "dw2": dw2 * 6, "db2": db2 * 6}))[:1] == ["missing_mean"]


def test_the_corpus_writes_what_the_names_say():
    """This corpus itself: each name is written once, and turned as its layout says."""
    network = Network(3, layers("4 tanh", "1 sigmoid"), BINARY, sgd(0.1, l2=0.5))
    exercise = Exercise(network, 5)
    for names, layout in NOTEBOOKS.items():
        handed = handed_in(network, exercise.step(), replace(layout, names=names, targets="as outputs"))
        assert len(handed) == 2 + 4 + 4 + 1 + 2 + 4 + 1 + 4 + 5, sorted(handed)
    torch = handed_in(network, exercise.step(), replace(TORCH, names="sequential"))
    assert torch["2.weight.grad"].shape == torch["2.weight"].shape == (1, 4)
    assert torch["0.bias"].shape == (4,)
    assert torch["x"].shape == (5, 3)
    assert torch["optimizer.l2"] == 0.5
    rows = handed_in(network, exercise.step(), replace(ROWS, names="partial_derivatives"))
    assert rows["dL_dW1"].shape == (3, 4)
    assert rows["b1"].shape == (1, 4)
    assert NAME.match("back_mask1") is None
