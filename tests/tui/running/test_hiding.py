"""Which actions the names of what is hidden take away."""

from textual import actions

from backprop_tui.core.preset.hidden import KEYS, VIEWS, Hidden, view_names
from backprop_tui.tui.panes.pane_target import VIEWS as PANE_VIEWS
from backprop_tui.tui.recording.screen import RecordedScreen
from backprop_tui.tui.running.hiding import ACTIONS, SHARES, hidden_by, hidden_change, share_hidden_by
from backprop_tui.tui.running.shares import SHARES as ALL_SHARES
from backprop_tui.tui.screen_keys import KEYS as SCREEN_KEYS
from backprop_tui.tui.screen_keys import WITHOUT_KEY

EVERY_ACTION = [action for _, action, _ in (*SCREEN_KEYS, *RecordedScreen.KEYS, *WITHOUT_KEY)]


def taken(*names: str) -> set[str]:
    """The actions that names take away, as bindings have them."""
    found = set()
    for action in EVERY_ACTION:
        _, name, parameters = actions.parse(action)
        if hidden_by(Hidden(names), name, parameters):
            found.add(action)
    return found


def test_every_name_of_keys_takes_a_key_or_a_page_away() -> None:
    for name in KEYS:
        assert taken(name), name


def test_every_action_that_a_name_takes_away_is_one_of_a_screen() -> None:
    names = {actions.parse(action)[1] for action in EVERY_ACTION}
    assert set(ACTIONS) <= names
    assert set(ACTIONS.values()) <= set(KEYS)


def test_a_name_takes_its_own_away_and_nothing_else() -> None:
    assert taken("diagnosis") == {"tool('diagnosis')", "findings"}
    assert taken("settings") == {"settings", "problem_type"}
    assert taken("settings.problem_type") == {"problem_type"}
    assert taken("settings.data") == set()
    assert taken("estimate") == {"tool('estimate')"}
    taking = {"take('plot')", "take('losses')"}
    others = {"take('gradients')", "take('answers')"}
    assert taken("share") == {"tool('share')", "state", "command", "address", "losses_out"} | taking | others
    assert taken("settings", "values", "points") >= {"undo", "redo", "edit_value", "make"}
    assert taken("loss") == {"next_loss_view", "log_axis", "pan(-1)", "pan(1)", "smooth", "overlay"} | taking
    assert taken("weights", "gradients") == {"next_weights_view", "edit_value", "take('gradients')"}


def test_moving_through_time_help_and_leaving_stay_whatever_is_hidden() -> None:
    stay = {"forward", "back", "home", "end", "help", "quit", "leave", "next_pane(1)", "maximise"}
    assert not stay & taken(*KEYS)


def test_a_change_by_its_name() -> None:
    assert hidden_change(Hidden(("settings",)), "W1[1,1]") == ""
    assert hidden_change(Hidden(("values",)), "W1[1,1]") == "values"
    assert hidden_change(Hidden(("values",)), "optimizer.learning_rate") == ""
    assert hidden_change(Hidden(("settings.layers.units",)), "layers.2.units") == "settings.layers.units"
    assert hidden_change(Hidden(("settings",)), "view.hide") == "settings"


def test_the_views_that_can_be_hidden_are_those_of_the_panes_but_what_these_open_with() -> None:
    stay = {"picture", "heatmaps", "op", "curve"}
    for title, (_, names) in PANE_VIEWS.items():
        pane = title.lower().replace(" ", "_")
        assert VIEWS[pane] == tuple(name.replace(" ", "_") for name in names if name not in stay)
        for name in names:
            assert bool(Hidden(tuple(view_names())).view(title, name)) == (name not in stay)
    assert set(VIEWS) == {title.lower().replace(" ", "_") for title in PANE_VIEWS}
    assert Hidden(("data.neuron",)).view("chain-rule", "neuron") == ""


def test_what_is_shared_goes_with_its_key() -> None:
    assert set(SHARES) <= {share.id for share in ALL_SHARES}
    assert share_hidden_by(Hidden(("export",)), "solution") == "export"
    assert share_hidden_by(Hidden(("source",)), "program") == "source"
    assert share_hidden_by(Hidden(("keep",)), "preset") == ""
    assert share_hidden_by(Hidden(("loss",)), "losses") == share_hidden_by(Hidden(("loss",)), "plot") == "loss"
    assert share_hidden_by(Hidden(("gradients",)), "gradients") == "gradients"
