"""Data sets: the generated ones by their geometry, the files byte by byte, the split and the encoding by hand."""

import gzip
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop_tui.core.preset.data_table import GENERATED_SETS, REGRESSION_SETS, TWO_CLASS_SETS, DataPreset
from backprop_tui.core.preset.datasets import Dataset, check_targets, feature_map, load
from backprop_tui.core.preset.generators import GENERATORS
from backprop_tui.core.preset.schema import PresetError


def loaded(outputs: int = 1, output: str = "sigmoid", seed: int = 0, base=None, **data) -> Dataset:
    return load(DataPreset(**data), seed=seed, outputs=outputs, output_activation=output, base=base, source="a.toml")


def drawn(kind: str, n: int = 400, noise: float = 0.0):
    return GENERATORS[kind](n, noise, np.random.default_rng(1))


def inline(inputs, targets, outputs: int = 1, output: str = "sigmoid", **data) -> Dataset:
    return loaded(outputs, output, kind="inline", inputs=inputs, targets=targets, **data)


@pytest.mark.parametrize("kind", GENERATED_SETS)
@given(n=st.integers(1, 60), noise=st.floats(0, 0.5))
@settings(max_examples=20)
def test_generators_give_as_many_finite_points_as_asked(kind, n, noise):
    points, labels = drawn(kind, n, noise)
    assert points.shape == (1 if kind == "sine" else 2, n)
    assert labels.shape == (n,)
    assert np.isfinite(points).all()
    assert np.isfinite(labels).all()


@pytest.mark.parametrize("kind", ["gauss", "circle", "spiral", "moons"])
def test_two_class_sets_without_noise_are_balanced(kind):
    assert drawn(kind, 401)[1].sum() == 1
    assert set(drawn(kind)[1]) == {-1, 1}


def test_circle_is_a_disc_in_a_ring():
    points, labels = drawn("circle")
    radius = np.hypot(*points)
    assert radius[labels > 0].max() < 2.5
    assert radius[labels < 0].min() >= 3.5
    assert radius.max() <= 5


def test_noise_of_a_circle_moves_labels_and_not_points():
    clean, _ = drawn("circle", noise=0.0)
    noisy, labels = drawn("circle", noise=0.5)
    assert np.array_equal(clean, noisy)
    assert (labels[np.hypot(*noisy) < 2.5] < 0).any()


def test_xor_has_a_cross_without_points_and_the_sign_of_the_product_as_label():
    points, labels = drawn("xor")
    assert np.abs(points).min() >= 0.3
    assert np.abs(points).max() <= 5.3
    assert np.array_equal(np.sign(points[0] * points[1]), labels)


def test_spiral_by_hand():
    points, labels = drawn("spiral", 8)
    # arm 1, i = 1 of 4: r = 1.25, angle = 1.75/4 of a turn; arm 2 is opposite.
    angle = 1.75 / 4 * 2 * np.pi
    assert points[:, 1] == pytest.approx([1.25 * np.sin(angle), 1.25 * np.cos(angle)])
    assert points[:, 5] == pytest.approx(-points[:, 1])
    assert labels.tolist() == [1] * 4 + [-1] * 4


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.5, 4.0), (0.25, 2.25)])
def test_gauss_centres_and_variance(noise, variance):
    points, labels = drawn("gauss", 40_000, noise)
    assert points[:, labels > 0].mean(axis=1) == pytest.approx([2, 2], abs=0.06)
    assert points[:, labels < 0].mean(axis=1) == pytest.approx([-2, -2], abs=0.06)
    assert (points - 2 * labels).var() == pytest.approx(variance, rel=0.05)


def test_moons_are_half_circles_that_fill_the_plane():
    points, labels = drawn("moons", 400)
    assert np.abs(points).max(axis=1) == pytest.approx([5, 2.5], rel=1e-3)
    upper = points[:, labels < 0] * 0.3 + [[0.5], [0.25]]
    assert np.hypot(*upper) == pytest.approx(np.ones(200))


def test_regression_targets_by_formula():
    points, heights = drawn("plane")
    assert heights == pytest.approx(points.sum(axis=0) / 10)
    points, heights = drawn("sine")
    assert heights == pytest.approx(np.sin(points[0]))
    points, heights = drawn("multigauss", 5000)
    assert np.abs(heights).max() <= 1
    near = np.hypot(points[0] - 4, points[1] + 2.5)
    assert heights[near < 0.9] == pytest.approx(-(1 - near[near < 0.9] / 2))


@pytest.mark.parametrize("kind", GENERATED_SETS)
def test_generated_sets_split_in_halves_and_depend_on_the_seed_only(kind):
    one, again, other = loaded(kind=kind), loaded(kind=kind), loaded(kind=kind, seed=1)
    assert (one.size, one.test_size) == (250, 250)
    assert np.array_equal(one.inputs, again.inputs)
    assert np.array_equal(one.test_targets, again.test_targets)
    assert not np.array_equal(one.inputs, other.inputs)
    assert (one.domain == ((-6, 6), (-6, 6))) == (kind != "sine")


def test_the_split_changes_with_the_ratio_but_not_the_points():
    half, most = loaded(kind="gauss"), loaded(kind="gauss", train_ratio=0.8)
    assert (most.size, most.test_size) == (400, 100)
    together = [np.sort(np.concatenate([part.points, part.test_points], axis=1)) for part in (half, most)]
    assert np.array_equal(*together)


@pytest.mark.parametrize("kind", TWO_CLASS_SETS)
def test_two_class_targets_follow_the_output(kind):
    binary, signed, one_hot = loaded(kind=kind), loaded(output="tanh", kind=kind), loaded(2, "softmax", kind=kind)
    assert (binary.target_kind, signed.target_kind, one_hot.target_kind) == ("binary", "signed", "one_hot")
    assert np.array_equal(signed.targets, 2 * binary.targets - 1)
    assert np.array_equal(one_hot.targets, np.concatenate([1 - binary.targets, binary.targets]))


@pytest.mark.parametrize("kind", REGRESSION_SETS)
def test_regression_sets_have_no_classes(kind):
    dataset = loaded(output="identity", kind=kind)
    assert dataset.target_kind == "real"
    assert dataset.class_names == ()


@pytest.mark.parametrize(
    ("outputs", "data", "message"),
    [
        (3, {"kind": "spiral"}, "1 or 2 units, found 3"),
        (2, {"kind": "plane"}, "1 unit, found 2"),
        (9, {"kind": "digits"}, "10 target"),
        (2, {"kind": "inline", "inputs": ((1.0,),), "targets": ((1.0,),)}, "1 target"),
    ],
)
def test_outputs_that_do_not_fit_the_data_are_refused(outputs, data, message):
    with pytest.raises(PresetError, match=message):
        loaded(outputs, **data)


def test_inline_data_keep_their_order_and_have_no_test_part():
    dataset = inline(((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)), ((0.0,), (1.0,), (0.0,)))
    assert dataset.inputs.tolist() == [[1, 3, 5], [2, 4, 6]]
    assert dataset.targets.tolist() == [[0, 1, 0]]
    assert (dataset.test_inputs.shape, dataset.test_targets.shape) == ((2, 0), (1, 0))
    assert dataset.domain == ((1 - 0.8, 5 + 0.8), (2 - 0.8, 6 + 0.8))


@pytest.mark.parametrize(
    ("targets", "output", "kind"),
    [
        (((0.0, 1.0), (1.0, 0.0)), "softmax", "one_hot"),
        (((1.0, 1.0), (1.0, 0.0)), "sigmoid", "binary"),
        (((-1.0, 1.0), (1.0, -1.0)), "tanh", "signed"),
        (((-1.0, 1.0), (1.0, -1.0)), "identity", "real"),
        (((0.5, 0.5), (1.0, 0.0)), "softmax", "real"),
    ],
)
def test_target_kinds(targets, output, kind):
    assert inline(((1.0,), (2.0,)), targets, 2, output).target_kind == kind


def test_features_of_a_point_by_hand():
    features = ("x1", "x2", "x1^2", "x2^2", "x1*x2", "sin(x1)", "sin(x2)")
    assert feature_map(np.array([[2.0], [-3.0]]), features)[:, 0] == pytest.approx(
        [2, -3, 4, 9, -6, 0.9092974268, -0.1411200081]
    )
    dataset = loaded(kind="circle", features=("x2^2", "x1"))
    assert dataset.inputs == pytest.approx(np.stack([dataset.points[1] ** 2, dataset.points[0]]))
    assert dataset.feature_names == ("x2^2", "x1")


def test_features_of_data_that_are_not_two_inputs_are_refused():
    with pytest.raises(PresetError, match=r"data\.features: .* has 1"):
        loaded(kind="sine", output="identity", features=("x1^2",))


def test_normalization_takes_its_statistics_from_the_training_part():
    dataset = loaded(kind="gauss", noise=0.3, features=("x1", "x1^2"), normalize=True)
    assert dataset.inputs.mean(axis=1) == pytest.approx([0, 0], abs=1e-12)
    assert dataset.inputs.std(axis=1) == pytest.approx([1, 1])
    assert abs(dataset.test_inputs.mean(axis=1)).max() > 1e-3
    assert np.array_equal(dataset.encode(dataset.test_points), dataset.test_inputs)


def test_a_constant_feature_is_normalized_to_zero():
    dataset = inline(((0.1, 1.0), (0.1, 2.0), (0.1, 3.0)), ((0.0,),) * 3, normalize=True)
    assert dataset.inputs[0] == pytest.approx([0, 0, 0], abs=1e-15)
    assert dataset.inputs[1] == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])


def test_targets_are_normalized_by_the_training_part_alone():
    rows = ((1.0,), (2.0,), (3.0,), (4.0,))
    targets = ((10.0, 5.0), (30.0, 5.0), (50.0, 5.0), (90.0, 5.0))
    dataset = inline(rows, targets, 2, "identity", normalize_targets=True, train_ratio=0.75)
    raw = inline(rows, targets, 2, "identity", train_ratio=0.75)
    mean, std = raw.targets[0].mean(), raw.targets[0].std()
    np.testing.assert_allclose(dataset.targets[0], (raw.targets[0] - mean) / std)
    np.testing.assert_allclose(dataset.test_targets[0], (raw.test_targets[0] - mean) / std)
    assert not dataset.targets[1].any()
    assert dataset.target_std is not None
    assert dataset.target_std[1] == 1
    np.testing.assert_array_equal(dataset.inputs, raw.inputs)


def test_classes_have_no_size_to_normalize():
    with pytest.raises(PresetError, match=r"normalize_targets: expected targets that are numbers of any size"):
        loaded(kind="xor", normalize_targets=True)


def test_numbers_of_any_size_are_normalized_as_those_near_one_are():
    rows = np.array([1.0, -1.0, 0.25])
    expected = (rows - rows.mean()) / rows.std()
    for size in (1.6e308, 1e200, 1.0, 1e-200, 1e-308):
        dataset = inline(tuple((float(x) * size, float(x)) for x in rows), ((0.0,),) * 3, normalize=True)
        assert dataset.inputs[0] == pytest.approx(expected, rel=1e-12)
        assert dataset.inputs[1] == pytest.approx(expected, rel=1e-15)


def test_a_spread_too_small_for_a_float_is_none():
    dataset = inline(((5e-324,), (0.0,), (0.0,)), ((0.0,),) * 3, normalize=True)
    assert dataset.inputs[0] == pytest.approx([0, 0, 0])


def test_digits_are_pixels_with_their_own_test_part():
    dataset = loaded(10, "softmax", kind="digits", train_ratio=0.1)
    assert (dataset.inputs.shape, dataset.test_inputs.shape) == ((784, 2000), (784, 500))
    assert (dataset.inputs.min(), dataset.inputs.max()) == (0, 1)
    assert dataset.targets.sum(axis=1).tolist() == [200] * 10
    assert dataset.test_targets.sum(axis=1).tolist() == [50] * 10
    assert (dataset.image_shape, dataset.target_kind, dataset.points) == ((28, 28), "one_hot", None)


def test_rows_of_digits_count_from_one_through_both_parts():
    everything = loaded(10, "softmax", kind="digits")
    chosen = loaded(10, "softmax", kind="digits", rows=(2127, 1))
    assert np.array_equal(chosen.inputs[:, 0], everything.test_inputs[:, 126])
    assert chosen.targets[:, 0].argmax() == 8
    assert np.array_equal(chosen.targets[:, 1], everything.targets[:, 0])
    assert chosen.test_size == 0
    with pytest.raises(PresetError, match="1 to 2,500, found 2,501"):
        loaded(10, "softmax", kind="digits", rows=(2501,))


def test_csv(tmp_path):
    (tmp_path / "houses.csv").write_text("size, price,rooms\n1.5,10,2\n\n3,-20,4e0\n")
    dataset = loaded(1, "identity", base=tmp_path, kind="csv", path="houses.csv", targets=("price",), train_ratio=1.0)
    assert dataset.inputs.tolist() == [[1.5, 3], [2, 4]]
    assert dataset.targets.tolist() == [[10, -20]]
    assert dataset.feature_names == ("size", "rooms")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n2,x\n3,1\n", r'line 3, column 2 \("b"\): expected a number, found "x"'),
        ("a,b\n1,x\n", r"1 class \(x\)"),
        ("a,b\n1\n", "line 2: expected 2 fields, found 1"),
        ("a,b\n1,inf\n2,4\n", r'line 2, column 2 \("b"\): expected a finite number, found "inf"'),
        ("a,b\n1,2\n2,1e999\n", r'line 3, column 2 \("b"\): expected a finite number, found "1e999"'),
        ("a,b\n", "no examples"),
        ("", "is empty"),
        ("a,bb\n1,2\n", 'no column "b"; did you mean "bb"'),
        ("b\n1\n", "at least one input column"),
        ("b,b\n1,2\n", "same name"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_said(tmp_path, content, message):
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(PresetError, match=message) as caught:
        loaded(1, base=tmp_path, kind="csv", path="a.csv", targets=("b",))
    assert str(caught.value).startswith("a.toml: data")


def test_files_keep_a_fifth_for_the_test(tmp_path):
    np.savez(tmp_path / "a.npz", inputs=np.arange(20.0).reshape(10, 2), targets=np.arange(10))
    dataset = loaded(1, "identity", base=tmp_path, kind="npz", path="a.npz")
    assert (dataset.size, dataset.test_size) == (8, 2)
    assert dataset.inputs[0] == pytest.approx(2 * dataset.targets[0])
    everything = np.concatenate([dataset.targets[0], dataset.test_targets[0]])
    assert np.sort(everything).tolist() == list(range(10))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"inputs": np.ones((2, 1))}, "found one array of float64"),
        ({"inputs": np.ones((2, 1)), "targets": np.ones((3, 1))}, "2 rows of inputs, but 3"),
        ({"inputs": np.array([["a"]]), "targets": np.ones((1, 1))}, "expected numbers"),
        ({"inputs": np.array([[None]]), "targets": np.ones((1, 1))}, "another kind of array"),
        ({"inputs": np.array([[np.inf]]), "targets": np.ones((1, 1))}, "finite"),
    ],
)
def test_what_is_wrong_with_an_npz_file_is_said(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(PresetError, match=message):
        loaded(1, base=tmp_path, kind="npz", path="a.npz")


@pytest.mark.parametrize("kind", ["csv", "npz", "idx"])
def test_files_that_are_missing_or_something_else(tmp_path, kind):
    name = "train-images-idx3-ubyte"
    with pytest.raises(PresetError, match="there is no such file"):
        loaded(1, base=tmp_path, kind=kind, path=name, targets=("a",))
    (tmp_path / name).write_bytes(b"\x80\x81\x82")
    with pytest.raises(PresetError):
        loaded(1, base=tmp_path, kind=kind, path=name, targets=("a",))
    (tmp_path / "images-idx3").mkdir()
    with pytest.raises(PresetError, match="found a folder"):
        loaded(1, base=tmp_path, kind=kind, path="images-idx3", targets=("a",))


def idx(*shape: int, values: bytes) -> bytes:
    return bytes([0, 0, 8, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + values


@pytest.mark.parametrize(("ending", "packed"), [("", bytes), (".gz", gzip.compress)])
def test_idx(tmp_path, ending, packed):
    images = idx(2, 2, 3, values=bytes([0, 51, 102, 153, 204, 255] * 2))
    (tmp_path / f"a-images-idx3-ubyte{ending}").write_bytes(packed(images))
    (tmp_path / f"a-labels-idx1-ubyte{ending}").write_bytes(packed(idx(2, values=bytes([2, 0]))))
    path = f"a-images-idx3-ubyte{ending}"
    dataset = loaded(3, "softmax", base=tmp_path, kind="idx", path=path, train_ratio=1.0)
    assert dataset.inputs[:, 0] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert dataset.targets.T.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert dataset.image_shape == (2, 3)
    assert loaded(2, "softmax", base=tmp_path, kind="idx", path=path).class_names == ("0", "2")


def test_a_broken_idx_file_is_refused(tmp_path):
    (tmp_path / "images-idx3").write_bytes(idx(2, 2, 3, values=bytes(11)))
    with pytest.raises(PresetError, match="expected 12 bytes of data, found 11"):
        loaded(3, base=tmp_path, kind="idx", path="images-idx3")
    (tmp_path / "images-idx3").write_bytes(idx(2**31, 2**31, 3, values=b""))
    with pytest.raises(PresetError, match="limit is 1 GB"):
        loaded(3, base=tmp_path, kind="idx", path="images-idx3")


def test_what_would_need_more_than_a_gigabyte_is_refused_before_it_is_made():
    with pytest.raises(PresetError, match=r"samples: 1,000,000,000 examples × 5 numbers would need 80 GB"):
        loaded(kind="spiral", samples=10**9)


@pytest.mark.parametrize(
    ("loss", "targets", "message"),
    [
        ("binary_cross_entropy", [[0.0, 1.5]], "from 0 to 1, found 1.5"),
        ("cross_entropy", [[0.3], [0.6]], "a sum of 0.9"),
        ("cross_entropy", [[-0.5], [1.5]], "of 0 or more, found -0.5"),
    ],
)
def test_targets_that_a_loss_has_no_value_for(loss, targets, message):
    plain = inline(((1.0,), (2.0,)), ((0.0,), (1.0,)))
    wrong = replace(plain, targets=np.array(targets), test_targets=np.zeros((len(targets), 0)))
    with pytest.raises(PresetError, match=message):
        check_targets(wrong, loss)
    check_targets(wrong, "mean_squared_error")


def test_targets_of_the_test_part_count_too():
    plain = inline(((1.0,), (2.0,)), ((0.0,), (1.0,)))
    with pytest.raises(PresetError):
        check_targets(replace(plain, test_targets=np.array([[2.0]])), "binary_cross_entropy")


def test_soft_targets_and_sums_up_to_rounding_are_accepted():
    third = inline(((1.0,),), ((1 / 3, 1 / 3, 1 / 3),), 3, "softmax")
    check_targets(third, "cross_entropy")


def test_arrays_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        loaded(kind="gauss").inputs[0, 0] = 1.0
