"""What keys do, by the names that `[keys]` of the settings has for it, and the keys that nothing else may have.

A key means the same on every screen that has it: whoever moves `l` moves the axis of the loss, in the panes and on
every page.
"""

from backprop_tui.tui.drawing.key_names import UNBOUND

ACTIONS: dict[str, tuple[str, ...]] = {
    "play": ("space",),
    "forward": ("right",),
    "back": ("left",),
    "unit_op": ("1",),
    "unit_layer": ("2",),
    "unit_phase": ("3",),
    "unit_step": ("4",),
    "unit_epoch": ("5",),
    "faster": ("plus", "equals_sign"),
    "slower": ("minus",),
    "until": ("S",),
    "home": ("home",),
    "end": ("end",),
    "go_to": ("colon",),
    "restart": ("r",),
    "redraw": ("R",),
    "next_pane": ("tab",),
    "previous_pane": ("shift+tab",),
    "maximise": ("z", "f5", "shift+f5"),
    "up": ("up",),
    "down": ("down",),
    "page_up": ("pageup",),
    "page_down": ("pagedown",),
    "turn_up": ("ctrl+u",),
    "turn_down": ("ctrl+d",),
    "open_selected": ("enter",),
    "leave": ("escape",),
    "spotlight_up": ("shift+up",),
    "spotlight_down": ("shift+down",),
    "spotlight_left": ("shift+left",),
    "spotlight_right": ("shift+right",),
    "edit_value": ("E",),
    "weights_view": ("w",),
    "chain_rule_view": ("v",),
    "data_view": ("m",),
    "test_points": ("T",),
    "discretize": ("D",),
    "less": ("comma",),
    "more": ("full_stop",),
    "make": ("a",),
    "log_axis": ("l",),
    "earlier": ("left_square_bracket",),
    "later": ("right_square_bracket",),
    "mean": ("M",),
    "overlay": ("O",),
    "loss_view": ("L",),
    "check": ("g",),
    "settings": ("e",),
    "undo": ("u",),
    "redo": ("U",),
    "problem_type": ("P",),
    "breakpoints": ("b",),
    "compare": ("c",),
    "diagnosis": ("d",),
    "statistics": ("t",),
    "predict": ("p",),
    "source": ("s",),
    "share": ("C",),
    "export": ("x",),
    "keep": ("W",),
    "state": ("X",),
    "command": ("y",),
    "address": ("Y",),
    "record": ("f",),
    "lesson": ("i",),
    "open": ("o",),
    "help": ("question_mark",),
    "quit": ("q",),
    "take_out": ("delete", "backspace"),
    "change_number": ("n",),
    **{
        name: (f"{UNBOUND}{name}",)
        for name in ("estimate", "plot", "losses", "gradients", "answers", "picture", "themes")
    },
}
"""The keys that each has as the program comes, by Textual's names, the first of them the one that is written.

The last ones have none: they are in the list of commands alone, until they are given one.
"""
STAYING = ("forward", "back", "up", "down", "open_selected", "leave")
"""What keeps the keys that it has, whatever others it is given: every page is gone through and left by these."""
OTHERS = {
    "ctrl+c": "quits, with status 130",
    "ctrl+q": "quits, with status 130",
    "ctrl+l": "draws the whole screen again",
    "ctrl+z": "stops the program",
    "ctrl+p": "opens the list of all commands",
    **{str(digit): "puts a point of that class" for digit in (0, 6, 7, 8, 9)},
}
"""Keys beside these, that are to be left alone, and what they do."""
OWNERS = {key: name for name, keys in ACTIONS.items() for key in keys}
"""What each key does as the program comes."""
