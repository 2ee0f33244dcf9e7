"""Right code passes, however it is laid out, and no mistake is named for rounding."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ...share import share
from .handed_in import COLUMNS, LAYOUTS, NAMES, ROWS, TORCH, Handed, Layout, handed_in
from .handed_steps import BINARY, CROSS, EXERCISES, HALF, SQUARED, Exercise, layers, sgd
from .network import Layer, Mistake, Network
from .student import training_step
from .verdict import ids, named, verdict

DTYPES = ("float64", "float32")


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_done_right_passes(name: str, dtype: str):
    report = verdict(EXERCISES[name].handed_in(dtype=dtype))
    assert report.passed, str(report)
    assert not ids(report)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("name", ["relu classes", "labels", "square", "norm tanh", "dropout relu", "adamw"])
def test_every_layout_passes(name: str, layout: Layout):
    report = verdict(EXERCISES[name].laid_out(layout).handed_in())
    assert report.passed, str(report)
    assert not ids(report)


@pytest.mark.parametrize("targets", ["numbers", "numbers in a column"])
@pytest.mark.parametrize("name", ["sigmoid classes", "square relu", "two classes", "single layer"])
@pytest.mark.parametrize("layout", [COLUMNS, ROWS, TORCH], ids=str)
def test_class_numbers_stand_for_one_hot_targets(name: str, layout: Layout, targets: str):
    report = verdict(EXERCISES[name].laid_out(replace(layout, targets=targets)).handed_in())
    assert report.passed, str(report)


def test_a_single_output_may_be_a_plain_list():
    report = verdict(EXERCISES["narrow"].laid_out(replace(ROWS, targets="numbers")).handed_in())
    assert report.passed, str(report)


WITHOUT = [
    tuple(noun for noun in ("Z", "A", "dA", "dZ", "dW", "db", "dgamma", "dbeta", "loss", "new") if noun not in left_out)
    for left_out in (
        ("Z",),
        ("A",),
        ("dA",),
        ("dZ",),
        ("dW",),
        ("db",),
        ("loss",),
        ("new",),
        ("Z", "A"),
        ("dA", "dZ"),
        ("dW", "db"),
    )
]


@pytest.mark.parametrize(
    "only", [*WITHOUT, ("dW", "db"), ("dW",), ("new",), ("loss",), ("A",), ("Z", "dZ")], ids=" ".join
)
@pytest.mark.parametrize("name", ["relu classes", "halves"])
def test_whatever_is_left_out_passes(name: str, only: tuple[str, ...]):
    exercise = EXERCISES[name]
    report = verdict(exercise.laid_out(exercise.layout.with_only(*only)).handed_in())
    assert report.passed, str(report)


@pytest.mark.parametrize("early", [False, True])
@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize("name", ["sigmoid classes", "labels", "norm relu", "dropout twice", "clipped"])
def test_conventions_are_no_mistakes(name: str, early: bool, apart: bool):
    """dA and dZ carry 1/m or not; the last dA is computed or left out."""
    exercise = EXERCISES[name]
    network = replace(exercise.network, mean_early=early, output_apart=apart)
    report = verdict(replace(exercise, network=network).handed_in())
    assert report.passed, str(report)
    assert not ids(report)


@pytest.mark.parametrize("name", list(EXERCISES)[:: share(8, 1)])
def test_float_precision_alone_is_named_for_rounding(name: str):
    """Computed in single precision and handed in as double: that is said, and nothing else."""
    handed = EXERCISES[name].handed_in(dtype="float32")
    double = {key: value.astype("float64") if is_float(value) else value for key, value in handed.items()}
    report = verdict(double)
    assert report.passed or ids(report) == ["float_precision"], str(report)


def is_float(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


@pytest.mark.parametrize("digits", [6, 8])
@pytest.mark.parametrize("name", ["tanh regression", "sigmoid classes", "labels", "square", "norm tanh", "momentum"])
def test_printed_digits_are_no_mistake_of_the_catalogue(name: str, digits: int):
    """What a program has printed and somebody has typed off has few digits."""
    handed = EXERCISES[name].handed_in()
    typed = {key: rounded(value, digits) if is_float(value) else value for key, value in handed.items()}
    assert set(ids(verdict(typed))) <= {"float_precision"}


def rounded(array: np.ndarray, digits: int) -> np.ndarray:
    return np.vectorize(lambda number: float(f"{number:.{digits}g}"), otypes=[float])(array)


HIDDEN = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "gelu_tanh", "silu", "softplus")
OUTPUTS = {
    SQUARED: (*HIDDEN, "softmax"),
    HALF: HIDDEN,
    CROSS: ("softmax",),
    BINARY: ("sigmoid",),
}
OPTIMIZERS = [
    {"kind": "sgd"},
    {"kind": "sgd", "l2": 0.1, "l1": 0.01},
    {"kind": "sgd", "clip_norm": 0.1},
    {"kind": "momentum", "momentum": 0.7},
    {"kind": "nesterov"},
    {"kind": "rmsprop"},
    {"kind": "adagrad"},
    {"kind": "adam"},
    {"kind": "adamw", "weight_decay": 0.1},
]
NOUNS = [COLUMNS.only, ("dW", "db"), ("Z", "A", "dZ", "dW", "db", "loss"), ("A", "dW", "new"), ("new",), ("loss", "dW")]


@st.composite
def exercises(draw: st.DrawFn) -> Exercise:
    """A network with examples; small numbers of everything, so that squares and single rows are frequent.

    In front of batch norm the gradient of b is rounding alone, of which an adaptive optimizer makes steps of full
    length: no two programs do the same ones, so the two do not go together.
    """
    loss = draw(st.sampled_from(list(OUTPUTS)))
    output = draw(st.sampled_from(OUTPUTS[loss]))
    examples = draw(st.integers(1, 5))
    optimizer = draw(st.sampled_from(OPTIMIZERS)) | {"learning_rate": draw(st.sampled_from([0.5, 0.1, 0.02]))}
    norm = examples > 2 and optimizer["kind"] in ("sgd", "momentum", "nesterov")
    hidden = st.builds(
        Layer,
        st.integers(1, 4),
        st.sampled_from(HIDDEN),
        st.booleans() if norm else st.just(False),
        st.sampled_from([0.0, 0.0, 0.5]),
        st.sampled_from([0.01, 0.2]),
    )
    before = draw(st.lists(hidden, max_size=3))
    last = Layer(draw(st.integers(2 if output == "softmax" else 1, 4)), output)
    network = Network(
        draw(st.integers(1, 4)), (*before, last), loss, optimizer, draw(st.booleans()), draw(st.booleans())
    )
    names = draw(st.sampled_from(list(NAMES)))
    layout = replace(
        TORCH if names in ("connected", "sequential") else draw(st.sampled_from(LAYOUTS)),
        only=draw(st.sampled_from(NOUNS)),
        names=names,
        targets=draw(st.sampled_from(["as outputs", "numbers"])) if loss == CROSS else "as outputs",
    )
    return Exercise(network, examples, layout, draw(st.integers(0, 2**32 - 1)))


@settings(max_examples=share(15, 1000))
@given(exercise=exercises(), dtype=st.sampled_from(DTYPES))
def test_no_right_step_raises_a_false_alarm(exercise: Exercise, dtype: str):
    report = verdict(exercise.handed_in(dtype=dtype))
    assert report.passed, str(report)
    assert not ids(report)


@pytest.mark.parametrize("dtype", DTYPES)
def test_one_example_and_square_weights_pass(dtype: str):
    """Nothing but numbers tells rows from columns here."""
    square = partial(Network, 3, (Layer(3, "tanh"), Layer(3, "sigmoid"), Layer(3, "identity")), SQUARED)
    for examples in (1, 3):
        for seed, layout in enumerate(LAYOUTS):
            report = verdict(Exercise(square(), examples, layout, seed).handed_in(dtype=dtype))
            assert report.passed, str(report)


WIDE = Exercise(Network(64, layers("48 relu", "24 tanh", "10 softmax"), CROSS, sgd(0.1)), 50, ROWS)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sums_of_many_terms_pass(dtype: str):
    """As of a network for digits; rounding adds up along rows and batches."""
    report = verdict(WIDE.handed_in(dtype=dtype))
    assert report.passed, str(report)
    wrong = verdict(WIDE.handed_in([Mistake("missing_activation_derivative", 2)], dtype))
    assert named(wrong) == {("missing_activation_derivative", 2)}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("scale", [1e-4, 1e3])
@pytest.mark.parametrize("name", ["tanh regression", "smooth", "narrow"])
def test_small_and_large_inputs_pass(name: str, scale: float, dtype: str):
    exercise = EXERCISES[name]
    parameters, masks, X, Y, kept = exercise.start()
    with np.errstate(over="ignore"):
        step = training_step(exercise.network, parameters, X * scale, Y * scale, (), masks, kept, dtype)
    report = verdict(handed_in(exercise.network, step, exercise.layout))
    assert report.passed, str(report)
    assert not ids(report)


def test_a_bias_in_front_of_batch_norm_has_a_gradient_of_rounding():
    """db is 1e-17 of whatever sign there, and so is the student's; nothing is wrong with either."""
    handed = EXERCISES["norm relu"].handed_in()
    assert np.abs(handed["db1"]).max() < 1e-15
    for other in (handed["db1"] * -3, np.zeros_like(handed["db1"])):
        report = verdict(handed | {"db1": other})
        assert report.passed, str(report)


@pytest.mark.parametrize("name", ["dropout tanh", "dropout relu", "dropout twice"])
def test_a_mask_of_zeros_and_ones_is_a_convention(name: str):
    """The division by the share kept stands in the formula of A then, and in that of dZ."""
    handed = EXERCISES[name].handed_in()
    masks = {key: (value > 0).astype(float) for key, value in handed.items() if key.startswith("mask")}
    report = verdict(handed | masks)
    assert report.passed, str(report)


def as_lists(handed: Handed) -> Handed:
    return {key: value.tolist() if isinstance(value, np.ndarray) else value for key, value in handed.items()}


def test_plain_lists_are_arrays():
    report = verdict(as_lists(EXERCISES["sigmoid classes"].handed_in()))
    assert report.passed, str(report)
