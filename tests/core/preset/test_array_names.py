"""What arrays and files are by their names: names of many people's data sets, and those that say nothing."""

import pytest

from backprop_tui.core.preset.array_names import Found, NamesError, roles
from backprop_tui.core.preset.file_pairs import held_out_of, idx_tests_of, labels_of, targets_of

N, M = 30, 10


def shapes(names: str, axes: int = 1) -> dict[str, tuple[int, ...]]:
    """Shapes for names: inputs and targets, of the training part and of another, in turn."""
    found = {}
    for place, name in enumerate(names.split()):
        rows = N if place < 2 else M
        found[name] = (rows, *[4] * axes) if place % 2 == 0 else (rows,)
    return found


@pytest.mark.parametrize(
    "names",
    [
        "inputs targets",
        "X y",
        "x Y",
        "data target",
        "data labels",
        "features label",
        "images labels",
        "arr_0 arr_1",
        "X_train y_train X_test y_test",
        "x_train y_train x_test y_test",
        "XTrain YTrain XTest YTest",
        "TRAIN_X TRAIN_Y TEST_X TEST_Y",
        "xtrain ytrain xtest ytest",
        "train_images train_labels test_images test_labels",
        "train-data train-target test-data test-target",
        "train_set_x train_set_y test_set_x test_set_y",
        "X_train y_train X_val y_val",
        "train_features train_targets valid_features valid_targets",
        "X y X_test y_test",
        "arr_0 arr_1 arr_2 arr_3",
    ],
)
@pytest.mark.parametrize("axes", [1, 2, 3])
def test_names_of_many_data_sets_are_read_in_any_order(names: str, axes: int) -> None:
    given = names.split()
    expected = Found(*given)
    assert roles(shapes(names, axes)) == expected
    assert roles(dict(reversed(shapes(names, axes).items()))) == expected


def test_four_without_names_are_told_apart_by_their_shapes() -> None:
    split = {"arr_0": (N, 4), "arr_1": (M, 4), "arr_2": (N,), "arr_3": (M,)}
    assert roles(split) == Found("arr_0", "arr_2", "arr_1", "arr_3")
    with pytest.raises(NamesError, match=r"cannot tell inputs from targets.* np\.savez"):
        roles({f"arr_{number}": (N, 4) for number in range(4)})


def test_names_that_say_nothing() -> None:
    assert roles({"points": (N, 2), "colour": (N,)}) == Found("points", "colour")
    assert roles({"species": (N,), "X": (N, 4)}) == Found("X", "species")
    assert roles({"kind": (N,), "measured": (N, 4)}) == Found("measured", "kind")
    for odd in ({"a": (N, 4), "b": (N, 4)}, {"a": (N, 4), "b": (N,), "c": (N,)}, {"X": (N, 4), "W": (4, 4), "b": (4,)}):
        with pytest.raises(NamesError, match=r"expected arrays of inputs and of targets.* found"):
            roles(odd)


def test_what_is_there_besides_is_left_out_and_told() -> None:
    found = roles({"images": (N, 8, 8), "data": (N, 64), "target": (N,), "target_names": (10,), "DESCR": ()})
    assert found == Found("data", "target", class_names="target_names", left=("images",))
    three = roles(shapes("X_train y_train X_test y_test") | {"X_val": (M, 4), "y_val": (M,)})
    assert (three.test_inputs, three.left) == ("X_test", ("X_val", "y_val"))


def test_the_targets_can_be_named() -> None:
    given = {"X": (N, 4), "y": (N,), "age": (N,)}
    assert roles(given).targets == "y"
    assert roles(given, "age") == Found("X", "age", left=("y",))


@pytest.mark.parametrize(
    ("inputs", "targets", "test"),
    [
        ("X.npy", "y.npy", None),
        ("x_train.npy", "y_train.npy", "x_test.npy"),
        ("train_images.npy", "train_labels.npy", "test_images.npy"),
        ("train-x.npy", "train-y.npy", "test-x.npy"),
        ("features.npy", "labels.npy", None),
        ("mine.data.npy", "mine.target.npy", None),
    ],
)
def test_arrays_in_files_of_their_own(inputs: str, targets: str, test: str | None) -> None:
    assert targets in targets_of(inputs)
    assert held_out_of(inputs)[:1] == ([] if test is None else [test])


def test_a_table_of_its_own_has_nothing_beside_it() -> None:
    assert targets_of("measurements.npy") == targets_of("fox.npy") == []


@pytest.mark.parametrize(
    ("images", "labels", "test"),
    [
        ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"),
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte"),
        ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"),
        ("train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz"),
        (
            "emnist-letters-train-images-idx3-ubyte.gz",
            "emnist-letters-train-labels-idx1-ubyte.gz",
            "emnist-letters-test-images-idx3-ubyte.gz",
        ),
    ],
)
def test_idx_files_find_each_other(images: str, labels: str, test: str) -> None:
    assert labels in labels_of(images)
    assert test in idx_tests_of(images)


def test_idx_files_of_other_names_have_nothing_beside_them() -> None:
    assert labels_of("train-labels-idx1-ubyte") == idx_tests_of("t10k-images-idx3-ubyte") == []
