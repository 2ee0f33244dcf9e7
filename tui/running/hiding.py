"""Which keys and pages are kept out of sight: the actions behind the names of `[view] hide` and `--hide`."""

from backprop_tui.core.preset.hidden import SETTINGS_NAME, VALUES, Hidden

ACTIONS = {
    "play": "play",
    "faster": "play",
    "until": "play",
    "restart": "restart",
    "redraw": "restart",
    "go_to": "go_to",
    "settings": SETTINGS_NAME,
    "edit_value": VALUES,
    "make": "points",
    "export": "export",
    "keep": "keep",
    "record": "record",
    "state": "share",
    "command": "share",
    "address": "share",
    "losses_out": "share",
    "take": "share",
    "lesson": "lesson",
    "open": "open",
    "findings": "diagnosis",
    "next_weights_view": "weights_views",
    "next_chain_view": "chain_rule_views",
    "next_loss_view": "loss_views",
    "smooth": "smoothing",
    "overlay": "overlays",
    "next_data_view": "data_views",
    "test_points": "test_points",
    "discretize": "discretize",
}
"""The names that take actions of the screens away; a page over the panes has its own."""
PANES = {
    "edit_value": "weights",
    "next_weights_view": "weights",
    "next_chain_view": "chain_rule",
    "predict": "chain_rule",
    "next_loss_view": "loss",
    "log_axis": "loss",
    "pan": "loss",
    "smooth": "loss",
    "overlay": "loss",
    "next_data_view": "data",
    "test_points": "data",
    "discretize": "data",
    "make": "data",
}
"""The panes that actions, and a page, are of: without the one there is not the other."""
SETTING_ACTIONS = {"problem_type": "problem_type"}
"""Actions that change a setting, and which."""
SHARES = {
    "solution": ("export",),
    "program": ("export", "source"),
    "weights": ("keep",),
    "recording": ("record",),
    "plot": ("loss",),
    "losses": ("loss",),
    "gradients": ("gradients",),
    "answers": ("data",),
}
"""The names that take things to be shared away, by the ids of these."""
UNDOING = ("undo", "redo")
PAGE, TAKING = "tool", "take"


def hidden_by(hidden: Hidden, action: str, parameters: tuple[object, ...] = ()) -> str:
    """The name that takes an action away, "" where it stays."""
    if action in UNDOING:
        return hidden.undoing()
    if action in SETTING_ACTIONS:
        return hidden.setting(SETTING_ACTIONS[action])
    if action == TAKING and parameters:
        return "share" if "share" in hidden else share_hidden_by(hidden, str(parameters[0]))
    name = str(parameters[0]) if action == PAGE and parameters else ACTIONS.get(action, "")
    pane = PANES.get(name if action == PAGE else action, "")
    return name if name in hidden else pane if pane in hidden else ""


def hidden_change(hidden: Hidden, key: str) -> str:
    """The name that takes a change away, that of a setting by its path or of a parameter, `W2[1,3]`; "" where none."""
    return (VALUES if VALUES in hidden else "") if "[" in key else hidden.setting(key)


def share_hidden_by(hidden: Hidden, share: str) -> str:
    """The name that takes what is to be shared away, "" where it stays."""
    return next((name for name in SHARES.get(share, ()) if name in hidden), "")


def refusal(what: str, name: str) -> str:
    """What is said of a key or a link that does nothing here."""
    return f"{what}: not here, since {name} is hidden (view.hide of the preset, --hide, or config.toml)"
