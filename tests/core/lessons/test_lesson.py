"""Lessons: their numbers are those of the run, and a placeholder that names nothing is an error."""

from typing import Any

import pytest

from backprop_tui.core.lessons.lesson import Lesson, filled, placeholders
from backprop_tui.core.preset.schema import PresetError


def lesson_of(session_of: Any, text: str, name: str = "first-steps", **changes: Any) -> str:
    session = session_of(name, changes={"lesson": text} | changes)
    return filled(session.preset, session.dataset)


def test_what_a_placeholder_says() -> None:
    found = placeholders("a {loss@1}, {W1[1,1]@20:3} and {accuracy@200 of ReLU + He}; {no} {not@x}")
    assert [(one.what, one.step, one.digits, one.variant) for one in found] == [
        ("loss", 1, 6, ""),
        ("W1[1,1]", 20, 3, ""),
        ("accuracy", 200, 6, "ReLU + He"),
    ]


def test_numbers_of_the_worked_example(session_of: Any) -> None:
    text = "{loss@1} {dZ2[1,1]@1:9} {W2[1,1]@1:9} {W2[1,1]@0} {loss@2:8} {gradient_norm@1:9} {dW1[2,2]@1}"
    assert lesson_of(session_of, text) == (
        "0.0270581 −0.0415272458 0.413524487 0.4 0.02545496 0.0573429814 −0.00369518"
    )


def test_after_steps_are_evaluations(session_of: Any) -> None:
    session = session_of("xor")
    session.seek(session.timeline.finish_of(7))
    found = session.evaluate()
    expected = f"{found.training.loss:.6g} {found.training.accuracy:.6g}"
    assert lesson_of(session_of, "{train_loss@7} {accuracy@7}", "xor") == expected


def test_functions_of_whole_arrays(session_of: Any) -> None:
    session = session_of("vanishing")
    session.seek(session.timeline.finish_of(1) - 1)
    first, last = (session.measure()[place].gradient for place in (0, -1))
    text = lesson_of(session_of, "{gradient_ratio@1:4} {norm(dW1)@1} {zeros(dW1)@1}", "vanishing")
    assert text == f"{first / last:.4g} {first:.6g} 0"


def test_variants_have_their_own_numbers(session_of: Any) -> None:
    text = lesson_of(session_of, "{dW2[1,1]@1} {dW2[1,1]@1 of biases too} {b1[1]@1 of biases too}", "mazur")
    own, other, bias = text.split()
    assert own == other == "0.082167"
    assert bias != "0.35"


def test_a_number_that_is_still_to_come_is_blank(session_of: Any) -> None:
    session = session_of("xor", changes={"lesson": "{loss@1} and {loss@4000}"})
    lesson = Lesson(session.preset, session.dataset)
    assert lesson.text() == "… and …"
    while not lesson.values:
        lesson.advance(1e-9)
    assert lesson.text().endswith("and …")
    assert not lesson.text().startswith("…")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{los@1}", 'there is no number called {los@1}; did you mean "loss"'),
        ("{loss@0}", "there is no number called {loss@0}"),
        ("{W1[3,1]@1}", "W1 has the shape"),
        ("{W1@1}", "W1 has the shape"),
        ("{loss@1 of nothing}", 'there is no variant called "nothing"'),
    ],
)
def test_a_wrong_placeholder_is_named(session_of: Any, text: str, complaint: str) -> None:
    with pytest.raises(PresetError) as caught:
        lesson_of(session_of, text)
    assert complaint in str(caught.value)
    assert "lesson" in str(caught.value)
