"""The data pane: the chosen example is the one of the batch, and what the numbers are of is said."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from backprop_tui.core.chain_rule.batch_example import batch_example
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.data import data_lines
from backprop_tui.tui.panes.example_lines import Example, class_words, tie_words
from backprop_tui.tui.panes.plane import has_plane
from backprop_tui.tui.panes.view import View

DROPOUT = {"layers.0.dropout": 0.3}


@pytest.mark.parametrize(("name", "batch"), [("spiral", 32), ("spiral", 7), ("xor", 0), ("digits", 64)])
def test_the_example_of_a_batch_is_the_one_that_is_computed_with(
    session_of: Callable[..., Session], name: str, batch: int
) -> None:
    session = session_of(name, changes={"training.batch_size": batch})
    per_epoch = session.trainer.steps_per_epoch
    for step in (1, 2, per_epoch, per_epoch + 1):
        session.seek(session.timeline.finish_of(step) - 1)
        assert session.position.step == step
        X, examples = session.plan["X", None].array, session.plan.examples
        for place in (0, examples // 2, examples - 1):
            found = batch_example(session.trainer, step, place)
            assert np.array_equal(X[:, place], session.dataset.inputs[:, found].astype(X.dtype))
        assert batch_example(session.trainer, step, 10**6) == batch_example(session.trainer, step, examples - 1)


@pytest.mark.parametrize("look", [Look(), Look(glyphs=ASCII), Look(color=False)])
def test_the_plane_marks_the_chosen_example_from_before_the_first_op_on(
    session_of: Callable[..., Session], look: Look
) -> None:
    session = session_of("xor")
    places = []
    for example in range(4):
        session.seek(0)
        view = View(Spotlight(1, 0, 0, example), look=look)
        before = [strip.text for strip in data_lines(session, view, 40, 16)]
        session.forward("op")
        lines = [strip.text for strip in data_lines(session, view, 40, 16)]
        assert lines == before
        assert lines[-1] == f"{look.glyphs.cursor} example {example + 1} of 4   before step 1"
        x, y = session.dataset.inputs[:, example]
        row = next(row for row, text in enumerate(lines[:-1]) if look.glyphs.cursor in text)
        column = lines[row].index(look.glyphs.cursor)
        assert lines[row][column + 1] in "OX"
        assert (row < 7) == (y > 0.5)
        assert (column > 20) == (x > 0.5)
        places.append((row, column))
    assert len(set(places)) == 4


def test_where_training_and_evaluation_differ_it_says_which(session_of: Callable[..., Session]) -> None:
    view = View(Spotlight(1, 0, 0))
    for name, words in (("xor", "evaluation mode"), ("digits", "training mode")):
        for changes, said in (({}, False), (DROPOUT, True)):
            session = session_of(name, changes=changes)
            session.forward("phase")
            text = "\n".join(strip.text for strip in data_lines(session, view, 60, 16))
            assert (words in text) == said


def test_what_is_not_computed_is_blank(session_of: Callable[..., Session]) -> None:
    session, view = session_of("digits"), View(Spotlight(1, 0, 0))
    session.seek(1)
    rows = [strip.text.split() for strip in data_lines(session, view, 60, 16)][1:11]
    assert all(row[-1] == "·" for row in rows)
    session.forward("phase")
    rows = [strip.text.split() for strip in data_lines(session, view, 60, 16)][1:11]
    assert all(0 <= float(row[-1]) <= 1 for row in rows)


@pytest.mark.parametrize(
    ("preset", "given"),
    [
        ("by-hand", ["✓ 2", "x1            2", "x3            3"]),
        ("mazur", ["y1         ·      0.01", "y2         ·      0.99", "x1         0.05"]),
        ("first-steps", ["target", "x2          0.8"]),
    ],
)
def test_a_point_or_two_are_numbers_and_given_before_the_first_op(
    session_of: Callable[..., Session], preset: str, given: list[str]
) -> None:
    session = session_of(preset)
    text = "\n".join(strip.text for strip in data_lines(session, View(Spotlight(1, 0, 0)), 36, 13))
    assert all(one in text for one in given)
    # What it answers is not there yet.
    assert "·" in text
    session.forward("phase")
    text = "\n".join(strip.text for strip in data_lines(session, View(Spotlight(1, 0, 0)), 36, 13))
    assert "·" not in text


def test_a_tie_is_words_and_says_which_of_the_equal_counts(session_of: Callable[..., Session]) -> None:
    session, view = session_of("by-hand"), View(Spotlight(1, 0, 0))
    session.forward("phase")
    rows = [strip.text.rstrip() for strip in data_lines(session, view, 36, 13)]
    assert [row.split()[0] for row in rows[1:4]] == ["▸", "✓", "3"]
    assert rows[4] == 'a tie of "1" and "2": "1" counts'
    session.forward("step")
    assert "a tie" not in "\n".join(strip.text for strip in data_lines(session, view, 36, 13))


@pytest.mark.parametrize(
    ("kind", "outputs", "said"),
    [
        ("one_hot", [0.5, 0.0, 0.5], 'a tie of "1" and "3": "1" counts'),
        ("one_hot", [0.1, 0.3, 0.3, 0.3], 'a tie of 3 of 4 classes: "2" counts'),
        ("one_hot", [0.25, 0.25, 0.25, 0.25], 'a tie of all 4: "1" counts'),
        ("one_hot", [0.2, 0.8], ""),
        ("one_hot", [0.2, 0.2, 0.6], ""),
        ("one_hot", [float("nan"), 0.5, 0.5], ""),
        ("binary", [0.5], 'a tie, which counts as "0"'),
        ("binary", [0.6], 'answers "1"'),
        ("binary", [0.0], 'answers "0"'),
        ("signed", [0.0], 'a tie, which counts as "-1"'),
        ("signed", [0.5], 'answers "1"'),
    ],
)
def test_words_for_answers_that_are_equal(
    session_of: Callable[..., Session], kind: str, outputs: list[float], said: str
) -> None:
    answer = np.array(outputs)
    data = replace(session_of("xor").dataset, target_kind=kind, targets=answer[:, None], class_names=())
    words = tie_words if kind == "one_hot" else class_words
    assert words(Example(None, answer, None), data) == said


def test_three_points_and_more_have_a_plane_and_two_numbers_at_once_none(session_of: Callable[..., Session]) -> None:
    points = {"kind": "inline", "inputs": [[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]}
    one = [{"units": 1, "activation": "identity"}]
    for targets, layers, plane in (
        ([[1.0], [2.0], [0.5]], one, True),
        ([[1.0, 3.0], [2.0, 0.1], [0.5, 7.0]], [{"units": 2, "activation": "identity"}], False),
    ):
        session = session_of({"title": "Points", "data": {**points, "targets": targets}, "layers": layers})
        assert has_plane(session.dataset) is plane
