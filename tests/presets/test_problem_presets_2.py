"""Presets of problems in training, and playgrounds: what their lessons say is found, cured and not cured, is so.

A run's `seed` redraws start weights and order; the data are those of the preset.
"""

import gzip
from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from backprop_tui import presets
from backprop_tui.core.lessons.action import actions
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.idx_files import read_idx
from backprop_tui.core.preset.named_file import NamedFile
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import with_variant
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session

from ..share import share

PROBLEMS = {
    "overfitting": "overfitting",
    "linear-is-not-enough": "plateau",
    "saturated-neuron": "saturated_units",
    "local-minimum": "plateau",
    "normalization": "learning_rate_too_high",
    "clipping": "exploding_gradient",
    "optimizers": "slow_convergence",
}
"""The rule that each problem fires."""
CURES = [
    ("overfitting", "more data"),
    ("overfitting", "L2 penalty"),
    ("overfitting", "dropout"),
    ("linear-is-not-enough", "tanh"),
    ("saturated-neuron", "cross-entropy"),
    ("saturated-neuron", "start in the middle"),
    ("local-minimum", "start at -1"),
    ("local-minimum", "eight hidden units"),
    ("normalization", "normalized"),
    ("clipping", "start at 1.1"),
    ("optimizers", "momentum"),
    ("optimizers", "RMSprop"),
    ("optimizers", "Adam"),
    ("optimizers", "Adam, textbook"),
]
NO_CURES = [
    ("overfitting", "wider", "overfitting"),
    ("overfitting", "lower rate", "overfitting"),
    ("linear-is-not-enough", "wider", "plateau"),
    ("linear-is-not-enough", "deeper", "plateau"),
    ("linear-is-not-enough", "Adam", "plateau"),
    ("saturated-neuron", "larger rate", "saturated_units"),
    ("saturated-neuron", "further out", "saturated_units"),
    ("local-minimum", "momentum", "plateau"),
    ("local-minimum", "Adam", "plateau"),
    ("normalization", "lower rate", "plateau"),
    ("normalization", "in Celsius", "learning_rate_too_high"),
    ("normalization", "Adam", "slow_convergence"),
    ("clipping", "clip the norm", "exploding_gradient"),
    ("clipping", "clip each entry", "exploding_gradient"),
    ("clipping", "small weights", "vanishing_gradient"),
    ("clipping", "small weights, clipped", "vanishing_gradient"),
    ("optimizers", "momentum, textbook", "slow_convergence"),
]
"""What is not cured, and the rule that it fires: the problem's own, or the one that takes its place."""
PLAYGROUNDS = {
    # After so many steps: most training loss, least accuracy of the test set.
    "circle": (1000, 0.1, 0.97),
    "gauss": (1000, 0.02, 0.98),
    "moons": (1000, 0.05, 0.98),
    "plane": (1000, 1e-15, None),
    "multigauss": (2000, 0.03, None),
    "sine": (2000, 0.03, None),
    "digits-8x8": (1000, 0.1, 0.95),
}
ALL = [*PROBLEMS, *PLAYGROUNDS]


@cache
def loaded(name: str, variant: str = "") -> tuple[Preset, Dataset]:
    """A built-in preset or a variant of it, and its data."""
    table = parse(presets.text(name), name)
    if variant:
        chosen = next(one for one in loaded(name)[0].variants if one.name == variant)
        table = with_variant(table, chosen)
    return load_preset(table, name, presets.folder(), name)


def run_of(name: str, variant: str = "", seed: int | None = None, steps: int = 0) -> Session:
    """A run of a built-in preset or of a variant of it, so many steps done."""
    session = Session(*loaded(name, variant), seed)
    session.seek(session.timeline.finish_of(steps))
    return session


@cache
def problem(name: str) -> Session:
    """The run of a problem after 500 steps, to be looked at where it stands."""
    return run_of(name, steps=500)


def warnings(session: Session) -> set[str]:
    """The rules that have fired, above mere information."""
    return {finding.rule for finding in session.findings() if finding.severity != "info"}


def output(session: Session, symbol: str, layer: int, index: tuple[int, int] = (0, 0)) -> float:
    return session.plan[symbol, layer].value(index)


@pytest.mark.parametrize(("name", "rule"), PROBLEMS.items())
def test_a_problem_fires_its_own_rule(name: str, rule: str) -> None:
    assert rule in warnings(problem(name))


@pytest.mark.parametrize(("name", "variant"), CURES)
def test_a_cure_clears_the_finding_and_brings_no_other(name: str, variant: str) -> None:
    own, cured = problem(name), run_of(name, variant, steps=500)
    assert PROBLEMS[name] not in warnings(cured)
    assert not warnings(cured)
    sick, well = (session.evaluate().test or session.evaluate().training for session in (own, cured))
    if cured.preset.loss == own.preset.loss:
        # Also where the loss of the sick one is no number.
        assert not sick.loss <= 1.2 * well.loss


@pytest.mark.parametrize(("name", "variant", "rule"), NO_CURES)
def test_what_is_no_cure_has_one(name: str, variant: str, rule: str) -> None:
    assert rule in warnings(run_of(name, variant, steps=500))


def test_every_variant_is_told_of_and_judged() -> None:
    judged = {(name, variant) for name, variant, *_ in [*CURES, *NO_CURES]}
    for name in PROBLEMS:
        preset = run_of(name).preset
        assert {(name, variant.name) for variant in preset.variants} == {one for one in judged if one[0] == name}


@pytest.mark.parametrize("name", ALL)
def test_a_lesson_is_short_and_leads_to_every_variant(name: str) -> None:
    preset = run_of(name).preset
    assert 3 <= len(preset.lesson.strip().split("\n\n")) <= 8
    assert len(preset.variants) <= 5, "so that all of them can run beside the preset"
    told = {action.target for action in actions(preset.lesson, name) if action.kind == "variant"}
    assert told >= {variant.name for variant in preset.variants}


@pytest.mark.parametrize("seed", range(share(1, 5)))
@pytest.mark.parametrize("name", PLAYGROUNDS)
def test_a_playground_is_learnt_from_any_start_and_nothing_is_found(name: str, seed: int) -> None:
    steps, loss, accuracy = PLAYGROUNDS[name]
    session = run_of(name, seed=seed, steps=1000)
    assert warnings(session) == set()
    session.seek(session.timeline.finish_of(steps))
    evaluated = session.evaluate()
    assert evaluated.test is not None
    assert evaluated.training.loss < loss
    if accuracy is not None:
        assert evaluated.test.accuracy is not None
        assert evaluated.test.accuracy >= accuracy


# What single lessons say in their own words


@pytest.mark.parametrize(
    ("name", "count", "written"),
    [
        ("overfitting", 1185, "1,185 parameters"),
        ("linear-is-not-enough", 105, "105 parameters"),
        ("digits-8x8", 2410, "64 · 32 + 32 + 32 · 10 + 10 = 2,410"),
    ],
)
def test_parameters_are_counted_right(name: str, count: int, written: str) -> None:
    session = run_of(name)
    assert session.trainer.state.parameters.size == count
    assert written in session.preset.lesson


def test_layers_without_a_bend_are_one_product() -> None:
    session = run_of("linear-is-not-enough", steps=500)
    layers, parameters = session.trainer.layers, session.trainer.state.parameters
    weights, bias = np.eye(2), np.zeros((2, 1))
    for layer in layers:
        W = layer.weights(parameters)
        weights, bias = W @ weights, W @ bias + layer.parameters(parameters)["b"].reshape(-1, 1)
    inputs = session.dataset.inputs
    expected = 1 / (1 + np.exp(-(weights @ inputs + bias)))
    assert session.evaluator.answer(inputs) == pytest.approx(expected, rel=1e-12)


def test_the_saturated_neuron_by_hand() -> None:
    session = run_of("saturated-neuron")
    session.seek(session.timeline.finish_of(1) - 1)
    a = 1 / (1 + np.exp(-4))
    assert output(session, "A", 1) == pytest.approx(a, rel=1e-12)
    assert output(session, "dZ", 1) == pytest.approx(a * a * (1 - a), rel=1e-12)
    cured = run_of("saturated-neuron", "cross-entropy")
    cured.seek(cured.timeline.finish_of(1) - 1)
    assert output(cured, "dZ", 1) == pytest.approx(a, rel=1e-12)


def test_the_loss_of_one_weight_has_two_valleys_with_a_ridge_between() -> None:
    session = run_of("local-minimum")
    w = np.linspace(-2, 4, 60_001)
    (first, second), (zero, high) = session.dataset.inputs[0], session.dataset.targets[0]
    loss = ((1 / (1 + np.exp(-first * w)) - zero) ** 2 + (1 / (1 + np.exp(-second * w)) - high) ** 2) / 2
    turns = 1 + np.flatnonzero(np.diff(np.sign(np.diff(loss))))
    good, ridge, poor = w[turns]
    assert ridge == pytest.approx(0.556, abs=5e-4)
    assert f"w = {ridge:.3f}" in session.preset.lesson
    assert loss[turns[1]] > loss[turns[2]] > 5 * loss[turns[0]]
    for variant, end in (("", poor), ("momentum", poor), ("Adam", poor), ("start at -1", good)):
        assert output(run_of("local-minimum", variant, steps=1000), "W", 1) == pytest.approx(end, abs=2e-3)


def test_kelvin_leave_no_rate_that_works() -> None:
    session = run_of("normalization")
    x, y = session.dataset.inputs[0], session.dataset.targets[0]
    # The curvature of mean (wx + b − y)²; above 2 / the largest gradient descent diverges.
    hessian = 2 * np.array([[np.mean(x * x), np.mean(x)], [np.mean(x), 1.0]])
    limit = 2 / np.linalg.eigvalsh(hessian)[-1]
    assert limit == pytest.approx(0.000012, rel=0.01)
    slope, offset = np.polyfit(x, y, 1)
    assert slope == pytest.approx(0.02, abs=1e-9)
    assert offset == pytest.approx(-5.5, abs=0.05)
    least = float(np.mean((slope * x + offset - y) ** 2))
    assert run_of("normalization", "normalized", steps=100).evaluate().training.loss == pytest.approx(least, rel=1e-6)
    assert run_of("normalization", "lower rate", steps=500).evaluate().training.loss > 6 * least


def test_clipping_tames_the_update_and_cannot_lengthen_a_gradient() -> None:
    own = run_of("clipping", steps=5)
    assert "not_finite" in warnings(own)
    for variant in ("clip the norm", "clip each entry"):
        clipped = run_of("clipping", variant, steps=500)
        assert "not_finite" not in warnings(clipped)
        assert clipped.evaluate().training.loss < 1e-20
        clipped.seek(clipped.timeline.finish_of(1) - 1)
        own.seek(own.timeline.finish_of(1) - 1)
        assert output(clipped, "dZ", 1) == output(own, "dZ", 1) == pytest.approx(2 * (1.7**10 - 1) * 1.7**9, rel=1e-12)
    small, both = (run_of("clipping", name, steps=500) for name in ("small weights", "small weights, clipped"))
    assert small.trainer.state.parameters.tobytes() == both.trainer.state.parameters.tobytes()
    assert small.evaluate().training.loss > 0.999


def test_the_ravine_is_ten_thousand_times_as_steep_across_as_along() -> None:
    inputs = run_of("optimizers").dataset.inputs
    assert inputs @ inputs.T / 4 == pytest.approx(np.diag([1, 1e-4]), abs=1e-18)


def test_first_steps_of_published_and_textbook_adam() -> None:
    across, along = (0, 0), (0, 1)
    published, textbook = run_of("optimizers", "Adam", steps=1), run_of("optimizers", "Adam, textbook", steps=1)
    assert output(published, "ΔW", 1, across) == pytest.approx(1, rel=1e-6)
    assert output(published, "ΔW", 1, along) == pytest.approx(1, rel=1e-6)
    for index, g in ((across, -4.0), (along, -0.04)):
        expected = 0.1 * -g / sqrt(0.001 * g * g + 1e-8)
        assert output(textbook, "ΔW", 1, index) == pytest.approx(expected, rel=1e-9)


def test_textbook_momentum_is_the_published_form_at_a_tenth_of_the_rate() -> None:
    table = parse(presets.text("optimizers"), "optimizers")
    runs = []
    for ema, rate in ((False, 0.4), (True, 4.0)):
        optimizer = {"kind": "momentum", "learning_rate": rate, "ema": ema}
        session = Session(*load_preset({**table, "optimizer": optimizer, "variants": []}, "test"))
        session.seek(session.timeline.finish_of(100))
        runs.append(session.trainer.state.parameters.copy())
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


def test_who_wins_in_the_ravine() -> None:
    order = ["Adam, textbook", "RMSprop", "Adam", "momentum", "", "momentum, textbook"]
    losses = [run_of("optimizers", name, steps=300).evaluate().training.loss for name in order]
    assert losses == sorted(losses)


def test_the_squares_and_the_number_of_lines_of_the_circle() -> None:
    accuracies = {
        name: run_of("circle", name, steps=2000).evaluate().training.accuracy
        for name in ("two units", "three units", "squares as inputs")
    }
    assert accuracies["two units"] < 0.9 < 0.98 < accuracies["three units"]
    assert accuracies["squares as inputs"] == 1.0


# The digits' files


def test_small_digits_are_pictures_with_labels() -> None:
    dataset = run_of("digits-8x8").dataset
    assert dataset.image_shape == (8, 8)
    assert dataset.class_names == tuple("0123456789")
    assert (dataset.size, dataset.test_size) == (1438, 359)
    # Sixteen grey levels above white.
    levels = np.unique(np.rint(dataset.inputs * 16))
    assert levels.tolist() == list(range(17))
    assert dataset.inputs * 255 == pytest.approx(np.rint(np.rint(dataset.inputs * 16) * 255 / 16))


def test_a_copy_of_the_preset_finds_them_wherever_it_is_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = parse(presets.text("digits-8x8"), "copy")
    expected = run_of("digits-8x8").dataset
    monkeypatch.chdir(tmp_path)
    # A base of None is that of a preset inside a zip file.
    for base in (tmp_path, None):
        _, dataset = load_preset(table, "copy", base)
        assert np.array_equal(dataset.inputs, expected.inputs)
        assert np.array_equal(dataset.targets, expected.targets)


def test_only_files_of_these_names_come_with_the_program(tmp_path: Path) -> None:
    for name in ("train-images-idx3-ubyte", "digits-images-idx3-ubyte.gz", "digits-8x8-images-idx3-ubyte"):
        with pytest.raises(PresetError, match="no such file"):
            read_idx(NamedFile(tmp_path / name, Place("test")))


def test_a_file_beside_the_preset_comes_first(tmp_path: Path) -> None:
    for name, header in (
        ("images-idx3", [8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2]),
        ("labels-idx1", [8, 1, 0, 0, 0, 1]),
    ):
        content = bytes([0, 0, *header]) + (bytes([255, 51]) if "3" in name else bytes([1]))
        (tmp_path / f"digits-8x8-{name}-ubyte.gz").write_bytes(gzip.compress(content))
    found = read_idx(NamedFile(tmp_path / "digits-8x8-images-idx3-ubyte.gz", Place("test")))
    assert (found.inputs.tolist(), found.divisor) == ([[255, 51]], 255)
    assert (found.targets.tolist(), found.image_shape) == ([1], (1, 2))
