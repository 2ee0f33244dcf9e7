"""Where training at full speed ends, as a person has chosen it once."""

from backprop_tui.core.inquiry.full_speed import FINDING, NEVER, STOP, USUAL, Limits, limits
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.config.config import Config
from backprop_tui.tui.drawing.keymap import USUAL as OWN_KEYS
from backprop_tui.tui.drawing.keymap import Keymap

NAME = "full_speed_until"
FINDINGS = f'   "{FINDING}": at a warning or error of a kind not yet found'
QUESTION = (
    "where full speed stops, from now on\n"
    f'"{STOP}": at the preset\'s own stop{FINDINGS}\n'
    f'"5 epochs": after so many more   several: with "or" between   "{NEVER}": when space is pressed'
)
"""Without what is said of `FINDINGS` where the diagnosis is hidden."""


def remembered(config: Config) -> Limits:
    """What was chosen last; the usual limits where nothing was, or nothing that can be read."""
    text = config.get(NAME)
    try:
        return USUAL if text is None else limits(text)
    except PresetError:
        return USUAL


def remember(config: Config, typed: str, keys: Keymap = OWN_KEYS) -> str:
    """Choose, and what to say of it. Raises PresetError for what is no choice."""
    asked = limits(typed)
    config.choose(NAME, str(asked))
    return (
        f"full speed stops: {asked}"
        if asked != Limits()
        else f"full speed goes on until {keys.said('space')} is pressed"
    )


def stopped_text(reason: str, keys: Keymap = OWN_KEYS) -> str:
    """What the line below the panes says where full speed has ended by itself."""
    return f"stopped at {reason} ({keys.said('space')} goes on, {keys.said('S')}: where it stops)"
