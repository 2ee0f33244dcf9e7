"""The lessons of the worked presets: every number that they tell is the one that the run gives."""

import re
from typing import Any

import numpy as np
import pytest

from backprop_tui.core.session.session import Session

from ..share import share

XAVIER = {f"layers.{index}.init": "xavier_normal" for index in range(3)}
FAST = {"optimizer.learning_rate": 1.0}


class Lesson:
    """A preset's lesson, against which numbers of a run are held."""

    def __init__(self, session: Session) -> None:
        self.text = session.preset.lesson

    def tells(self, *pairs: tuple[str, float]) -> None:
        """Each number stands in the lesson as written, and is the value rounded to its last digit."""
        for written, value in pairs:
            assert re.search(rf"(?<![\d.]){re.escape(written)}(?!\d|[.,]\d)", self.text), written
            plain = written.replace("−", "-").replace(",", "")
            decimals = len(plain.partition(".")[2])
            assert f"{value:.{decimals}f}" == plain, written


def after(session: Session, steps: int) -> Session:
    """The session with so many steps done."""
    session.seek(session.timeline.finish_of(steps))
    return session


def in_step(session: Session, step: int) -> Session:
    """The session with all ops of `step` done, before its finish changes the parameters."""
    session.seek(session.timeline.finish_of(step) - 1)
    return session


def numbers(session: Session, symbol: str, layer: int | None = None) -> list[float]:
    """All entries of a quantity, row by row."""
    return [float(entry) for entry in session.plan[symbol, layer].array.ravel()]


def test_the_lesson_of_mazur(session_of: Any) -> None:
    session = in_step(session_of("mazur"), 1)
    lesson = Lesson(session)
    Z1, A1, Z2, A2 = (numbers(session, symbol, layer) for layer in (1, 2) for symbol in ("Z", "A"))
    lesson.tells(("0.3775", Z1[0]), ("0.3925", Z1[1]), ("0.593270", A1[0]), ("0.596884", A1[1]))
    lesson.tells(("1.105906", Z2[0]), ("1.224921", Z2[1]), ("0.751365", A2[0]), ("0.772928", A2[1]))
    first, second = (error**2 / 2 for error in numbers(session, "E"))
    lesson.tells(("0.274811", first), ("0.023560", second), ("0.298371", numbers(session, "ℒ")[0]))
    dA2, slopes, dZ2 = (numbers(session, symbol, 2) for symbol in ("dA", "σ′(Z)", "dZ"))
    lesson.tells(("0.741365", dA2[0]), ("−0.217072", dA2[1]), ("0.186816", slopes[0]), ("0.175510", slopes[1]))
    lesson.tells(("0.138499", dZ2[0]), ("−0.038098", dZ2[1]), ("0.082167", numbers(session, "dW", 2)[0]))
    lesson.tells(("0.055399", 0.4 * dZ2[0]), ("0.019049", -0.5 * dZ2[1]), ("−0.019049118", 0.5 * dZ2[1]))
    lesson.tells(("0.036350", numbers(session, "dA", 1)[0]), ("0.241301", numbers(session, "σ′(Z)", 1)[0]))
    lesson.tells(("0.000439", numbers(session, "dW", 1)[0]))
    assert all(numbers(session, "db", 1) + numbers(session, "db", 2))
    assert not any(numbers(session, "Δb", 1) + numbers(session, "Δb", 2))
    after(session, 1)
    lesson.tells(("0.358916", numbers(session, "W", 2)[0]), ("0.149781", numbers(session, "W", 1)[0]))
    lesson.tells(("0.291027774", session.evaluator.training().loss))
    after(session, 9_999)
    assert f"{session.evaluator.training().loss:.10f}" == "0.0000351085"
    after(session, 10_000)
    outputs = session.evaluator.answer(session.dataset.inputs).ravel()
    lesson.tells(("0.0000351019", session.evaluator.training().loss))
    lesson.tells(("0.015913620", outputs[0]), ("0.984064274", outputs[1]))
    both = session_of("mazur", changes={"optimizer.train_biases": True})
    lesson.tells(("0.280471", after(both, 1).evaluator.training().loss))
    lesson.tells(("0.0000024476", after(both, 10_000).evaluator.training().loss))


def sigmoid(Z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-Z))


def test_what_mazur_prints_comes_from_updating_the_output_weights_first(session_of: Any) -> None:
    """The wrong order, which our plans cannot express, written out."""
    lesson = Lesson(session_of("mazur"))
    X, Y = np.array([0.05, 0.1]), np.array([0.01, 0.99])
    W1, W2 = np.array([[0.15, 0.2], [0.25, 0.3]]), np.array([[0.4, 0.45], [0.5, 0.55]])
    A1 = sigmoid(W1 @ X + 0.35)
    A2 = sigmoid(W2 @ A1 + 0.6)
    for step in range(1, 10_001):
        dZ2 = (A2 - Y) * A2 * (1 - A2)
        W2 -= 0.5 * np.outer(dZ2, A1)
        W1 -= 0.5 * np.outer(W2.T @ dZ2 * A1 * (1 - A1), X)
        A1 = sigmoid(W1 @ X + 0.35)
        A2 = sigmoid(W2 @ A1 + 0.6)
        if step == 1:
            lesson.tells(("0.291027924", ((A2 - Y) ** 2).sum() / 2))
    lesson.tells(("0.015912196", A2[0]), ("0.984065734", A2[1]))


# What another program had, with the weights in float64; here they start as float32.
PROBABILITIES = [
    0.005363871190804012,
    0.015684728095119675,
    0.021284216133393194,
    0.9214826308144364,
    0.0004361703450685023,
    0.01063096590539747,
    8.228995188473108e-05,
    0.0004190761459503625,
    0.024454927320241005,
    0.00016112409770471648,
]


def test_the_eight_that_is_taken_for_a_three(session_of: Any) -> None:
    session = in_step(session_of("three-or-eight"), 1)
    plan = session.plan
    assert numbers(session, "A", 2) == pytest.approx(PROBABILITIES, rel=1e-6)
    assert numbers(session, "dZ", 2) == pytest.approx(np.array(PROBABILITIES) - np.eye(10)[8], rel=1e-6)
    assert numbers(session, "ℒ") == pytest.approx([3.710923556974746], rel=1e-7)
    assert session.gradient_norm() == pytest.approx(10.879330875797454, rel=1e-7)
    assert np.abs(plan["W", 1].array).max() == pytest.approx(0.27910186714520724, rel=1e-6)
    assert np.abs(plan["W", 2].array).max() == pytest.approx(0.896547184738275, rel=1e-6)
    assert np.abs(plan["ΔW", 1].array).max() == pytest.approx(0.09848193825620787, rel=1e-6)
    assert np.abs(plan["ΔW", 2].array).max() == pytest.approx(0.446678676610033, rel=1e-6)
    assert (plan["dW", 1].array == 0).sum() == 79_360
    assert (plan["dW", 2].array != 0).all()
    before = plan["W", 2].array[[0, 1], [0, 41]]
    assert before == pytest.approx([0.466230057342692, 0.46887211737136303], rel=1e-6)
    after(session, 1)
    assert plan["W", 2].array[[0, 1], [0, 41]] == pytest.approx([0.46409125307303284, 0.4643795732739237], rel=1e-6)
    outputs = session.evaluator.answer(session.dataset.inputs).ravel()
    assert outputs[3] == pytest.approx(4.1685353877178746e-16, rel=1e-5)
    assert outputs[8] == pytest.approx(0.9999999940389708, rel=1e-12)
    assert session.evaluator.training().loss == pytest.approx(5.9610292435541634e-09, rel=1e-6)


def test_the_lesson_of_three_or_eight(session_of: Any) -> None:
    session = in_step(session_of("three-or-eight"), 1)
    lesson, plan = Lesson(session), session.plan
    A2, dZ2 = numbers(session, "A", 2), numbers(session, "dZ", 2)
    lesson.tells(("0.921483", A2[3]), ("0.024455", A2[8]), ("3.710924", numbers(session, "ℒ")[0]))
    lesson.tells(("2.525729", -np.log(0.08)), ("0.921483", dZ2[3]), ("−0.975545", dZ2[8]), ("0.021284", dZ2[2]))
    assert sum(dZ2) == pytest.approx(0, abs=1e-15)
    assert [k for k, entry in enumerate(dZ2) if entry < 0] == [8]
    weights = [plan["dW", 1].array, plan["dW", 2].array]
    black = (plan["X", None].array == 0).sum()
    lesson.tells(("101,632", sum(dW.size for dW in weights)), ("79,360", sum((dW == 0).sum() for dW in weights)))
    lesson.tells(("620", black), ("79,360", black * 128), ("0.279102", np.abs(plan["W", 1].array).max()))
    assert session.preset.view.spotlight == "W2[2,42]"
    here = (1, 41)
    lesson.tells(("0.015685", dZ2[1]), ("0.572856", numbers(session, "A", 1)[41]))
    lesson.tells(("0.008985", plan["dW", 2].value(here)), ("0.468872", plan["W", 2].value(here)))
    lesson.tells(("10.879331", session.gradient_norm()))
    after(session, 1)
    lesson.tells(("0.464380", plan["W", 2].value(here)))
    lesson.tells(("0.99999999", session.evaluator.answer(session.dataset.inputs)[8, 0]))


def test_one_large_step_forgets_the_other_digits(session_of: Any) -> None:
    digits = session_of("digits").dataset
    labels = digits.test_targets.argmax(axis=0)

    def read(session: Session) -> np.ndarray:
        return session.evaluator.answer(digits.test_inputs).argmax(axis=0)

    session = session_of("three-or-eight")
    lesson = Lesson(session)
    assert session.preset.data.rows == (digits.size + 127,)
    assert (session.dataset.inputs[:, 0] == digits.test_inputs[:, 126]).all()
    assert labels[126] == 8
    lesson.tells(("87", 100 * (read(session) == labels).mean()))
    assert (session.evaluator.answer(digits.inputs).argmax(axis=0) == digits.targets.argmax(axis=0)).mean() == 0.8675
    assert (read(after(session, 1)) == 8).all()
    lesson.tells(("10", 100 * (read(session) == labels).mean()))
    gentle = session_of("three-or-eight", changes={"optimizer.learning_rate": 0.01})
    lesson.tells(("0.077290", after(gentle, 1).evaluator.answer(gentle.dataset.inputs)[8, 0]))
    lesson.tells(("0.658327", after(gentle, 5).evaluator.answer(gentle.dataset.inputs)[8, 0]))
    lesson.tells(("86.4", 100 * (read(gentle) == labels).mean()))


def test_the_lesson_of_tiny_weights(session_of: Any) -> None:
    session = session_of("tiny-weights")
    lesson = Lesson(session)
    lesson.tells(("0.250007", session.evaluator.training().loss))
    in_step(session, 1)
    spread = [np.ptp(session.plan["A", layer].array, axis=1).max() for layer in (1, 2, 3)]
    lesson.tells(("0.006", spread[0]), ("0.00005", np.ceil(spread[1] * 1e5) / 1e5))
    assert 1e-8 < spread[2] < 1e-7, "the first place in which they differ is the eighth"
    for prediction in numbers(session, "A", 3):
        lesson.tells(("0.497400", prediction))
    norms = [np.linalg.norm(session.plan["dW", layer].array) for layer in (3, 2, 1)]
    lesson.tells(*zip(("0.001129", "0.0000044622", "0.0000000083227"), norms, strict=True))
    for step, written in ((1_001, "0.000126"), (3_001, "0.0000015616")):
        in_step(session, step)
        lesson.tells((written, np.linalg.norm(session.plan["dW", 3].array)))
    fast = session_of("tiny-weights", changes=FAST)
    for steps in (100, 20_000):
        lesson.tells(("0.250000", after(fast, steps).evaluator.training().loss))
    repaired = session_of("tiny-weights", changes=XAVIER | FAST)
    for steps, written in ((2_000, "0.247470"), (3_000, "0.002915"), (20_000, "0.000045")):
        lesson.tells((written, after(repaired, steps).evaluator.training().loss))
    slow = session_of("tiny-weights", changes=XAVIER)
    lesson.tells(("0.250040", after(slow, 20_000).evaluator.training().loss))


def numpy_class(seed: int) -> tuple[list[np.ndarray], list[str]]:
    """The start of the article's TwoLayerNetwork, W1 b1 W2 b2, and the lines that it prints: written out as it is."""
    chance = np.random.RandomState(seed)
    W1, b1, W2, b2 = start = [chance.randn(*shape) * 0.1 for shape in ((2, 2), (2, 1), (1, 2), (1, 1))]
    X, y = np.array([[0.5], [0.8]]), np.array([[1.0]])
    lines = []
    for epoch in range(1001):
        A1 = sigmoid(W1 @ X + b1)
        A2 = sigmoid(W2 @ A1 + b2)
        if epoch == 1000:
            lines.append(f"Final prediction: {A2[0, 0]:.4f}")
        elif epoch % 100 == 0:
            lines.append(f"Epoch {epoch}, Loss: {np.mean((y - A2) ** 2):.4f}")
        dZ2 = -(y - A2) * A2 * (1 - A2)
        dZ1 = W2.T @ dZ2 * A1 * (1 - A1)
        W1, b1 = W1 - 0.5 * dZ1 @ X.T, b1 - 0.5 * dZ1
        W2, b2 = W2 - 0.5 * dZ2 @ A1.T, b2 - 0.5 * dZ2
    return start, lines


def test_the_numpy_class_prints_the_lines_of_its_lesson(session_of: Any) -> None:
    """The preset starts where NumPy's seed 0 does, and each printed line is what our own trainer gives."""
    start, lines = numpy_class(0)
    assert (lines[0], lines[-1]) == ("Epoch 0, Loss: 0.2410", "Final prediction: 0.9771")
    session = session_of("numpy-class")
    ours = [numbers(session, symbol, layer) for layer in (1, 2) for symbol in ("W", "b")]
    assert ours == [array.ravel().tolist() for array in start]
    told = [line.removeprefix("- ") for line in session.preset.lesson.splitlines() if line.startswith("- ")]
    assert told == lines
    for epoch, line in zip(range(0, 1000, 100), lines[:-1], strict=True):
        squared = 2 * after(session, epoch).evaluator.training().loss
        assert f"Epoch {epoch}, Loss: {squared:.4f}" == line
    prediction = after(session, 1000).evaluator.answer(session.dataset.inputs)[0, 0]
    assert f"Final prediction: {prediction:.4f}" == lines[-1]


def test_the_lesson_of_the_numpy_class(session_of: Any) -> None:
    session = session_of("numpy-class")
    lesson = Lesson(session)
    for steps, written in ((0, "0.5091"), (100, "0.9130"), (900, "0.9757"), (1000, "0.9771")):
        lesson.tells((written, after(session, steps).evaluator.answer(session.dataset.inputs)[0, 0]))
    own, full = session.preset.variants
    same = session_of("numpy-class", changes=own.set)
    assert after(same, 1000).trainer.state.parameters.tolist() == session.trainer.state.parameters.tolist()
    assert same.evaluator.training().loss == 2 * session.evaluator.training().loss
    twice = after(session_of("numpy-class", changes=full.set), 1000)
    lesson.tells(("0.9843", twice.evaluator.answer(twice.dataset.inputs)[0, 0]))


@pytest.mark.parametrize("seed", range(share(1, 3)))
def test_tiny_weights_never_learn_and_the_repair_does(session_of: Any, seed: int) -> None:
    session = session_of("tiny-weights", seed)
    assert after(session, 20_000).evaluator.training().loss == pytest.approx(0.25, abs=1e-9)
    *_, repair = session.preset.variants
    assert repair.set == FAST | XAVIER
    repaired = after(session_of("tiny-weights", seed, repair.set), 20_000).evaluator.training()
    assert repaired.loss < 2e-4
    assert repaired.accuracy == 1.0


def test_the_seven_layers_of_the_exercise(session_of: Any) -> None:
    """Each layer's output as the exercise has it, both examples; then whole numbers and halves all the way back."""
    session = in_step(session_of("seven-layers"), 1)
    outputs = [
        [[5, 3], [4, 4], [3, 5], [7, 9], [9, 7]],
        [[6, 2], [1, 7]],
        [[7, 9], [5, 0], [8, 16]],
        [[2, 9], [3, 16]],
        [[3, 16], [2, 9]],
        [[1, 7], [5, 25]],
        [[-4, -18]],
    ]
    for number, expected in enumerate(outputs, 1):
        assert session.plan["A", number].array.tolist() == expected
        assert all(float(2 * entry).is_integer() for entry in numbers(session, "dW", number))
    assert numbers(session, "dZ", 7) == [-1, -1]
    assert numbers(session, "dW", 7) == [-4, -15]
    assert numbers(session, "dZ", 3)[3] == 0
    # By hand: dZ⁽¹⁾ of unit 5 is −4 and −2, so ∂ℒ/∂W⁽¹⁾₅,₃ = (−4 · 5 − 2 · 3) / 2.
    assert numbers(session, "dW", 1)[14] == -13
    text = session.preset.lesson
    for sentence in ("3 + 7 − 9", "6 + 2 · 1", "8 − 5", "1 − 5", "7 − 25", "−1 · (1, 5) and −1 · (7, 25)"):
        assert sentence in text
    losses = [after(session, steps).evaluator.training().loss for steps in (0, 1, 2)]
    assert losses == sorted(losses, reverse=True)
