"""What can be kept out of sight: its names, how they are read, and what each takes away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui import presets
from backprop_tui.core.preset.hidden import (
    KEYS,
    PANES,
    SETTINGS,
    Hidden,
    hidden,
    hidden_name,
    setting_names,
    view_names,
)
from backprop_tui.core.preset.hyper_parameters import hyper_parameters
from backprop_tui.core.preset.preset import from_table, parse
from backprop_tui.core.preset.schema import Place, PresetError

HERE = Place("here")
NAMES = (*KEYS, *PANES, *view_names(), *setting_names())


def test_every_setting_of_a_preset_can_be_hidden_by_its_path_its_last_word_and_its_group() -> None:
    for name in ("vanishing", "xor", "digits", "schedule"):
        for setting in hyper_parameters(from_table(parse(presets.text(name), name), name)):
            plain = ".".join(word for word in setting.path.split(".") if not word.isdigit())
            assert plain in SETTINGS
            for named in (plain, setting.name, plain.partition(".")[0]):
                assert Hidden((hidden_name(f"settings.{named}", HERE),)).setting(setting.path)


def test_a_setting_that_is_hidden_leaves_the_others() -> None:
    names = Hidden(("settings.beta", "settings.data", "settings.optimizer.kind"))
    taken = {path for path in SETTINGS if names.setting(path)}
    assert taken == {"optimizer.beta", "optimizer.kind", *(path for path in SETTINGS if path.startswith("data."))}
    assert names.setting("layers.3.units") == ""
    assert Hidden(("settings.units",)).setting("layers.3.units") == "settings.units"
    assert Hidden(("settings.layers.0",)).setting("layers.0.units") == ""
    # A view takes no setting away, whatever it is called.
    assert Hidden(("weights.kind",)).setting("optimizer.kind") == ""


@given(st.sampled_from(NAMES), st.data())
def test_capitals_spaces_and_hyphens_do_not_matter(name: str, data: st.DataObject) -> None:
    typed = "".join(data.draw(st.sampled_from([c, c.upper()] if c != "_" else [" ", "-", "_", " - "])) for c in name)
    assert hidden_name(f" {typed} ", HERE) == name


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("setings", 'did you mean "settings"'),
        ("settings.lerning_rate", 'did you mean "settings.learning_rate"'),
        ("learning_rate", 'a setting is called "settings.learning_rate" here'),
        ("data.noise", 'a setting is called "settings.data.noise" here'),
        ("settings.", "nothing called"),
        ("chain rule.what iff", 'did you mean "chain_rule.what_if"'),
        ("weights.picture", "nothing called"),
        ("data.op", "nothing called"),
        ("settings.schedule.momentum", "nothing called"),
        ("x" * 300, "the choice is settings"),
    ],
)
def test_what_cannot_be_hidden_is_told_with_the_nearest(typed: str, told: str) -> None:
    with pytest.raises(PresetError, match=told):
        hidden_name(typed, HERE)


@pytest.mark.parametrize("value", ["settings", [1], {"settings": True}, [*PANES], None])
def test_a_value_that_is_no_list_of_names_and_no_pane_left(value: object) -> None:
    with pytest.raises(PresetError, match="here: "):
        hidden(value, HERE)


def test_each_name_is_kept_once_in_its_order() -> None:
    assert hidden(["share", "Settings", "settings", "chain rule"], HERE) == ("share", "settings", "chain_rule")


def test_undo_goes_with_all_that_could_be_undone() -> None:
    assert Hidden(("settings", "values")).undoing() == ""
    assert Hidden(("settings", "values", "points")).undoing() == "settings"
    assert Hidden(("undo",)).undoing() == "undo"
