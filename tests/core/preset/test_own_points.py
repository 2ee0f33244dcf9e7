"""Points added to a set and examples taken out of it: by hand, and against the same set as it was written or drawn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.playground.experiment_of import impossible_data
from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.datasets import Dataset, load
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError

PLANE_SETS = ("xor", "circle", "gauss", "spiral", "moons", "plane", "multigauss")
SQUARE = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))


def loaded(outputs: int = 1, output: str = "sigmoid", seed: int = 3, base=None, **data) -> Dataset:
    return load(DataPreset(**data), seed=seed, outputs=outputs, output_activation=output, base=base, source="a.toml")


def inline(targets, outputs: int = 1, output: str = "sigmoid", **data) -> Dataset:
    return loaded(outputs, output, kind="inline", inputs=SQUARE, targets=targets, **data)


def test_added_points_stand_behind_the_others_and_the_removed_are_gone() -> None:
    data = inline((0, 1, 1, 0), added=((0.5, 0.25, 1), (0.25, 0.75, 0)), removed=(2, 4))
    assert data.points.tolist() == [[0.0, 1.0, 0.5, 0.25], [0.0, 0.0, 0.25, 0.75]]
    assert data.targets.tolist() == [[0.0, 1.0, 1.0, 0.0]]
    assert data.numbers.tolist() == [1, 3, 0, 0]
    assert data.notes[-1] == "2 point(s) added to the training part, 2 example(s) of the set taken out"


@pytest.mark.parametrize(
    ("targets", "outputs", "output", "point", "wanted"),
    [
        (("no", "yes", "yes", "no"), 1, "sigmoid", (0.5, 0.5, "yes"), [1]),
        (("no", "yes", "yes", "no"), 1, "tanh", (0.5, 0.5, "no"), [-1]),
        (("no", "yes", "maybe", "no"), 3, "softmax", (0.5, 0.5, "no"), [0, 1, 0]),
        ((7, 3, 3, 7), 2, "softmax", (0.5, 0.5, 7), [0, 1]),
        ((0, 1, 1, 0), 3, "softmax", (0.5, 0.5, 2), [0, 0, 1]),
        (((1.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 0.0)), 2, "softmax", (0.5, 0.5, 0, 1), [0, 1]),
        (((0.25,), (1.5,), (-2.0,), (0.0,)), 1, "identity", (0.5, 0.5, -7.5), [-7.5]),
        (((-1.0,), (1.0,), (1.0,), (-1.0,)), 1, "tanh", (0.5, 0.5, -1), [-1]),
    ],
)
def test_a_target_is_what_the_set_has_for_one(targets, outputs, output, point, wanted) -> None:
    data = inline(targets, outputs, output, added=(point,))
    assert data.targets[:, -1].tolist() == wanted
    assert data.target_kind == inline(targets, outputs, output).target_kind


@pytest.mark.parametrize(
    ("outputs", "output", "wanted"),
    [(1, "sigmoid", [[0, 1]]), (1, "tanh", [[-1, 1]]), (2, "softmax", [[1, 0], [0, 1]])],
)
def test_classes_of_drawn_sets_are_0_and_1_whatever_the_output(outputs, output, wanted) -> None:
    data = loaded(outputs, output, kind="circle", samples=20, added=((5.0, 5.0, 0), (0.0, 0.0, 1)))
    assert data.targets[:, -2:].tolist() == wanted


@given(
    kind=st.sampled_from(PLANE_SETS),
    samples=st.integers(2, 40),
    ratio=st.sampled_from([0.1, 0.5, 0.9]),
    own_seed=st.booleans(),
    data=st.data(),
)
def test_the_rest_of_a_drawn_set_stays_as_it_was(kind, samples, ratio, own_seed, data) -> None:
    """Whatever is added or removed, all other examples keep part and order; numbers say which they are."""
    seeded = {"playground_seed": "0.5"} if own_seed and kind != "moons" else {}
    keys = {"kind": kind, "samples": samples, "train_ratio": ratio, **seeded}
    before = loaded(1, "sigmoid", **keys)
    assert sorted(before.numbers) == sorted(set(before.numbers))
    removed = tuple(data.draw(st.sets(st.integers(1, samples), max_size=samples // 2)))
    coordinate = st.floats(-6, 6)
    added = tuple(data.draw(st.lists(st.tuples(coordinate, coordinate, st.integers(0, 1)), min_size=1, max_size=5)))
    after = loaded(1, "sigmoid", added=added, removed=removed, **keys)
    kept = ~np.isin(before.numbers, removed)
    own = after.numbers > 0
    assert after.numbers[own].tolist() == before.numbers[kept].tolist()
    assert own.tolist() == [True] * int(kept.sum()) + [False] * len(added)
    assert np.array_equal(after.points[:, own], before.points[:, kept])
    assert np.array_equal(after.targets[:, own], before.targets[:, kept])
    assert after.points[:, ~own].T.tolist() == [[x1, x2] for x1, x2, _ in added]
    assert after.targets[0, ~own].tolist() == [target for *_, target in added]
    assert after.domain == before.domain
    assert before.test_size - after.test_size == sum(number not in before.numbers for number in removed)


def test_what_is_drawn_of_the_plane_stays_while_points_come_and_go() -> None:
    whole = inline((0, 1, 1, 0)).domain
    assert whole == ((-0.2, 1.2), (-0.2, 1.2))
    assert inline((0, 1, 1, 0), removed=(1, 2)).domain == whole
    assert inline((0, 1, 1, 0), added=((1.1, -0.1, 1),)).domain == whole
    assert inline((0, 1, 1, 0), added=((3.0, -0.5, 1),)).domain == ((-0.2, 3.0), (-0.5, 1.2))
    assert loaded(kind="xor", added=((8.0, 1.0, 1),)).domain == ((-6, 8), (-6, 6))


def test_normalization_is_by_the_training_part_as_it_is() -> None:
    data = inline((0, 1, 1, 0), removed=(3, 4), added=((3.0, 4.0, 1),), normalize=True)
    # x1: 0, 0, 3, mean 1, variance (1 + 1 + 4) / 3 = 2.
    assert data.mean[0] == pytest.approx(1)
    assert data.inputs[0] == pytest.approx(np.array([-1, -1, 2]) / np.sqrt(2))


def test_features_are_those_of_added_points_too() -> None:
    data = loaded(kind="gauss", samples=4, added=((0.5, -2.0, 1),), features=("x1^2", "x1*x2"))
    assert data.inputs[:, -1].tolist() == [0.25, -1.0]


def test_a_set_may_be_made_of_added_points_alone() -> None:
    data = loaded(kind="xor", samples=2, train_ratio=1.0, removed=(1, 2), added=((1.0, 2.0, 1),))
    assert data.points.tolist() == [[1.0], [2.0]]
    assert data.numbers.tolist() == [0]


def test_a_table_of_text_has_them_too(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("x;y;kind\n1;2;cat\n3;4;dog\n5;6;cat\n")
    keys = {"kind": "csv", "path": "a.csv", "targets": ("kind",), "train_ratio": 1.0, "base": tmp_path}
    data = loaded(1, "sigmoid", removed=(2,), added=((0.5, 0.75, "dog"),), **keys)
    assert data.points.tolist() == [[1, 5, 0.5], [2, 6, 0.75]]
    assert data.targets.tolist() == [[0, 0, 1]]
    assert data.numbers.tolist() == [1, 3, 0]


def test_arrays_have_them_too(tmp_path) -> None:
    np.savez(tmp_path / "a.npz", X=[[1.0, 2], [np.nan, 4], [5, 6], [7, 8]], y=[0, 1, 1, 0])
    keys = {"kind": "npz", "path": "a.npz", "missing": "drop", "train_ratio": 1.0, "base": tmp_path}
    data = loaded(removed=(3,), added=((0.5, 0.75, 1),), **keys)
    assert data.points.tolist() == [[1, 7, 0.5], [2, 8, 0.75]]
    assert data.targets.tolist() == [[0, 0, 1]]
    assert data.numbers.tolist() == [1, 4, 0]


def test_examples_of_images_can_be_taken_out_and_points_not_added() -> None:
    whole, some = (loaded(10, "softmax", kind="digits", removed=numbers) for numbers in ((), (1, 3)))
    assert some.inputs.shape[1] == whole.inputs.shape[1] - 2
    assert np.array_equal(some.inputs[:, 0], whole.inputs[:, 1])
    with pytest.raises(PresetError, match=r"^a\.toml: data\.added: is for sets of two inputs, this one has 784$"):
        loaded(10, "softmax", kind="digits", added=((1.0, 2.0, 3),))


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"removed": (5,)}, "data.removed: expected numbers from 1 to 4, found 5"),
        ({"removed": (1, 2, 3, 4)}, "data.removed: expected a training part with an example left"),
        ({"added": ((0.5, 0.5, 2),)}, 'data.added.0: expected one of the classes "0", "1", found 2'),
        ({"added": ((0.5, 0.5, 1), (0.5, 0.5, "yes"))}, 'data.added.1: expected one of the classes "0", "1"'),
        ({"added": ((0.5, 0.5, 1, 0),)}, "data.added.0: expected two inputs and its class, found 4 values"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(keys, message) -> None:
    with pytest.raises(PresetError) as refused:
        inline((0, 1, 1, 0), **keys)
    assert message in str(refused.value)


def test_a_word_is_no_target_of_a_regression() -> None:
    with pytest.raises(PresetError, match=r"data\.added\.0: expected numbers.*found \"much\"$"):
        loaded(1, "identity", kind="plane", added=((0.5, 0.5, "much"),))
    with pytest.raises(PresetError, match=r"data\.added\.0: expected two inputs and 1 target\(s\), found 4 values$"):
        loaded(1, "identity", kind="plane", added=((0.5, 0.5, 1, 2),))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"added": [[0.5, 0.5]]}, "added.0: expected two numbers, then a class or targets, such as [0.5, -1.2, 1]"),
        ({"added": [["a", 0.5, 1]]}, "added.0: expected two numbers"),
        ({"added": [0.5, 0.5, 1]}, "added.0: expected a list with at least one entry, found 0.5"),
        ({"added": [[0.5, float("nan"), 1]]}, "added.0.1: expected a finite number, found nan"),
        ({"removed": [0]}, "removed.0: expected an integer of 1 or more, found 0"),
        ({"removed": [2, 3, 2]}, "removed: expected each example once, found one twice"),
    ],
)
def test_keys_are_read_strictly(data, message) -> None:
    table = {"title": "a", "data": {"kind": "xor", **data}, "layers": [{"units": 1, "activation": "sigmoid"}]}
    with pytest.raises(PresetError) as refused:
        from_table(table, "a.toml")
    assert message in str(refused.value)


def test_a_url_says_why_it_cannot_have_them() -> None:
    table = {
        "title": "a",
        "data": {"kind": "spiral", "removed": [3], "features": ["x1"]},
        "layers": [{"units": 1, "activation": "tanh"}],
    }
    assert "points that were added or taken out" in list(impossible_data(from_table(table, "a.toml")))
