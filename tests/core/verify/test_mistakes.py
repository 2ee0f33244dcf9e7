"""Each mistake of the contract, in at least three networks of different shapes, losses and layouts, is found."""

from functools import cache

import numpy as np
import pytest

from ...share import share
from .catalogue import IDS, OF_W_BETWEEN, is_silent
from .handed_in import LAYOUTS, Layout, is_shown
from .handed_steps import EXERCISES, Exercise
from .network import Mistake
from .same_numbers import are_same, namesakes, shown
from .verdict import Report, ids, named, verdict

MAY_STAND_BEFORE = {
    # First the mistake that is made, then the one that gives the same numbers in some networks, and why.
    ("learning_rate_factor", "learning_rate_over_m"): "the factor is 1/m, where there are ten examples",
    ("learning_rate_factor", "momentum_dampened"): "a first velocity is (1 − β) g instead of g, which is a factor too",
    ("bias_gradient_summed", "bias_gradient_zero"): "dZ of softmax sums up to 0 over the outputs",
    ("bias_gradient_zero", "bias_gradient_summed"): "dZ of softmax sums up to 0 over the outputs",
    ("loss_gradient_factor", "missing_mean"): "the factor is m, with the mean taken where the backward pass begins",
}
"""Where one mistake has two names the more specific comes first; of equally specific ones either may."""
MAY_STAND_BEHIND = {
    ("adam_step_off_by_one", "learning_rate_factor"): "the corrections by 1 − βᵗ are one factor if ε is negligible",
    ("gradient_ascent", "learning_rate_factor"): "the factor is −1",
    ("learning_rate_over_m", "learning_rate_factor"): "the factor is 1/m",
    ("missing_mean", "loss_gradient_factor"): "the factor is m, with the mean taken where the backward pass begins",
    ("momentum_dampened", "learning_rate_factor"): "a first velocity is (1 − β) g instead of g, which is a factor too",
    ("penalty_missing", "penalty_factor"): "the factor is 0",
    ("wrong_sign", "loss_gradient_factor"): "the factor is −1",
}
"""General names of the same numbers: they may be named too, but not first."""


Case = tuple[str, Mistake]


@cache
def possible() -> list[Case]:
    """Every mistake that can be made in an exercise."""
    return [(key, one) for key, exercise in EXERCISES.items() for one in exercise.places()]


@cache
def chosen(name: str) -> list[Case]:
    """Exercises in which a mistake is made: three, if possible of different layouts and losses, or all with WHOLE=1."""
    found = [(key, one) for key, one in possible() if one.id == name and not is_silent(EXERCISES[key].network, one)]
    turn = 5 * IDS.index(name) % len(found)
    return share(spread(found[turn:] + found[:turn]), found)


def spread(cases: list[Case]) -> list[Case]:
    """Three of these in as many networks; then one of each form that has had no turn."""
    picked: list[Case] = []
    for _ in range(3):
        taken = {key for key, _ in picked}
        marks = {mark for case in picked for mark in marks_of(case)}
        fresh = [case for case in cases if case[0] not in taken]
        picked.append(best(fresh, marks))
    for case in cases:
        if form_of(case) not in {form_of(one) for one in picked}:
            picked.append(case)
    return picked


def best(cases: list[Case], marks: set[str]) -> Case:
    """The first of those that have most that is new."""
    return max(cases, key=lambda case: len(marks_of(case) - marks))


def marks_of(case: Case) -> set[str]:
    """By what cases differ."""
    exercise = EXERCISES[case[0]]
    return {exercise.network.loss, str(exercise.layout), form_of(case)}


def form_of(case: Case) -> str:
    """The way of writing the mistake; which other layer is confused with the right one makes no difference."""
    form = case[1].form
    return "" if isinstance(form, int) else str(form)


CASES = [case for name in IDS for case in chosen(name)]


def first_changed(exercise: Exercise, mistake: Mistake) -> set[str]:
    """The names that are right answers to where the first wrong number is."""
    right, wrong = exercise.step(), exercise.step([mistake])
    for name, array in wrong.items():
        if not is_shown(name, exercise.layout) or name.startswith("mask"):
            continue
        if array.shape == right[name].shape and np.allclose(array, right[name], rtol=1e-8, atol=1e-12):
            continue
        if mistake.id == "penalty_in_loss_only":
            # Whether a loss with the penalty in it is a convention or wrong as well is open.
            return {"loss", *(other for other in wrong if other.endswith("_new"))}
        if name.endswith("_new"):
            # Updates go on beside each other, in any order.
            return {other for other in wrong if other.endswith("_new")}
        return {name}
    return set()


def test_each_mistake_has_at_least_three_networks():
    for name in IDS:
        assert len({key for key, mistake in CASES if mistake.id == name}) >= 3, name


@pytest.mark.parametrize(("key", "mistake"), share([chosen(name)[0] for name in IDS], CASES), ids=str)
def test_the_mistake_is_found(key: str, mistake: Mistake):
    exercise = EXERCISES[key]
    report = verdict(exercise.handed_in([mistake]))
    found = ids(report)
    assert not report.passed
    assert mistake.id in found, f"{mistake} in {key}: {found}\n{report}"
    before = {other.id for other in namesakes(exercise, mistake) if (mistake.id, other.id) in MAY_STAND_BEFORE}
    assert found[0] in {mistake.id, *before}, f"{mistake} in {key}: {found}"
    assert_place(report, exercise, mistake)


def assert_place(report: Report, exercise: Exercise, mistake: Mistake) -> None:
    """The layer is the right one, and so is the first wrong quantity."""
    layers = {layer for name, layer in named(report) if name == mistake.id}
    if mistake.layer is not None:
        allowed = {mistake.layer} | ({mistake.layer - 1} if mistake.id in OF_W_BETWEEN else set())
        if exercise.network.depth == 1 or is_everywhere(exercise, mistake):
            allowed.add(None)
        assert layers & allowed, f"{mistake}: {layers}"
    if mistake.id == "float_precision":
        return
    if mistake.id == "missing_mean" and exercise.network.mean_early:
        # dZ without 1/m is a convention; what is wrong is what comes of it.
        assert report.first_wrong.quantity == f"dW{exercise.network.depth}"
        return
    assert report.first_wrong.quantity in first_changed(exercise, mistake), f"{mistake}: {report.first_wrong}"


def is_everywhere(exercise: Exercise, mistake: Mistake) -> bool:
    """Whether to make it in every layer would be the same."""
    every = Mistake(mistake.id, None, mistake.form)
    try:
        made = exercise.step([every])
    except ValueError:
        # It cannot stand in every layer.
        return False
    return are_same(shown(exercise, exercise.step([mistake])), shown(exercise, made))


@pytest.mark.parametrize("name", share(["two classes", "momentum", "ridge"], list(EXERCISES)))
def test_what_gives_the_same_numbers_is_known(name: str):
    """This corpus itself: two mistakes that cannot be told apart are in one of the tables above, with the reason."""
    exercise = EXERCISES[name]
    known = {*MAY_STAND_BEFORE, *MAY_STAND_BEHIND}
    for mistake in exercise.places():
        if mistake.id == "float_precision" or is_silent(exercise.network, mistake):
            continue
        for other in namesakes(exercise, mistake):
            assert (mistake.id, other.id) in known, f"{mistake} and {other}"


ONLY_GRADIENTS = ("dW", "db")


@pytest.mark.parametrize(
    ("key", "mistake"),
    [
        ("tanh regression", Mistake("missing_activation_derivative", 1)),
        ("sigmoid classes", Mistake("derivative_formula_on_z", 1)),
        ("relu classes", Mistake("double_mean")),
        ("square", Mistake("transposed_weights", 3)),
        ("halves", Mistake("updated_weights_used")),
        ("two classes", Mistake("bias_gradient_zero", 2)),
        ("norm relu", Mistake("batch_norm_statistics_constant", 1)),
        ("dropout tanh", Mistake("dropout_mask_not_applied", 1)),
    ],
    ids=str,
)
def test_mistakes_are_found_in_gradients_alone(key: str, mistake: Mistake):
    """Of all that the step computed nothing but dW and db is handed in."""
    exercise = EXERCISES[key]
    layout = exercise.layout.with_only(*ONLY_GRADIENTS)
    report = verdict(exercise.laid_out(layout).handed_in([mistake]))
    assert mistake.id in ids(report), str(report)
    same = {other.id for other in namesakes(exercise.laid_out(layout), mistake)}
    assert ids(report)[0] in {mistake.id, *same}


WITH_LAYOUTS = [
    ("halves", Mistake("transposed_weights", 2)),
    ("square relu", Mistake("transposed_gradient", 1)),
    ("relu classes", Mistake("bias_gradient_summed", 2)),
]
"""By default each comes in one layout of every order of examples and weights, with one shape of biases each."""


@pytest.mark.parametrize(
    ("layout", "key", "mistake"),
    [
        (layout, *one)
        for number, layout in enumerate(LAYOUTS)
        for place, one in enumerate(WITH_LAYOUTS)
        if share((number + number // 3) % 3 == place, True)
    ],
    ids=str,
)
def test_mistakes_are_found_in_every_layout(layout: Layout, key: str, mistake: Mistake):
    report = verdict(EXERCISES[key].laid_out(layout).handed_in([mistake]))
    assert ids(report)[:1] == [mistake.id], str(report)


@pytest.mark.parametrize(
    ("key", "mistake"),
    [
        ("tanh regression", Mistake("derivative_at_activation", 1)),
        ("sigmoid classes", Mistake("softmax_derivative_twice", 2)),
        ("relu classes", Mistake("relu_mask_of_gradient", 2)),
        ("two classes", Mistake("updated_weights_used", 2)),
        ("labels", Mistake("bias_gradient_of_one_example", 1)),
        ("square", Mistake("weights_left_out", 2)),
        ("norm twice", Mistake("batch_norm_statistics_constant", 1)),
        ("dropout relu", Mistake("dropout_mask_not_applied", 1)),
        ("ridge", Mistake("penalty_on_biases")),
        ("adam", Mistake("adam_without_bias_correction")),
    ],
    ids=str,
)
def test_mistakes_are_found_in_single_precision(key: str, mistake: Mistake):
    report = verdict(EXERCISES[key].handed_in([mistake], "float32"))
    assert ids(report)[:1] == [mistake.id], str(report)
