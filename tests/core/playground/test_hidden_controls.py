"""Controls that a URL of TensorFlow Playground hides, here and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.playground.experiment import read_url
from backprop_tui.core.playground.experiment_of import experiment_of
from backprop_tui.core.playground.fragment import short_text, url_text
from backprop_tui.core.playground.hidden_controls import CONTROLS, hidden_here, hidden_there
from backprop_tui.core.playground.preset_of import preset_table
from backprop_tui.core.preset.hidden import Hidden, hidden_names
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import Place


def hiding(*names: str) -> str:
    return "&".join(("dataset=xor&seed=0.5&networkShape=2", *(f"{name}_hide=true" for name in names)))


@given(st.sets(st.sampled_from([*CONTROLS])))
def test_what_is_hidden_there_is_hidden_here_and_in_the_url_again(controls: set[str]) -> None:
    experiment, notes = read_url(hiding(*sorted(controls)))
    assert not [note for note in notes if "_hide" in note]
    table = preset_table(experiment)
    assert table["view"].get("hide", []) == list(hidden_here(experiment.hidden))
    back, told = experiment_of(from_table(table, "url"))
    # Its rate and its kind of penalty are one thing here.
    both = {"regularization", "regularizationRate"}
    wanted = controls | both if controls & both else controls
    assert (set(back.hidden), told) == (wanted, ())
    for text in (url_text(back), short_text(back)):
        assert set(read_url(text)[0].hidden) == wanted


def test_every_name_of_its_controls_can_be_hidden_here() -> None:
    for control, names in CONTROLS.items():
        assert hidden_names(names, Place(control)) == names


def test_only_the_word_true_hides_as_there() -> None:
    experiment, notes = read_url(f"{hiding()}&noise_hide=false&learningRate_hide=1&activation_hide=")
    assert (experiment.hidden, notes) == ((), ())


@pytest.mark.parametrize("name", ["stepButton", "nothing"])
def test_what_there_is_no_like_of_is_told(name: str) -> None:
    experiment, notes = read_url(hiding(name, "noise"))
    assert experiment.hidden == ("noise",)
    assert [note for note in notes if f"{name}_hide" in note and "without a meaning here" in note]


def test_all_settings_hidden_are_all_its_controls_but_two_which_is_told() -> None:
    table = preset_table(read_url(hiding())[0])
    table["view"]["hide"] = ["settings", "data", "diagnosis"]
    experiment, notes = experiment_of(from_table(table, "mine"))
    assert set(CONTROLS) - set(experiment.hidden) == {"showTestData", "discretize", "playButton", "resetButton"}
    assert notes == ("its inputs and the number of neurons cannot be hidden there", "the output stays in sight there")
    assert hidden_there(Hidden(("settings.optimizer",)))[:2] == ("learningRate", "regularization")
