"""What a key means where a person has moved keys, and what is said of one that means nothing any more."""

from textual import events
from textual.screen import Screen
from textual.widgets import Input

from backprop_tui.tui.config.key_actions import OWNERS
from backprop_tui.tui.drawing.key_names import key_name
from backprop_tui.tui.drawing.keymap import Keymap
from backprop_tui.tui.panes.own_screen import OwnScreen

HELP = "question_mark"


def meant_key(event: events.Key, screen: Screen[object], keymap: Keymap) -> tuple[str, str]:
    """The key of this program that was meant; "" for none, and what to say of that.

    What is typed into a field is text, as long as the field does not leave it to the screen.
    """
    pressed, key = event.key, keymap.key(event.key)
    if not isinstance(screen, OwnScreen) or not screen.moved_keys:
        # Text is typed there; a key that is none closes the help that it opened.
        return (key if key == HELP and not event.is_printable else pressed), ""
    if isinstance(screen.focused, Input) and event.is_printable and not {key, pressed} & set(left_by(screen.focused)):
        return pressed, ""
    if key:
        return key, ""
    action = OWNERS.get(pressed, "")
    return "", f"{key_name(pressed)}: nothing here; {action} is {keymap.sign(pressed) or 'without a key'} (config.toml)"


def left_by(field: Input) -> frozenset[str]:
    """The keys that a field leaves to its screen."""
    return getattr(field, "left", frozenset())
