"""What cannot be read, or is no step, gets one line that says what is wrong with it."""

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backprop_tui.tui import cli

from .handed_in import Handed, write
from .handed_steps import EXERCISES
from .verdict import verdict

WRONG_USAGE = 2


def right() -> Handed:
    return EXERCISES["tanh regression"].handed_in()


def without(*names: str) -> Handed:
    return {name: value for name, value in right().items() if name not in names}


def start_alone() -> Handed:
    return {name: right()[name] for name in ("X", "Y", "W1", "b1", "W2", "b2")}


def with_number(name: str, number: float) -> Handed:
    handed = right()
    handed[name] = handed[name].copy()
    handed[name].flat[0] = number
    return handed


MAPPINGS: dict[str, tuple[Handed, tuple[str, ...]]] = {
    # What is handed in, and what the message has to speak of.
    "nothing": ({}, ()),
    "nothing that was computed": (start_alone() | {"grdW1": np.ones((4, 3))}, ("computed", "grdW1")),
    "no inputs": (without("X"), ("X",)),
    "no targets": (without("Y"), ("Y",)),
    "no weights": (without("W1", "W2"), ("W",)),
    "no first weights": (without("W1"), ("W1",)),
    "a gap between layers": ({**without("W2"), "W3": right()["W2"]}, ("W2",)),
    "weights that do not fit": (right() | {"W2": np.ones((2, 9))}, ("W2",)),
    "inputs that do not fit": (right() | {"X": np.ones((8, 7))}, ("X",)),
    "targets of other examples": (right() | {"Y": np.ones((2, 6))}, ("Y",)),
    "biases that do not fit": (right() | {"b1": np.ones(3)}, ("b1",)),
    "three dimensions": (right() | {"W1": np.ones((4, 3, 2))}, ("W1",)),
    "nan in the inputs": (with_number("X", np.nan), ("X",)),
    "infinity in the weights": (with_number("W1", np.inf), ("W1",)),
    "text for numbers": (right() | {"W1": np.array([["a", "b"]])}, ("W1",)),
    "complex numbers": (right() | {"W1": right()["W1"] + 1j}, ("W1",)),
    "objects": (right() | {"W1": np.array([{}, []], dtype=object)}, ("W1",)),
    "ragged lists": (right() | {"W1": [[1.0, 2.0], [3.0]]}, ("W1",)),
    "an unknown activation": (right() | {"activations": ["tahn", "identity"]}, ("tahn", "tanh")),
    "too few activations": (right() | {"activations": ["tanh"]}, ("activations",)),
    "an unknown loss": (right() | {"loss_kind": "mean_square"}, ("mean_square",)),
    "an unknown optimizer": (right() | {"optimizer": "adamm"}, ("adamm", "adam")),
    "a rate of 0": (right() | {"learning_rate": 0.0}, ("learning_rate",)),
    "a rate that is a word": (right() | {"learning_rate": "fast"}, ("learning_rate",)),
    "softmax in the middle": (right() | {"activations": ["softmax", "identity"]}, ("softmax",)),
    "a loss that the output does not suit": (right() | {"loss_kind": "cross_entropy"}, ("softmax",)),
    "no examples": (right() | {"X": np.ones((3, 0)), "Y": np.ones((2, 0))}, ("X",)),
}


@pytest.mark.parametrize("name", MAPPINGS)
def test_a_mapping_that_is_no_step_is_refused_in_one_line(name: str):
    handed, words = MAPPINGS[name]
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z") as refused:
        verdict(handed)
    message = str(refused.value)
    assert len(message) < 300
    assert all(word in message for word in words), message


def pickled(path: Path) -> None:
    np.savez(path, X=np.array([{"a": 1}], dtype=object), W1=np.ones((2, 2)))


def truncated(path: Path) -> None:
    write(right(), path)
    path.write_bytes(path.read_bytes()[:300])


def text(path: Path) -> None:
    path.write_text("W1 = [[1, 2]]\n")


def empty(path: Path) -> None:
    path.touch()


def huge(path: Path) -> None:
    """An array that says of itself that it has 10¹⁸ numbers."""
    member = BytesIO()
    np.lib.format.write_array_header_1_0(member, {"descr": "<f8", "fortran_order": False, "shape": (10**9, 10**9)})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("W1.npy", member.getvalue())
        archive.writestr("X.npy", member.getvalue())


def foreign(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear Sir")


def half_json(path: Path) -> None:
    path.write_text('{"X": [[1, 2], [3')


def list_json(path: Path) -> None:
    path.write_text("[1, 2, 3]")


def nested_json(path: Path) -> None:
    path.write_text('{"X": {"a": [1, 2]}, "W1": [[1]], "Y": [[1]]}')


def deep_json(path: Path) -> None:
    path.write_text('{"X": ' + "[" * 100_000 + "]" * 100_000 + "}")


def not_utf8(path: Path) -> None:
    path.write_bytes(b'{"X": "\xff\xfe"}')


def absent(path: Path) -> None:
    pass


def a_folder(path: Path) -> None:
    path.mkdir()


FILES: list[tuple[str, Callable[[Path], None]]] = [
    *[("mine.npz", make) for make in (pickled, truncated, text, empty, huge, foreign, absent, a_folder)],
    *[
        ("mine.json", make)
        for make in (half_json, list_json, nested_json, deep_json, not_utf8, empty, absent, a_folder)
    ],
    ("mine.txt", text),
    ("mine", text),
]


@pytest.mark.parametrize(("name", "make"), FILES, ids=lambda one: one if isinstance(one, str) else one.__name__)
def test_a_file_that_cannot_be_read_ends_the_command_with_one_line(
    name: str, make: Callable[[Path], None], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    make(tmp_path / name)
    assert cli.main(["verify", str(tmp_path / name), "--json"]) == WRONG_USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert name in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("make", [pickled, huge, truncated], ids=lambda one: one.__name__)
def test_a_bad_file_is_a_value_error_in_python(make: Callable[[Path], None], tmp_path: Path):
    make(tmp_path / "mine.npz")
    with pytest.raises(ValueError, match=r"\A[^\n]+\Z"):
        verdict(tmp_path / "mine.npz")  # type: ignore[arg-type]


def test_no_pickle_is_ever_run(tmp_path: Path):
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "exploded",)

    np.savez(tmp_path / "mine.npz", W1=np.array([Bomb()], dtype=object))
    assert cli.main(["verify", str(tmp_path / "mine.npz")]) == WRONG_USAGE
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("quantity", ["Z1", "dW1", "W2_new", "loss"])
def test_a_result_that_is_no_number_is_wrong_and_no_bad_file(
    quantity: str, number: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The person's own code gave it, and that is what he wants to hear about."""
    path = write(with_number(quantity, number), tmp_path / "mine.npz")
    assert cli.main(["verify", str(path), "--json"]) == 1
    document = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert document["first_wrong"]["quantity"] == quantity
    assert document["mistakes"] == []


def test_control_characters_are_shown_and_not_sent(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    handed = right() | {"activations": ["\x1b[31mtanh", "identity"]}
    assert cli.main(["verify", str(write(handed, tmp_path / "mine.json"))]) == WRONG_USAGE
    assert "\x1b" not in capsys.readouterr().err
