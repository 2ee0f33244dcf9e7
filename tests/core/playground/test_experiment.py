"""The URLs of TensorFlow Playground."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.playground.experiment import (
    ACTIVATIONS,
    CLASS_SETS,
    HOME,
    INPUT_ORDER,
    NUMBER_SETS,
    Experiment,
    not_reproduced,
    read_url,
)
from backprop_tui.core.playground.experiment_of import experiment_of, per_cent
from backprop_tui.core.playground.fragment import short_text, url_text
from backprop_tui.core.playground.preset_of import preset_table
from backprop_tui.core.preset.playground_points import training_size
from backprop_tui.core.preset.preset import PresetError, from_table

from .runs import IDS, RUNS

rates = st.sampled_from([0.00001, 0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0])
experiments = st.builds(
    Experiment,
    activation=st.sampled_from(sorted(ACTIVATIONS.values())),
    penalty=st.sampled_from(["l1", "l2"]),
    batch_size=st.integers(1, 30),
    class_set=st.sampled_from(sorted(CLASS_SETS.values())),
    number_set=st.just("plane"),
    learning_rate=rates,
    penalty_rate=rates,
    noise=st.integers(0, 80).map(float),
    shape=st.lists(st.integers(1, 8), max_size=6).map(tuple),
    seed=st.integers(0, 99999).map(lambda number: f"0.{number:05}"),
    training_share=st.integers(1, 10).map(lambda tenth: 10.0 * tenth),
    features=st.sets(st.sampled_from(INPUT_ORDER), min_size=1).map(
        lambda chosen: tuple(name for name in INPUT_ORDER if name in chosen)
    ),
)


@given(experiments)
def test_its_url_is_read_back_in_its_whole_and_its_short_form(experiment: Experiment) -> None:
    for text in (url_text(experiment), short_text(experiment), url_text(experiment).replace(",", "%2C")):
        found, _ = read_url(text)
        # Hidden layers are what an activation is of.
        assert found == experiment


@given(experiments, st.booleans())
def test_its_preset_is_the_same_experiment_again(experiment: Experiment, regression: bool) -> None:
    experiment = replace(experiment, regression=regression, class_set="circle" if regression else experiment.class_set)
    if not experiment.shape:
        experiment = replace(experiment, activation="tanh")
    found, notes = experiment_of(from_table(preset_table(experiment), ""))
    assert (found, notes) == (experiment, tuple(not_reproduced(experiment)))


@given(st.floats(0, 0.5), st.floats(0.01, 1))
def test_shares_are_read_back_from_per_cent_or_it_is_told(noise: float, ratio: float) -> None:
    table = preset_table(Experiment())
    table["data"] |= {"noise": noise, "train_ratio": ratio}
    found, notes = experiment_of(from_table(table, ""))
    data = preset_table(read_url(url_text(found))[0])["data"]
    assert (data["noise"] == noise) != any("the noise is" in note for note in notes)
    assert data["noise"] == pytest.approx(noise, rel=1e-15)
    # Of the training part it is the number of points that counts.
    assert training_size(500, data["train_ratio"]) == training_size(500, ratio)


@pytest.mark.parametrize("share", [0.29, 0.57, 1 / 7, 0.123456789012345, 0.1 + 0.2, 0.5])
def test_a_share_comes_back_to_its_last_bit(share: float) -> None:
    assert per_cent(share) / 100 == share


def test_a_run_that_ends_by_itself_goes_on_there_which_is_told() -> None:
    table = preset_table(Experiment())
    table["training"]["stop"] = {"steps": 500}
    assert experiment_of(from_table(table, "")) == (Experiment(), ("no run ends by itself there",))


def test_a_batch_that_would_never_be_full_there_is_all_examples() -> None:
    table = preset_table(Experiment(training_share=10.0))
    table["training"]["batch_size"] = 1000
    assert experiment_of(from_table(table, ""))[0].batch_size == 50


def test_weights_that_start_at_0_are_told_by_their_initialization_too() -> None:
    table = preset_table(Experiment())
    for layer in table["layers"]:
        del layer["weights"], layer["biases"]
        layer["init"] = "zeros"
    assert experiment_of(from_table(table, "")) == (Experiment(zero_start=True), ())
    table["layers"][0]["init"] = "xavier_uniform"
    assert experiment_of(from_table(table, ""))[0] == Experiment()


@pytest.mark.parametrize("run", RUNS, ids=IDS)
def test_urls_of_the_browser_come_back_as_they_were(run: dict) -> None:
    whole = url_text(experiment_of(from_table(preset_table(read_url(run["url"])[0]), ""))[0])
    assert read_url(whole) == read_url(run["url"])
    if "showTestData" in run["url"]:
        assert whole == f"{HOME}#{run['url']}"


@pytest.mark.parametrize(("shown", "discrete"), [(True, False), (False, True)])
def test_what_the_page_draws_is_what_the_preset_draws(shown: bool, discrete: bool) -> None:
    url = f"showTestData={str(shown).lower()}&discretize={str(discrete).lower()}"
    view = from_table(preset_table(read_url(url)[0]), "").view
    assert (view.test_points, view.discretize) == (shown, discrete)
    assert url in url_text(read_url(url)[0])


def test_without_anything_it_is_what_the_page_opens_with_and_seed_0() -> None:
    for url in (HOME, f"{HOME}#", "", "https://playground.tensorflow.org"):
        assert read_url(url) == (Experiment(), ())


def test_names_without_values_are_as_if_they_were_not_there_but_for_the_shape() -> None:
    assert read_url("activation=&seed=&noise=&x=&networkShape=") == (Experiment(shape=()), ())


@given(st.text(min_size=1, max_size=20).filter(lambda seed: seed.strip() and seed.isprintable()))
def test_any_seed_comes_back(seed: str) -> None:
    assert read_url(url_text(Experiment(seed=seed)))[0].seed == seed


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("activation=swish", 'activation: expected one of relu, tanh, sigmoid, linear, found "swish"'),
        ("dataset=moons", "expected one of circle, xor, gauss, spiral"),
        ("learningRate=fast", 'expected a number above 0, found "fast"'),
        ("learningRate=0", "above 0"),
        ("learningRate=1e999", "above 0"),
        ("batchSize=2.5", "batchSize: expected a number of examples, whole"),
        ("batchSize=0", "batchSize"),
        ("networkShape=4,,2", "networkShape"),
        ("networkShape=4,0", "networkShape"),
        ("networkShape=-1", "networkShape"),
        ("networkShape=1000,1000", "networkShape: expected at most 100,000 weights, found 1,003,000"),
        ("percTrainData=0", "percTrainData"),
        ("regularizationRate=-1", "regularizationRate"),
        ("x=false&y=false", "at least one input that is true"),
        ("spiral", "expected the URL of an experiment"),
        ("a" * 30_000, "characters"),
    ],
)
def test_what_cannot_be_is_one_line_that_says_where(url: str, part: str) -> None:
    with pytest.raises(PresetError) as problem:
        read_url(url)
    assert part in str(problem.value)
    assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("url", "notes"),
    [
        (
            "collectStats=true&hideText=false&play_hide=true",
            ["collectStats, play_hide: of the Playground's"],
        ),
        ("tutorial=dnn", ["tutorial"]),
        ("cosX=true", ["cosX: its networks have no such input"]),
        ("learningrate=1", ["did you mean learningRate?"]),
        ("noise=99", ["noise=99 is taken for 50, as there"]),
        ("noise=-3", ["noise=-3 is taken for 0"]),
        ("batchSize=7", ["no whole number of batches of 7: there the gradient of the last 5 leaks"]),
        ("batchSize=300", ["a batch of 300 is never full of 250"]),
        ("regularization=L1&regularizationRate=0.1", ["0 for ever"]),
        ("regularization=L1", []),
        ("problem=regression&regDataset=reg-gauss&batchSize=30", []),
    ],
)
def test_what_is_not_reproduced_is_said(url: str, notes: list[str]) -> None:
    found = read_url(url)[1]
    assert len(found) == len(notes)
    assert all(part in text for part, text in zip(notes, found, strict=True))


@given(st.text(max_size=60))
def test_any_text_is_an_experiment_or_one_line(text: str) -> None:
    try:
        experiment, notes = read_url(f"#{text}")
    except PresetError as problem:
        notes = (str(problem),)
    else:
        assert read_url(url_text(experiment))[0] == experiment
    assert not any("\n" in note for note in notes)


def preset(**changes: object) -> dict:
    table = preset_table(Experiment(shape=(3,)))
    for path, value in changes.items():
        group, _, key = path.partition("__")
        if group == "layer":
            table["layers"][0] |= {key: value}
        else:
            table[group] = {**table.get(group, {}), key: value}
    return table


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"optimizer__kind": "adam"}, "the optimizer adam"),
        ({"optimizer__l1": 0.1, "optimizer__l2": 0.1}, "L1 and L2 at once"),
        ({"optimizer__weight_decay": 0.1}, "weight decay"),
        ({"optimizer__clip_norm": 1.0}, "clipping"),
        ({"optimizer__schedule": {"kind": "step"}}, "schedule"),
        ({"optimizer__train_biases": False}, "not trained"),
        ({"loss__kind": "mean_squared_error"}, "the loss mean_squared_error"),
        ({"data__samples": 400}, "400 points"),
        ({"data__normalize": True}, "normalized"),
        ({"data__features": ["x2", "x1"]}, "another order"),
        ({"layer__activation": "gelu"}, "the activation gelu"),
        ({"layer__batch_norm": True}, "batch norm"),
        ({"layer__dropout": 0.1}, "dropout"),
        ({"training__drop_last": True}, "left out"),
    ],
)
def test_what_it_has_no_control_for_is_named(changes: dict, problem: str) -> None:
    with pytest.raises(PresetError, match="TensorFlow Playground cannot have it") as raised:
        experiment_of(from_table(preset(**changes), "mine.toml"))
    assert problem in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        ({"training__shuffle": True}, "the same in every epoch"),
        ({"training__dtype": "float32"}, "double precision"),
        ({"layer__biases": [0.0, 0.0, 0.0]}, "the start weights there"),
        ({"layer__weights": [[1, 2], [3, 4], [5, 6]]}, "the start weights there"),
        ({"data__playground_seed": "9"}, "the start weights there"),
    ],
)
def test_what_is_drawn_otherwise_there_is_said(changes: dict, note: str) -> None:
    _, notes = experiment_of(from_table(preset(**changes), ""))
    assert len(notes) == 1
    assert note in notes[0]


def test_of_our_own_seeds_points_are_drawn_anew() -> None:
    table = preset(training__shuffle=False)
    del table["data"]["playground_seed"]
    found, notes = experiment_of(from_table({**table, "seed": 5}, ""))
    assert found.seed == "5"
    assert "drawn anew" in notes[0]


def test_a_regression_is_one_of_its_sets_of_numbers() -> None:
    for word, kind in NUMBER_SETS.items():
        experiment, _ = read_url(f"problem=regression&regDataset={word}")
        assert experiment.kind == kind
        assert preset_table(experiment)["layers"][-1]["activation"] == "identity"
