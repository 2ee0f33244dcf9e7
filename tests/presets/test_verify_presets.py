"""The presets to learn `verify` by: the numbers that were handed in, what is said of them, and the lessons."""

import json
import re
from typing import Any

import numpy as np
import pytest

import backprop_tui
from backprop_tui import presets
from backprop_tui.core.ops.expression import MINUS
from backprop_tui.core.preset.preset import parse
from backprop_tui.tui import cli

from .test_worked_presets import after, in_step, numbers
from .wrong_programs import PROGRAMS

MISTAKES = {
    "verify-1": ("missing_activation_derivative", 1, "dZ1"),
    "verify-2": ("double_mean", None, "dW2"),
    "verify-3": ("softmax_derivative_twice", 2, "dZ2"),
    "verify-4": ("updated_weights_used", 1, "dA1"),
    "verify-5": ("biases_not_updated", None, "b1_new"),
}
BESIDE_PANES = 34
"""Cells of a line of code in a lesson that stands beside the panes on 120 columns."""
every = pytest.mark.parametrize("name", MISTAKES)


def step(name: str) -> dict[str, Any]:
    """What was handed in, with arrays for lists of numbers."""
    read = json.loads(presets.hand_in(name))
    return {key: value if key == "activations" else np.array(value) for key, value in read.items()}


def lesson(name: str) -> str:
    found: str = parse(presets.text(name), name)["lesson"]
    return found


def answer(name: str) -> str:
    """The lesson from its hint on."""
    return lesson(name).partition("# A hint")[2]


def as_written(value: float, digits: int = 4) -> str:
    return f"{value:.{digits}g}".replace("-", MINUS)


def test_every_hand_in_has_its_preset_and_its_program() -> None:
    assert presets.hand_ins() == sorted(PROGRAMS) == sorted(MISTAKES)
    assert set(presets.hand_ins()) <= set(presets.names())


@every
def test_what_is_handed_in_is_what_the_wrong_program_computes(name: str) -> None:
    read, made = step(name), PROGRAMS[name]()
    assert list(read) == list(made)
    for key, value in made.items():
        if isinstance(value, np.ndarray | float):
            # Another machine's exp may differ in its last bit.
            np.testing.assert_allclose(read[key], value, rtol=1e-13, atol=1e-17, err_msg=key)
        else:
            assert read[key] == value


@every
def test_it_starts_where_the_preset_starts(session_of: Any, name: str) -> None:
    session, handed = in_step(session_of(name), 1), step(name)
    for symbol, layer in (("X", None), ("Y", None), ("W", 1), ("b", 1), ("W", 2), ("b", 2)):
        array = session.plan[symbol, layer].array
        assert array.ravel().tolist() == handed[f"{symbol}{layer or ''}"].ravel().tolist()
    preset = session.preset
    assert [one.activation for one in preset.layers] == handed["activations"]
    assert handed["loss_kind"] == preset.loss.kind
    assert handed["optimizer"] == preset.optimizer.kind
    assert handed["learning_rate"] == preset.optimizer.learning_rate
    assert handed.get("train_biases", True) == preset.optimizer.train_biases


@every
def test_the_mistake_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    mistake, layer, first = MISTAKES[name]
    report = backprop_tui.verify(name)
    assert [(one.id, one.layer) for one in report.mistakes] == [(mistake, layer)]
    assert report.first_wrong is not None
    assert report.first_wrong.quantity == first
    assert report.mistakes[0].explains == [one.name for one in report.quantities if not one.passed]
    assert cli.main(["verify", name]) == 1
    assert capsys.readouterr().out == f"{report}\n"


@every
def test_the_same_step_without_the_mistake_is_right(session_of: Any, name: str) -> None:
    """What our own trainer computes in the place of what was handed in."""
    session, handed = in_step(session_of(name), 1), step(name)
    computed = {"loss": float(session.plan["ℒ", None].array)}
    for key in handed:
        found = re.fullmatch(r"(d?[ZAWb])([12])", key)
        if found and (found[1], int(found[2])) in session.plan.quantities:
            computed[key] = session.plan[found[1], int(found[2])].array.copy()
    after(session, 1)
    for key in handed:
        if key.endswith("_new"):
            computed[key] = session.plan[key[0], int(key[1])].array.copy()
    report = backprop_tui.verify(handed | computed)
    assert report, report
    assert report.conventions == []


@every
def test_the_lesson_shows_what_was_handed_in(name: str) -> None:
    block = re.search(r"```\n(.+?)\n```", lesson(name), re.DOTALL)
    assert block
    shown: dict[str, list[str]] = {}
    for line in block[1].split("\n"):
        words = line.split()
        if not line.startswith(" "):
            shown[words.pop(0)] = []
        shown[[*shown][-1]] += words
    # Four columns of four digits would be too wide beside the panes.
    digits = 3 if name == "verify-2" else 4
    assert shown == {key: [as_written(value, digits) for value in step(name)[key].ravel()] for key in shown}
    assert max(map(len, block[1].split("\n"))) <= BESIDE_PANES
    wrong = [one.name for one in backprop_tui.verify(name).quantities if not one.passed]
    assert wrong[0] in shown


@every
def test_a_lesson_has_its_hint_and_its_answer_at_the_end(name: str) -> None:
    headings = re.findall(r"^# (.+)$", lesson(name), re.MULTILINE)
    assert headings == ["A hint", "The answer"]
    question = lesson(name).partition("# A hint")[0]
    assert f"`backprop-tui verify {name}`" in question
    assert f"`backprop-tui show {name}.json > mine.json`" in question


@every
def test_the_step_is_shown_as_it_can_be_handed_in(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Any) -> None:
    assert cli.main(["show", f"{name}.json"]) == 0
    shown = capsys.readouterr().out
    assert shown == presets.hand_in(name)
    mine = tmp_path / "mine.json"
    mine.write_text(shown, encoding="utf-8")
    assert str(backprop_tui.verify(mine)).partition("\n")[2] == str(backprop_tui.verify(name)).partition("\n")[2]
    assert cli.main(["show", f"{name}.json", "--seed", "1"]) == 2
    assert "leave out --set, --seed and --hide" in capsys.readouterr().err


def test_a_file_of_that_name_comes_first(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "verify-1.json").write_text(presets.hand_in("verify-5"))
    assert backprop_tui.verify("verify-1.json").mistakes[0].id == "biases_not_updated"
    assert backprop_tui.verify("verify-1").mistakes[0].id == "missing_activation_derivative"


def loss_after(name: str, session: Any) -> float:
    """The loss of the network as the hand-in leaves it."""
    handed = step(name)
    for layer in (1, 2):
        session.plan["W", layer].array[...] = handed[f"W{layer}_new"]
        if f"b{layer}_new" in handed:
            session.plan["b", layer].array[...] = handed[f"b{layer}_new"].ravel()
    return float(session.evaluator.training().loss)


def test_the_numbers_of_lesson_1(session_of: Any) -> None:
    handed, text = step("verify-1"), answer("verify-1")
    assert (handed["dZ1"] == handed["dA1"]).all()
    slopes = (handed["A1"] * (1 - handed["A1"])).ravel()
    right = numbers(in_step(session_of("verify-1"), 1), "dZ", 1)
    assert handed["dZ1"].ravel() / right == pytest.approx(1 / slopes, rel=1e-12)
    assert f"{1 / slopes[0]:.4g} and {1 / slopes[1]:.4g} times" in text
    wrong = loss_after("verify-1", session_of("verify-1"))
    assert f"it is {wrong:.6f}," in text
    assert wrong < after(session_of("verify-1"), 1).evaluator.training().loss


def test_the_numbers_of_lesson_2(session_of: Any) -> None:
    handed = step("verify-2")
    session = in_step(session_of("verify-2"), 1)
    for symbol in ("dZ", "dW", "db"):
        for layer in (1, 2):
            given = handed[f"{symbol}{layer}"].ravel()
            assert 4 * given == pytest.approx(session.plan[symbol, layer].array.ravel(), rel=1e-12)
    quarter = after(session_of("verify-2", changes={"optimizer.learning_rate": 0.25}), 1)
    for symbol in ("W", "b"):
        for layer in (1, 2):
            given = handed[f"{symbol}{layer}_new"].ravel()
            assert given == pytest.approx(quarter.plan[symbol, layer].array.ravel(), rel=1e-12)
    (variant,) = session.preset.variants
    assert variant.set == {"optimizer.learning_rate": 0.25}


def test_the_numbers_of_lesson_3(session_of: Any) -> None:
    handed, text = step("verify-3"), answer("verify-3")
    assert f"adds up to {handed['dZ2'][:, 0].sum():.6f};" in text
    right = np.array(numbers(in_step(session_of("verify-3"), 1), "dZ", 2)).reshape(3, 3)
    assert right.sum(axis=0) == pytest.approx([0, 0, 0], abs=1e-15)
    A = handed["A2"][0, 0]
    assert f"is {as_written(handed['dZ2'][0, 0])} in place of" in text
    assert handed["dZ2"][0, 0] / right[0, 0] == pytest.approx(A * (1 - A), rel=1e-12)
    assert f"a factor of {A * (1 - A):.4f}, which is A (1 − A) = {A:.4f} · {1 - A:.4f}" in text
    assert f"the loss is {loss_after('verify-3', session_of('verify-3')):.4f}," in text


def test_the_numbers_of_lesson_4(session_of: Any) -> None:
    handed, text = step("verify-4"), answer("verify-4")
    assert f"{loss_after('verify-4', session_of('verify-4')):.9f}" == "0.291027924"
    assert "0.291027924" in lesson("verify-4")
    right = numbers(in_step(session_of("verify-4"), 1), "dA", 1)
    first, second = (100 * (1 - handed["dA1"].ravel() / right)).round().astype(int)
    assert f"{first} % and {second} % less" in text
    (w5, _), (w7, _) = handed["W2_new"]
    d1, d2 = handed["dZ2"].ravel()
    assert f"{w5:.6f} · {d1:.6f} − {w7:.6f} · {-d2:.6f} = {handed['dA1'][0, 0]:.6f}" in text
    assert w5 * d1 + w7 * d2 == pytest.approx(handed["dA1"][0, 0], rel=1e-12)
    assert pytest.approx(right[0], rel=1e-3) == 0.4 * 0.1385 - 0.5 * 0.0381


def test_the_numbers_of_lesson_5(session_of: Any) -> None:
    handed = step("verify-5")
    assert not any(handed[f"b{layer}_new"].any() for layer in (1, 2))
    assert handed["db2"].ravel().tolist() == [-1]
    told = backprop_tui.verify("verify-5", set=["optimizer.train_biases=false"])
    assert told, told
    frozen = session_of("verify-5", changes={"optimizer.train_biases": False})
    assert after(frozen, 1000).evaluator.training().loss == pytest.approx(0.25, rel=1e-6)
    (variant,) = frozen.preset.variants
    assert variant.set == {"optimizer.train_biases": False}
