"""The keys worth knowing now, for the line below the panes."""

from backprop_tui.tui.panes.data import DataPane, shown_view
from backprop_tui.tui.running.arrangement import LESSON, SETTINGS
from backprop_tui.tui.running.playback import speed_text
from backprop_tui.tui.running.run_screen import RunScreen

CHAIN_HINTS = {"depth": ("↑↓", "depth"), "neuron": ("↑↓", "scroll")}
"""What the arrows do in views of the chain rule that have no factors."""
LOSS_HINTS = {
    "curve": ("↑↓ enter", "curve"),
    "map": ("↑↓ , .", "parameter, zoom"),
    "plane": ("↑↓ , .", "direction, zoom"),
}
"""What the arrows do in the views of the loss, and the keys beside them."""
WEIGHT_HINTS = {"sensitivity": ("↑↓ enter", "spotlight"), "table": ("↑↓ enter", "its neuron")}
"""What the arrows do in the lists of weights."""
DATA_HINTS = {
    "picture": ("↑↓", "example"),
    "neuron": (", .", "neuron"),
    "hidden layer": (", .", "layer, pair"),
    "confusion": (", .", "part"),
    "measures": ("↑↓", "scroll"),
    "most wrong": ("↑↓ enter", "example"),
    "about": ("↑↓", "scroll"),
}
"""What the arrows do in the views of the data."""


def making_hints(screen: RunScreen) -> list[tuple[str, str]]:
    """What keys do while something is made in the data pane; nothing else."""
    pane = screen.query_one(DataPane)
    return [*pane.editing.hints] if pane.making and pane.editing is not None else []


def curve_hints(screen: RunScreen) -> list[tuple[str, str]]:
    """What changes the plot of the losses: to move on only where not all is shown, other runs only where there are."""
    view = screen.view
    hints = [(", .", "zoom"), *([("[ ]", "earlier, later"), ("escape", "all")] if view.window else [])]
    return [*hints, *([("O", "other runs")] if screen.has_other_runs else []), ("M", "mean")]


def key_hints(screen: RunScreen) -> list[tuple[str, str]]:
    """What each does, the most useful first."""
    view, playing = screen.view, screen.playback.running
    hints = [
        ("space", "pause" if playing else "play"),
        ("← →", view.unit),
        ("+ -", speed_text(view)),
        ("1-5", "unit"),
    ]
    specific = {
        "loss": LOSS_HINTS[view.loss],
        "chain-rule": CHAIN_HINTS.get(view.chain, ("↑↓ enter", "factors")),
        "gradients": ("↑↓", "scroll"),
        "weights": ("enter", "its neuron"),
        "data": DATA_HINTS[shown_view(screen.session, view)],
        "lesson": ("↑↓ enter", "do what it says"),
        "settings": ("↑↓ enter + -", "change"),
    }
    if view.weights in WEIGHT_HINTS:
        specific["weights"] = WEIGHT_HINTS[view.weights]
    if screen.current == "chain-rule" and view.chain == "what if" and not playing:
        # The slider has keys of its own: here + and - would be taken for them.
        del hints[2]
        specific["chain-rule"] = (", .", "slide the value")
    if screen.current == "data" and (making := making_hints(screen)):
        # There is no other way to see what they are than this line, however narrow it is.
        return [*making, hints[0], ("?", "help")]
    if screen.current == "data":
        # What it has besides is behind this key alone.
        hints[2:2] = [("m", "view"), specific["data"]]
    elif screen.current == "loss":
        hints[2:2] = [("L", "view"), specific["loss"]]
        if view.loss == "curve":
            hints[4:4] = curve_hints(screen)
    elif screen.current == SETTINGS:
        # Here + and - are those of what is chosen.
        hints[2:3] = [specific[SETTINGS], ("pagedown", "next group"), ("u U", "undo, redo"), ("e", "close")]
    elif screen.current == LESSON:
        # What the lesson asks for comes before how to move on alone.
        hints.insert(0, specific[LESSON])
    else:
        # Keys of a view alone come before those that are the same everywhere.
        usual = screen.current == "chain-rule" and view.chain not in CHAIN_HINTS and view.chain != "what if"
        hints.insert(len(hints) if usual else 2, specific[screen.current])
    hints += [("tab", "pane"), ("z", "smaller" if screen.maximised else "zoom"), ("shift+arrows", "spotlight")]
    hints += [("w", "weights"), ("l", "log"), (":", "step")]
    hints += [] if screen.session.fixed else [("r R", "restart")]
    if screen.from_lesson:
        hints.insert(0, ("escape", "to the lesson"))
    return [*hints, ("C", "share"), ("o", "open"), ("i", "lesson"), ("q", "quit"), ("?", "help")]
