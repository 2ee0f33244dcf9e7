"""Measures by hand, against slow definitions, and over a part that is run through in portions."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.training import limits, measures
from backprop_tui.core.training.evaluation import accuracy, most_frequent
from backprop_tui.core.training.measures import (
    ClassMeasures,
    LabelMeasures,
    Measured,
    NumberMeasures,
    compared,
    measured,
    measures_of,
)

from ...share import share


def part_of(targets: Any, kind: str, names: tuple[str, ...] = (), **more: Any) -> Dataset:
    """A training part of these targets (outputs, n); its inputs do not matter."""
    array = np.array(targets, dtype=float)
    inputs = np.zeros((1, array.shape[1]))
    return Dataset("inline", inputs, array, inputs[:, :0], array[:, :0], kind, ("x1",), names, **more)


def of(outputs: Any, data: Dataset) -> Any:
    return measures_of(compared(np.array(outputs, dtype=float), data.targets, data.target_kind), data.targets, data)


def test_classes_by_hand() -> None:
    targets = np.eye(3)[:, [0, 0, 0, 1, 1, 2]]
    found = of(np.eye(3)[:, [0, 0, 1, 1, 0, 1]], part_of(targets, "one_hot", ("ant", "bee", "cat")))
    assert isinstance(found, ClassMeasures)
    assert found.names == ("ant", "bee", "cat")
    assert found.confusion is not None
    assert found.confusion.tolist() == [[2, 1, 0], [1, 1, 0], [0, 1, 0]]
    assert found.recall == (2 / 3, 1 / 2, 0.0)
    assert found.precision == (2 / 3, 1 / 3, None)
    assert (found.accuracy, found.most_frequent) == (3 / 6, 3 / 6)


def test_one_output_has_two_classes_and_several_are_labels() -> None:
    found = of([[0.5, 0.6, 0.4, 0.9]], part_of([[0, 0, 1, 1]], "binary", ("no", "yes")))
    assert found.confusion.tolist() == [[1, 1], [1, 1]]
    assert found.names == ("no", "yes")
    signed = of([[0.0, 0.1, -3]], part_of([[-1, 1, 1]], "signed"))
    assert (signed.names, signed.confusion.tolist()) == (("-1", "1"), [[1, 0], [1, 1]])
    labels = of([[0.9, 0.1, 0.8], [0.2, 0.9, 0.9]], part_of([[1, 1, 0], [0, 1, 1]], "binary"))
    assert isinstance(labels, LabelMeasures)
    assert labels.confusion.tolist() == [[[0, 1], [1, 1]], [[1, 0], [0, 2]]]
    assert (labels.recall, labels.precision) == ((0.5, 1.0), (0.5, 1.0))
    assert (labels.accuracy, labels.most_frequent) == (4 / 6, 4 / 6)


def test_numbers_by_hand_in_the_data_s_own_units() -> None:
    # Prices of 100, 200 and 600: mean 300, deviation √(140000/3). The network answers in deviations from the mean.
    mean, std = 300.0, sqrt(140000 / 3)
    own, answers = np.array([[100.0, 200, 600]]), np.array([[160.0, 200, 480]])
    normalized = part_of(
        (own - mean) / std, "real", ("price",), target_mean=np.array([[mean]]), target_std=np.array([[std]])
    )
    for found in (of((answers - mean) / std, normalized), of(answers, part_of(own, "real", ("price",)))):
        assert isinstance(found, NumberMeasures)
        assert found.names == ("price",)
        assert found.rmse == pytest.approx([sqrt((60**2 + 120**2) / 3)])
        assert found.mae == pytest.approx([60])
        assert found.r2 == pytest.approx([1 - 18000 / 140000])


def test_what_does_not_vary_has_no_r2_and_large_numbers_no_overflow() -> None:
    found = of([[0.3, 0.1], [1e300, -1e300]], part_of([[0.1, 0.1], [-1e300, 1e300]], "real"))
    assert found.r2[0] is None
    assert found.r2[1] == pytest.approx(-3)
    assert found.rmse == pytest.approx([0.2 / sqrt(2), 2e300])
    assert found.mae == pytest.approx([0.1, 2e300])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_classes_against_the_slow_definitions(pairs: list[tuple[int, int]]) -> None:
    targets, outputs = (np.eye(5)[:, [pair[side] for pair in pairs]] for side in (0, 1))
    data = part_of(targets, "one_hot")
    found = of(outputs, data)
    assert found.confusion.sum() == found.examples == len(pairs)
    for one in range(5):
        for other in range(5):
            assert found.confusion[one, other] == pairs.count((one, other))
        true, said = [pair for pair in pairs if pair[0] == one], [pair for pair in pairs if pair[1] == one]
        both = pairs.count((one, one))
        assert found.recall[one] == (both / len(true) if true else None)
        assert found.precision[one] == (both / len(said) if said else None)
    assert found.accuracy == pytest.approx(accuracy(outputs, targets, "one_hot"))
    assert found.most_frequent == most_frequent(targets, "one_hot")
    best = max(accuracy(np.eye(5)[:, [one] * len(pairs)], targets, "one_hot") or 0.0 for one in range(5))
    assert found.most_frequent == pytest.approx(best)


@given(st.lists(st.tuples(*[st.booleans()] * 4), min_size=1, max_size=20), st.sampled_from(["binary", "signed"]))
def test_labels_against_the_slow_definitions(rows: list[tuple[bool, ...]], kind: str) -> None:
    table = np.array(rows, dtype=float).T
    table = table if kind == "binary" else 2 * table - 1
    found = of(table[2:], part_of(table[:2], kind))
    assert found.confusion.sum(axis=(1, 2)).tolist() == [len(rows)] * 2
    for label in range(2):
        for truth in (False, True):
            for said in (False, True):
                count = sum(row[label] == truth and row[label + 2] == said for row in rows)
                assert found.confusion[label, int(truth), int(said)] == count
    assert found.accuracy == pytest.approx(accuracy(table[2:], table[:2], kind))
    assert found.most_frequent == most_frequent(table[:2], kind)


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30), st.integers(1, 40))
@settings(max_examples=share(20, 60))
def test_the_most_wrong_are_those_of_a_sorted_list(losses: list[float], count: int) -> None:
    found = Measured(None, np.array(losses)).most_wrong(count)
    keys = [np.inf if np.isnan(loss) else loss for loss in losses]
    assert found.tolist() == sorted(range(len(keys)), key=lambda i: (-keys[i], i))[:count]


def test_a_part_in_portions_is_the_part_at_once(session_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, portion in (("digits", 600), ("sine", 7), ("xor", 3)):
        session = session_of(name)
        session.seek(session.timeline.finish_of(2))
        whole = [measured(session.evaluator, part) for part in measures.PARTS]
        monkeypatch.setattr(limits, "PORTION", portion)
        parts = [measured(session.evaluator, part) for part in measures.PARTS]
        monkeypatch.undo()
        for one, other in zip(whole, parts, strict=True):
            if one is None or other is None:
                assert one is other is None
                continue
            np.testing.assert_allclose(one.losses, other.losses, rtol=1e-5)
            if isinstance(one.measures, ClassMeasures) and isinstance(other.measures, ClassMeasures):
                assert np.array_equal(one.measures.counts, other.measures.counts)
                assert one.measures.accuracy == other.measures.accuracy
            elif isinstance(one.measures, NumberMeasures) and isinstance(other.measures, NumberMeasures):
                assert one.measures.rmse == pytest.approx(other.measures.rmse)


LOSSES = [
    ("tanh", "softmax", "cross_entropy"),
    ("tanh", "sigmoid", "binary_cross_entropy"),
    ("tanh", "identity", "mean_squared_error"),
    ("tanh", "identity", "half_squared_error"),
]


@pytest.mark.parametrize(("hidden", "output", "loss"), LOSSES)
def test_the_losses_of_the_examples_have_the_mean_that_the_part_has(
    session_of: Any, network_table: Any, hidden: str, output: str, loss: str
) -> None:
    session = session_of(network_table(hidden, output, loss))
    session.seek(session.timeline.finish_of(3))
    found = measured(session.evaluator, "training")
    assert found is not None
    assert found.losses.mean() == pytest.approx(session.evaluate().training.loss, rel=1e-9)
    alone = [
        session.evaluator.run(session.dataset.inputs[:, i : i + 1], session.dataset.targets[:, i : i + 1]).loss()
        for i in range(session.dataset.size)
    ]
    assert found.losses == pytest.approx(alone, rel=1e-9)


def test_answers_that_are_no_numbers_have_no_measures(session_of: Any) -> None:
    session = session_of("sine", changes={"optimizer.learning_rate": 1e200})
    session.seek(session.timeline.finish_of(3))
    found = measured(session.evaluator, "training")
    assert found is not None
    assert found.measures is None
