"""`watch` in NumPy loops: what was handed over is in the file, and steps are explained with the person's numbers."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui

from ..share import share
from .numpy_networks import WAYS, Network, Way
from .program import program
from .recording import Recording

STEPS = 20


def trained(
    way: Way, path: Path | None, every: int | None = 1, *, steps: int = STEPS
) -> tuple[Network, list[float], list[Any]]:
    """Train; the network, its losses, and of each step the parameters before it and its gradients."""
    network, losses, course, run = Network(way), [], [], None
    if path:
        run = backprop_tui.watch(
            parameters=network.parameters, activations=list(way.activations), loss=way.loss, path=path, every=every
        )
    for step in range(1, steps + 1):
        X, Y = network.batch(step)
        loss, gradients = network.step(X, Y)
        course.append(({name: value.copy() for name, value in network.parameters.items()}, gradients))
        network.update(gradients)
        if run:
            run.step(loss, gradients=gradients, inputs=X, targets=Y)
        losses.append(loss)
    if run:
        run.close()
    return network, losses, course


def flat(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: (value.dtype, value.tolist()) for name, value in arrays.items()}


@pytest.mark.parametrize("every", [None, 1, 6])
@pytest.mark.parametrize("name", WAYS)
def test_a_watched_loop_is_the_same_loop(
    name: str, every: int | None, tmp_path: Path, capfd: pytest.CaptureFixture[str]
):
    chance = np.random.get_state()[1].tolist()
    alone, losses_alone, _ = trained(WAYS[name], None)
    network, losses, _ = trained(WAYS[name], tmp_path / "a.backprop", every)
    assert losses == losses_alone
    assert flat(network.parameters) == flat(alone.parameters)
    assert np.random.get_state()[1].tolist() == chance
    assert capfd.readouterr() == ("", "")
    assert Recording(tmp_path / "a.backprop").losses() == dict(enumerate(losses, 1))


def in_our_layout(way: Way, name: str, array: Any) -> Any:
    """A parameter or its gradient as the contract has it: (units, inputs), (units,)."""
    return array.reshape(-1) if name[0] == "b" else array.T if way.rows else array


@pytest.mark.parametrize(
    ("name", "step"),
    [(name, step) for number, name in enumerate(WAYS) for step in share([(1, 8)[number % 2]], [1, 8])],
)
def test_a_step_is_explained_with_the_numbers_of_the_loop(name: str, step: int, tmp_path: Path):
    way = WAYS[name]
    _, losses, course = trained(way, tmp_path / "a.backprop")
    told = program("explain", tmp_path / "a.backprop", "--step", step, "--format", "json").json
    tolerance = 1e-5 if way.dtype == "float32" else 1e-10
    assert told["step"] == step
    assert told["loss"]["kind"] == way.loss
    assert np.isclose(told["loss"]["value"], losses[step - 1], rtol=tolerance)
    before, gradients = course[step - 1]
    forward = {layer["layer"]: layer for layer in told["forward"]}
    backward = {layer["layer"]: layer for layer in told["backward"]}
    assert [forward[layer]["activation"] for layer in sorted(forward)] == list(way.activations)
    for parameter, value in before.items():
        kind, layer = parameter[0], int(parameter[1:])
        assert np.array_equal(forward[layer][kind], in_our_layout(way, parameter, value)), parameter
        gradient = in_our_layout(way, parameter, gradients[parameter])
        assert np.allclose(backward[layer][f"d{kind}"], gradient, rtol=tolerance, atol=tolerance), parameter


@pytest.mark.parametrize("name", list(WAYS)[:: share(2, 1)])
def test_the_gradient_of_a_recorded_step_can_be_checked(name: str, tmp_path: Path):
    trained(WAYS[name], tmp_path / "a.backprop")
    answer = program("check", tmp_path / "a.backprop", "--step", 5, "--json")
    assert (answer.status, answer.err) == (0, ""), answer
    assert answer.json["passed"]


def test_names_bound_to_new_arrays_are_not_passed_over_in_silence(tmp_path: Path):
    """`W1 = W1 - …` leaves the array that was handed over as it is: it is said once, or the new ones are found."""
    network, run = Network(WAYS["tutorial in rows"]), None
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        for step in range(1, STEPS + 1):
            if run is None:
                run = backprop_tui.watch(
                    parameters=dict(network.parameters), activations=["tanh", "identity"], loss="mean_squared_error",
                    path=tmp_path / "a.backprop", every=1,
                )  # fmt: skip
            X, Y = network.batch(step)
            loss, gradients = network.step(X, Y)
            network.parameters = {name: value - 0.2 * gradients[name] for name, value in network.parameters.items()}
            run.step(loss, gradients=gradients, inputs=X, targets=Y)
        run.close()
    assert len(heard) == 1, [str(warning.message) for warning in heard]
    assert len(Recording(tmp_path / "a.backprop").losses()) == STEPS


def test_names_of_ones_own(tmp_path: Path):
    """Parameters are called as their owner calls them; lists and numbers are arrays too."""
    theta, run = {"slope": np.array(2.0), "naïve/offset": np.zeros(1)}, None
    run = backprop_tui.watch(parameters=theta, path=tmp_path / "a.backprop", every=1, title="A line")
    for _ in range(5):
        gradients = {"slope": 2 * theta["slope"], "naïve/offset": [0.5]}
        theta["slope"] -= 0.1 * gradients["slope"]
        run.step(float(theta["slope"] ** 2), gradients=gradients)
    run.close()
    assert len(Recording(tmp_path / "a.backprop").losses()) == 5


WRONG: dict[str, dict[str, Any]] = {
    "gradient of another shape": {"gradients": {"W1": np.zeros((9, 9))}},
    "gradient of nothing": {"gradients": {"W7": np.zeros(3)}},
    "gradients as a list": {"gradients": [1, 2]},
    "objects": {"inputs": np.array([object()]), "targets": [object()]},
    "words": {"inputs": np.array(["a", "b"]), "targets": ["a"]},
    "ragged": {"inputs": [[1, 2], [3]]},
    "nothing": {"gradients": None, "inputs": None, "targets": None},
    "empty": {"gradients": {}, "inputs": np.zeros((0, 3)), "targets": np.zeros((0, 2))},
    "not finite": {"gradients": {"W1": np.full((3, 5), np.nan)}, "inputs": np.full((8, 3), np.inf)},
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_arguments_never_stop_the_loop(name: str, tmp_path: Path):
    """At most one warning, and the loop goes on to its end."""
    network = Network(WAYS["tutorial in rows"])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        run = backprop_tui.watch(parameters=network.parameters, path=tmp_path / "a.backprop", every=1)
        for step in range(1, 6):
            X, Y = network.batch(step)
            loss, gradients = network.step(X, Y)
            network.update(gradients)
            run.step(loss, **WRONG[name])
        run.close()
    assert len(heard) <= 1, [str(warning.message) for warning in heard]


@pytest.mark.parametrize("loss", ["high", object(), {"loss": 1.0}, 1j], ids=["word", "object", "mapping", "complex"])
def test_what_is_no_loss_never_stops_the_loop(loss: Any, tmp_path: Path):
    network = Network(WAYS["tutorial in rows"])
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        run = backprop_tui.watch(parameters=network.parameters, path=tmp_path / "a.backprop", every=1)
        run.step(0.5)
        for _ in range(3):
            run.step(loss)
        run.close()
    assert len(heard) == 1
    assert Recording(tmp_path / "a.backprop").losses()[1] == 0.5
