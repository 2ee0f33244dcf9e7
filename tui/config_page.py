"""The page of the settings that stay, from where they are declared."""

from .config.key_actions import ACTIONS, OTHERS, STAYING
from .config.settings import SETTINGS
from .drawing.key_names import key_name

HEADING = """\
# Settings that stay

What is chosen in the app is so the next time: the theme, the unit of →, the speed, the axis of the loss, the views of
the panes, the pane that keys go to, where full speed stops. It stands in one TOML file, `config.toml` in the folder
for settings, `~/.config/backprop-tui/` on Linux, `~/Library/Application Support/backprop-tui/` on macOS,
`%LOCALAPPDATA%\\backprop-tui\\` on Windows.

    backprop-tui config                       # where it is, what stands there, and what is wrong with it
    backprop-tui config --path                # where it is, and no more
    backprop-tui config --default             # every setting, with what it does, to begin with
    backprop-tui xor --no-config              # without any of it, and nothing is kept

The app writes single values, a second after they were chosen; comments, order and whatever it does not know stay as
they are. A speed that nobody could follow, above 15 units a second, is not kept; by hand any may be set. A preset that
leads through the app, such as `tour`, opens as it says itself. What is wrong in the file is told, with its line, in the
app and by `backprop-tui config`; the rest of it holds. A file that may not be written, a full disk or no home folder:
the app goes on, and keeps nothing. Commands without the app heed none of it, nor does plain mode that reads from a
pipe: what a script prints depends on nobody's taste. What an earlier version kept, in `choices.json` there, is taken
over.

```toml
theme = "nord"
unit = "step"

[keys]
play = ["space", "k"]
back = "h"                                    # ← stays beside it
quit = "ctrl+x"
```
"""
RECENT = """\
## What was opened last

The gallery begins with it: presets, files of your own, recordings and data, as far as they are still there. What is in
view is left out, so that `o` and `enter` go back to the one before. It is kept in `recent.json` in the same folder;
`recent = 0` shows none and keeps none, and `--hide` holds for all of them.
"""
KEYS = """\
## Keys

`[keys]` gives what the app can do other keys: one, a list of them, or `[]` for none. Those that it had before are free
then. A key means the same on every screen that has it, so that `log_axis` is the axis of the loss on each page, too.
The line of keys, `?`, the list of commands (ctrl+p), links of lessons and `backprop-tui help keys` show them as they
are. What nobody has is told with the nearest name; two actions with one key are told, too, and the second keeps its
own. What has no key, at the end of the table, is in the list of commands, and can be given one here.

A key is written as it is printed, `"k"`, `"K"`, `"?"`, or by its name: `"space"`, `"tab"`, `"home"`, `"page up"`,
`"delete"`, `"f6"`, `"ctrl+k"`, `"shift+left"`. Where text is typed, in the gallery, in questions, the palette and the
glossary, keys are as they always were.
"""
LEFT_ALONE = """\
These keep their keys, whatever others they are given: {staying}. And these keys are for nothing else: {others}.
"""


def config_page() -> str:
    """What stays, where, and every setting with what it takes."""
    rows = [f"| `{each.path}` | {each.takes} | `{each.usual}` | {each.meaning} |" for each in SETTINGS]
    table = ("## Settings", "", "| setting | takes | usual | what it is |", "| --- | --- | --- | --- |", *rows, "")
    return "\n".join((HEADING, *table, RECENT, KEYS, left_alone(), *keys_table()))


def left_alone() -> str:
    """What keeps its key, and keys that are for nothing else."""
    staying = ", ".join(f"`{name}` {key_name(ACTIONS[name][0])}" for name in STAYING)
    others = ", ".join(f"`{key}` ({does})" for key, does in OTHERS.items() if not key.isdigit())
    digits = [key for key in OTHERS if key.isdigit()]
    return LEFT_ALONE.format(staying=staying, others=f"{others}, {' '.join(digits)} ({OTHERS[digits[0]]})")


def keys_table() -> list[str]:
    """Every action with its keys and what it does."""
    meanings = meanings_of_keys()
    rows = [
        f"| `{name}` | {' '.join(f'`{sign}`' for key in keys if (sign := key_name(key)))} | {meanings[keys[0]]} |"
        for name, keys in ACTIONS.items()
    ]
    return ["| action | keys | does |", "| --- | --- | --- |", *rows, ""]


def meanings_of_keys() -> dict[str, str]:
    """What each key does, by Textual's name of it."""
    from .screen_keys import KEYS, OF_THE_APP, WITHOUT_KEY

    of_pages = {"delete": "in what is made, and on pages: take out", "n": "breakpoints: another number"}
    return {keys.split(",")[0]: does for keys, _, does in (*KEYS, *WITHOUT_KEY, *OF_THE_APP)} | of_pages
