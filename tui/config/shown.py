"""The settings as they are printed: the file as it stands, or one with all that may stand in it."""

from backprop_tui.core.preset.control_characters import shown
from backprop_tui.tui.drawing.key_names import key_name

from .config import Config
from .folder import read_text
from .key_actions import ACTIONS
from .keys_table import written_key
from .settings import KEYS, SETTINGS
from .toml_edit import written

BEGIN = """\
# Settings of backprop-tui as the program comes, each behind a #: take that away and change the value.
# The place of this file is printed by `backprop-tui config --path`; `backprop-tui help config` tells of it.
"""


def config_text(config: Config) -> str:
    """Where the file is, as a comment, and what stands in it."""
    try:
        text = read_text(config.path) if config.path is not None else None
    except (OSError, ValueError):
        return f"# {config.path}"
    if text is not None:
        return "\n".join((f"# {config.path}", *map(shown, text.rstrip().splitlines())))
    taken = [f"{path} = {written(value)}" for path, value in config.values.items()]
    how = "nothing is set yet" if not taken else "it is not written yet; these are of an earlier version"
    return "\n".join((f"# {config.path}", f"# {how}; backprop-tui config --default prints all settings", *taken))


def default_text() -> str:
    """A file with every setting, behind a `#`, and what it does."""
    parts, group = [BEGIN], ""
    for setting in SETTINGS:
        above, _, name = setting.path.rpartition(".")
        if above != group:
            group = above
            parts.append(f"\n[{group}]")
        parts += [
            f"# {setting.meaning.replace('*', '').replace('`', '')} ({setting.takes})",
            f"# {name} = {setting.usual}",
        ]
        parts += [] if group else [""]
    parts += [f"\n[{KEYS}]", "# What each key does: a key, or a list of them."]
    for name, keys in ACTIONS.items():
        listed = ", ".join(written(written_key(key)) for key in keys if key_name(key))
        parts.append(f"# {name} = [{listed}]")
    return "\n".join(parts)
