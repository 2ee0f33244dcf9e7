"""The step as a program in PyTorch: what stands in it and, where PyTorch is installed, that its numbers are ours."""

import ast
import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.core.worked.torch_answer import compared, is_noise, problem_of, read_answer, write_script
from backprop_tui.core.worked.torch_program import TorchProgram, digits, listing, literal, torch_program, whole_step

from ...share import share

Sessions = Callable[..., Session]
SPOTLIGHT = Spotlight(1, 0, 0)


def program_of(session: Session) -> TorchProgram:
    return torch_program(whole_step(session), "step.npz")


# What stands in it


def test_the_first_step_as_it_stands(session_of: Sessions) -> None:
    session = session_of("first-steps")
    for count in (0, 4, session.timeline.finish_of(1)):
        session.seek(count)
        text = program_of(session).text
        assert "X = torch.tensor([[0.5, 0.8]])\nY = torch.tensor([[1.0]])\n" in text
        assert "W1 = torch.tensor([[0.15, 0.25], [0.2, 0.3]], requires_grad=True)\n" in text
        assert "Z1 = X @ W1.T + b1\nA1 = torch.sigmoid(Z1)\nZ2 = A1 @ W2.T + b2\n" in text
        assert "loss = ((A2 - Y) ** 2).sum() / 2 / len(X)\nloss.backward()\n" in text
        assert "optimizer = torch.optim.SGD(trained, lr=0.5)\noptimizer.step()\n" in text
        # The session itself stays where it is.
        assert session.count == count
    session.seek(count + 3)
    assert "# Step 2:" in program_of(session).text
    assert "[[0.15, 0.25]" not in program_of(session).text


def test_many_numbers_come_from_a_file(session_of: Sessions) -> None:
    program = program_of(session_of("three-or-eight"))
    assert "step = np.load('step.npz')\n" in program.text
    assert 'W1 = torch.tensor(step["W1"], requires_grad=True)\n' in program.text
    assert {name: array.shape for name, array in program.arrays.items()} == {
        "X": (1, 784),
        "Y": (1, 10),
        "W1": (128, 784),
        "b1": (128,),
        "W2": (10, 128),
        "b2": (10,),
    }
    assert program.text.count("\n") < 50


@pytest.mark.parametrize(
    ("optimizer", "lines"),
    [
        ({"kind": "adam", "learning_rate": 0.1}, ["torch.optim.Adam(trained, lr=0.1, betas=(0.9, 0.999), eps=1e-08)"]),
        ({"kind": "adamw", "learning_rate": 0.1}, ["eps=1e-08, weight_decay=0.0)"]),
        ({"kind": "nesterov", "momentum": 0.5}, ["torch.optim.SGD(trained, lr=0.05, momentum=0.5, nesterov=True)"]),
        (
            {"kind": "momentum", "ema": True},
            ["momentum=0.9, dampening=0.9)", 'optimizer.state[W1] = {"momentum_buffer"'],
        ),
        ({"clip_norm": 2.0}, ["if norm > 2.0:", "        parameter.grad *= 2.0 / norm"]),
        ({"clip_value": 0.5, "l1": 0.25}, ["        W.grad += 0.25 * torch.sign(W)", "clip_grad_value_(trained, 0.5)"]),
        ({"train_biases": False}, ["trained = [W1, W2, W3]"]),
    ],
)
def test_an_optimizer_is_the_one_of_pytorch(
    session_of: Sessions, network_table: Any, optimizer: dict[str, Any], lines: list[str]
) -> None:
    table = network_table("tanh", "identity", "mean_squared_error", optimizer={"kind": "sgd", **optimizer})
    text = program_of(session_of(table)).text
    for line in lines:
        assert line in text
    compile(text, "step", "exec")


@pytest.mark.parametrize(
    "optimizer",
    [
        {"kind": "adam", "bias_correction": False},
        {"kind": "rmsprop", "epsilon_inside_sqrt": True},
        {"kind": "nesterov", "ema": True},
    ],
)
def test_what_pytorch_has_not_is_left_out_and_told(
    session_of: Sessions, network_table: Any, optimizer: dict[str, Any]
) -> None:
    table = network_table("tanh", "identity", "mean_squared_error", optimizer=optimizer)
    program = program_of(session_of(table))
    assert program.lines[-1] == f"# No update: {program.foreign}."
    assert program.foreign.startswith("PyTorch's ")
    assert "torch.optim" not in program.text


def test_numbers_that_are_none_have_no_program(session_of: Sessions) -> None:
    session = session_of("first-steps")
    session.trainer.state.parameters[3] = np.inf
    with pytest.raises(PresetError, match=r"^no code: W1 of this step holds numbers that are not finite"):
        torch_program(session, "step.npz")


@given(
    rows=st.lists(
        st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=3, max_size=3), min_size=1
    ),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_numbers_are_written_so_that_they_are_read_again(rows: list[list[float]], dtype: Any) -> None:
    array = np.array(rows, dtype) / dtype(3)
    assert np.array(ast.literal_eval(literal(array)), dtype).tobytes() == array.tobytes()
    assert np.array(ast.literal_eval(literal(array[:, 0])), dtype).tobytes() == array[:, 0].tobytes()
    assert digits(np.float32(0.1)) == "0.1"


def test_long_lists_are_broken_between_names() -> None:
    names = [f"W{number}" for number in range(40)]
    lines = listing("trained = [", names, "]")
    assert max(map(len, lines)) <= 96
    assert len(lines) > 3
    assert "".join(lines).replace(" ", "") == f"trained=[{','.join(names)},]"
    assert listing("trained = [", names[:2], "]") == ["trained = [W0, W1]"]


# What is said of two numbers


def test_both_are_told_at_the_entry_where_they_differ_most() -> None:
    ours, theirs = np.array([[1.0, 4.0], [2.0, 3.0]]), np.array([[1.0, 4.0], [2.0, 3.5]])
    found = compared(str, ours, theirs, 1e-9, 0.0)
    assert (found.name, found.ours, found.torch, found.rounding) == ("(1, 1)", 3.0, 3.5, False)
    assert found.difference == 0.5 / 4
    assert compared(str, ours, theirs, 0.2, 0.0).rounding
    assert compared(str, ours, theirs, 1e-9, 0.6).rounding
    same = compared(str, ours, ours, 1e-9, 0.0)
    assert (same.name, same.difference, same.rounding) == ("(0, 1)", 0.0, True)
    assert compared(str, ours, theirs, 1e-9, 0.0, at=(0, 0)).difference == 0.0


def test_numbers_that_are_none_are_the_same_or_infinitely_far() -> None:
    ours = np.array([np.nan, np.inf, 1.0])
    assert compared(str, ours, ours, 1e-9, 0.0).rounding
    for other in ([np.nan, np.inf, np.nan], [np.nan, -np.inf, 1.0], [0.0, np.inf, 1.0]):
        assert not compared(str, ours, np.array(other), 1e-9, 0.0).rounding


def test_a_step_made_of_rounding_is_left_out_and_counted() -> None:
    gradients = np.array([1e-18, 0.3]), np.array([-2e-18, 0.3])
    noise = is_noise(*gradients, near=1e-9, floor=1e-13)
    assert noise.tolist() == [True, False]
    found = compared(str, np.array([0.9, 0.5]), np.array([1.1, 0.5]), 1e-9, 0.0, noise)
    assert (found.left_out, found.rounding) == (1, True)
    # Both are told to be as good as 0, which a number that is off by as much is not.
    assert compared(str, *gradients, 1e-9, 1e-13).as_zero is False
    nothing = compared(str, np.array([1e-18]), np.array([-2e-18]), 1e-9, 1e-13)
    assert (nothing.rounding, nothing.as_zero) == (True, True)
    assert not compared(str, np.array([1e-3]), np.array([-2e-3]), 1e-9, 1e-13).as_zero
    # What differs for another reason is not.
    found = compared(str, np.array([0.9, 0.5]), np.array([1.1, 0.6]), 1e-9, 0.0, noise)
    assert (found.left_out, found.rounding) == (1, False)


def test_the_last_line_of_a_failure_says_what_it_was(session_of: Sessions, tmp_path: Path) -> None:
    assert problem_of("Traceback …\n  File x\nModuleNotFoundError: No module named 'torch'\n\n") == (
        "ModuleNotFoundError: No module named 'torch'"
    )
    assert problem_of("") == "it ended without a word"
    session = whole_step(session_of("first-steps"))
    with pytest.raises(PresetError, match=r"^PyTorch gave no answer: "):
        read_answer(session, torch_program(session, "step.npz"), tmp_path, SPOTLIGHT)


# What PyTorch says


def answered(session: Session, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the program here rather than in a process of its own, and put things back as they were."""
    torch = pytest.importorskip("torch")
    whole = whole_step(session)
    program = torch_program(whole, "step.npz")
    script = write_script(program, folder)
    monkeypatch.chdir(folder)
    before = torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(script.read_text(encoding="utf-8"), "step", "exec"), {})
    finally:
        torch.set_default_dtype(before)
        torch.set_printoptions(profile="default")
    answer = read_answer(whole, program, folder, SPOTLIGHT)
    assert len(answer.gradients) == 1 + len(program.parameters)
    assert len(answer.updates) == (0 if program.foreign else len(program.parameters))
    return answer


@pytest.mark.parametrize("name", share(["by-hand", "three-or-eight", "digits", "residual"], presets.names()))
@pytest.mark.parametrize("steps", share([2], [0, 2]))
def test_pytorch_gives_the_same_numbers_for_a_preset(
    session_of: Sessions, name: str, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = session_of(name)
    session.seek(session.timeline.finish_of(steps) + 3)
    answer = answered(session, tmp_path, monkeypatch)
    assert answer.agrees, [one for one in (*answer.gradients, *answer.updates) if not one.rounding]
    assert answer.version == sys.modules["torch"].__version__


ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus", "identity"]
OUTPUTS = [
    ("softmax", "cross_entropy"),
    ("sigmoid", "binary_cross_entropy"),
    ("softmax", "half_squared_error"),
    ("tanh", "mean_squared_error"),
]
OPTIMIZERS: list[Any] = [
    {"kind": "sgd", "weight_decay": 0.1, "clip_norm": 0.1, "clip_value": 0.05, "l1": 0.01, "l2": 0.1},
    {"kind": "momentum", "ema": True, "train_biases": False},
    {"kind": "momentum", "weight_decay": 0.1},
    {"kind": "nesterov", "clip_norm": 0.5, "train_biases": False},
    {"kind": "nesterov", "momentum": 0.0},
    {"kind": "rmsprop", "weight_decay": 0.2},
    {"kind": "adagrad", "schedule": {"kind": "exponential", "gamma": 0.5}},
    {"kind": "adam", "weight_decay": 0.1},
    {"kind": "adamw", "weight_decay": 0.1, "train_biases": False},
    {"kind": "adam", "epsilon_inside_sqrt": True},
]


@pytest.mark.parametrize("place", range(len(ACTIVATIONS)))
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_pytorch_gives_the_same_numbers_for_any_parts(
    session_of: Sessions,
    network_table: Any,
    place: int,
    dtype: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every activation, output, loss and optimizer; with batch norm, dropout and residual connections now and then."""
    output, loss = OUTPUTS[place % len(OUTPUTS)]
    table = network_table(
        ACTIVATIONS[place],
        output,
        loss,
        batch=0 if place % 3 else 4,
        optimizer=OPTIMIZERS[place],
        batch_norm=place % 2 == 1,
        residual=place % 4 > 1,
        dropout=0.3 if place % 5 == 1 else 0.0,
        dtype=dtype,
    )
    session = session_of(table)
    session.seek(session.timeline.finish_of(place % 4) + 2)
    answer = answered(session, tmp_path, monkeypatch)
    assert answer.agrees, [one for one in (*answer.gradients, *answer.updates) if not one.rounding]
