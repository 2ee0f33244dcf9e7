"""Which targets are classes, in which order, and what a network is given of them: by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.preset.classes import Classes, classes_of, encoded, natural, placed
from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.datasets import load
from backprop_tui.core.preset.schema import Place, PresetError

PLACE = Place("a.toml", "data.targets")


def found(values, wanted=None, outputs: int = 3, output: str = "softmax") -> Classes | None:
    return classes_of(values, wanted, outputs, output, PLACE)


def test_words_are_in_natural_order_and_always_classes():
    for outputs, output in ((3, "softmax"), (1, "identity")):
        classes = found(["run 10", "Walk", "run 9", "Walk"], outputs=outputs, output=output)
        assert classes is not None
        assert classes.names == ("run 9", "run 10", "Walk")
        assert classes.numbers.tolist() == [1, 2, 0, 2]


@pytest.mark.parametrize(
    ("values", "outputs", "output", "names"),
    [
        ([1, 2, 2], 1, "sigmoid", ("1", "2")),
        ([1, 2, 2], 1, "tanh", ("1", "2")),
        ([1, 2, 2], 1, "identity", None),
        ([1, 2, 3], 1, "sigmoid", None),
        ([1.5, 2.0], 1, "sigmoid", None),
        ([3.0, 5.0, 10.0], 3, "softmax", ("3", "5", "10")),
        ([0, 2, 2], 3, "softmax", ("0", "1", "2")),
        ([0, 9], 10, "identity", tuple("0123456789")),
        ([0.5, 1.5, 2.5], 3, "softmax", None),
    ],
)
def test_whole_numbers_are_classes_where_the_network_says_so(values, outputs, output, names):
    classes = found(values, None, outputs, output)
    assert (classes.names if classes else None) == names


def test_the_key_decides():
    assert found([1, 2, 3], False, 3) is None
    assert found([0.5, 1.5, 0.5], True, 2).names == ("0.5", "1.5")
    assert found([1, 2, 1], ("2", "1"), 1, "identity").numbers.tolist() == [1, 0, 1]
    with pytest.raises(PresetError, match='since classes = false, found words such as "a"'):
        found(["a", "b"], False)
    with pytest.raises(PresetError, match='expected one of the classes "1", "2", found 3'):
        found([1, 3], ("1", "2"))


def test_encoding_by_hand():
    classes = Classes(("a", "b", "c"), np.array([2, 0]))
    assert encoded(classes, 3, False, PLACE).T.tolist() == [[0, 0, 1], [1, 0, 0]]
    two = Classes(("a", "b"), np.array([1, 0]))
    assert encoded(two, 1, False, PLACE).tolist() == [[1, 0]]
    assert encoded(two, 1, True, PLACE).tolist() == [[1, -1]]
    assert encoded(two, 2, True, PLACE).T.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("names", "outputs", "message"),
    [
        (("a", "b", "c"), 1, 'are 3 classes .* give it units = 3 and activation = "softmax"'),
        (("a", "b", "c"), 2, "2 units; give it units = 3$"),
        (("a", "b"), 3, "give it units = 2, or list all classes in data.classes"),
        (("a",), 1, "1 class .* nothing to learn"),
    ],
)
def test_outputs_that_do_not_fit_are_refused_with_what_does(names, outputs, message):
    with pytest.raises(PresetError, match=message):
        encoded(Classes(names, np.zeros(2, dtype=np.int64)), outputs, False, PLACE)


def test_classes_of_a_test_part_are_those_known():
    assert placed(["b", "a"], ("a", "b"), PLACE).numbers.tolist() == [1, 0]
    assert placed([2.0, 1.0], ("1", "2"), PLACE).numbers.tolist() == [1, 0]
    with pytest.raises(PresetError, match='found "virginca"; did you mean "virginica"'):
        placed(["virginca"], ("setosa", "virginica"), PLACE)


def test_inline_targets_may_be_words_or_numbers_one_an_example():
    def targets(values, outputs: int, output: str):
        inputs = tuple((float(row),) for row in range(len(values)))
        data = DataPreset(kind="inline", inputs=inputs, targets=values)
        return load(data, seed=0, outputs=outputs, output_activation=output)

    words = targets(("dog", "cat", "dog"), 2, "softmax")
    assert (words.targets.T.tolist(), words.class_names) == ([[0, 1], [1, 0], [0, 1]], ("cat", "dog"))
    assert targets((1, 0, 1), 1, "sigmoid").class_names == ("0", "1")
    assert targets((1.5, 0, 7), 1, "identity").targets.tolist() == [[1.5, 0, 7]]


@given(st.lists(st.integers(0, 10**30), min_size=1, unique=True))
def test_numbers_in_words_are_sorted_by_their_size(numbers):
    words = sorted((f"class {number} of all" for number in numbers), key=natural)
    assert words == [f"class {number} of all" for number in sorted(numbers)]


@given(st.lists(st.text(max_size=5), min_size=1))
def test_any_words_can_be_sorted(words):
    assert sorted(sorted(words, key=natural, reverse=True), key=natural) == sorted(words, key=natural)
