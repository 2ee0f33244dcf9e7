"""`backprop-tui help`: the pages of the documentation; those of what can be declared, keys and names, are made here."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from backprop_tui import docs, presets
from backprop_tui.core.lessons.action import Known
from backprop_tui.core.preset.hidden import KEYS, PANES, SETTINGS, VIEWS
from backprop_tui.core.preset.reference import preset_page
from backprop_tui.core.preset.schema import described, suggestion

from .command_line.command_words import COMMANDS
from .command_line.manual import manual
from .command_line.options import UsageError, build
from .command_line.page_text import page_text
from .config_page import config_page
from .drawing.key_names import key_name
from .drawing.keymap import USUAL, Keymap

if TYPE_CHECKING:
    from textual.screen import Screen

MANUAL = "man"
"""The topic that is the manual page, in the language of `man`."""
TOPICS_WIDTH = 79

KEYS_HEADING = """\
# Keys

← and → move through time, ↑ and ↓ inside what is in view, escape leads one level out, and `?` shows the keys of the
screen that is in view.
"""

MOVED = """
Some of them are as you have moved them in your settings: `backprop-tui config` shows these, `backprop-tui help keys
--no-config` the keys that the program comes with.
"""
HIDE_HEADING = """\
# Keeping pages, keys, panes and settings out of sight

A class that is to look at one thing need not meet all others. In a preset

```toml
[view]
hide = ["settings", "diagnosis", "share"]
```

and on the command line `backprop-tui xor --hide settings,diagnosis,share`, which hides beside what the preset hides,
and in every preset that is opened from there. `backprop-tui show xor --hide settings > class.toml` writes it into a
preset. What is hidden stands in no line of keys, no help, no list of commands; its key does nothing but say that it is
hidden, and so does a link of a lesson. In the app `:` and `view.hide = ["loss"]` change it on the way, and `u` takes
that back, as long as settings are not hidden. It keeps things out of sight, not out of reach: whoever has the file can
take the line out.
"""
HIDE_VIEWS = """\
## Single views

`chain_rule.depth` takes one view out of those that `v`, `w`, `m` and `L` show; what a pane opens with stays.
"""
HIDE_SETTINGS = """\
## Single settings

`settings.learning_rate` takes one setting out of the list of settings, and `settings.data` a whole group. The words
that may stand behind `settings.` are those of a group, of a setting, or both: `settings.data.noise`,
`settings.noise` and `settings.layers.units` are names. `hidden_layers` is how many there are, `layers.order` adding,
removing and moving one where it stands.
"""


PLAIN_HEADING = """\
# Plain mode: the same as lines of text

`backprop-tui first-steps --plain` tells what the screen shows in sentences and takes words for keys. It is for
screen readers, logs, pipes and terminals that cannot place a cursor: no line is drawn by characters, nothing is
coloured or moved, every number has its name, and what has not been computed is said to be so. `--ascii` keeps to
ASCII, with `dW2[1,3]` for dW⁽²⁾₁,₃.

    $ backprop-tui first-steps --plain
    > right
    > dW2[1,2]
    > what if W1[1,1] = 0.5
    > quit

Standard input may be a pipe; then there is no prompt, and nothing but answers on standard output, an empty line
behind each. A line that begins with # is a remark. The end of the input ends it, with status 0. What takes longer
than a few seconds says on standard error how far it is; ctrl+c ends the program.

    printf 'right 3 steps\\npaths\\ncheck\\n' | backprop-tui first-steps --plain

It works with presets, files, recordings, `--data`, `--url`, `--set`, `--seed` and `--hide`, which takes words away
as it takes keys. The links of a lesson are told as words to type. Every key of the screen is a word too, but X and
Y, which are inputs and targets here; one that has nothing to do without a screen says what there is instead. `NAME
= VALUE` sets, and a word that there is not gets the nearest.
"""


def help_text(topic: str | None, width: int | None, keymap: Keymap = USUAL) -> str:
    """The page of a topic, or the list of all; as Markdown where `width`, that of the terminal, is None.

    Keys are told as the `keymap` has them.

    Raises UsageError for a topic that there is not.
    """
    if topic is None:
        return topics_text()
    name = topic.removesuffix(".md")
    if name in docs.names():
        page = written(name, keymap)
        return page if width is None else page_text(page, width)
    if name in COMMANDS:
        return build(name).format_help()
    if name == MANUAL:
        return manual()
    names = list(dict.fromkeys((*docs.names(), *COMMANDS, MANUAL)))
    raise UsageError(f"there is no help on {described(topic)}{suggestion(topic, names)}")


def written(name: str, keymap: Keymap = USUAL) -> str:
    """A page; what is told of keys comes from where they are declared."""
    if name == "preset":
        return preset_page()
    if name == "keys":
        return keys_page(keymap)
    made = {"config": config_page, "hide": hide_page, "plain": plain_page}
    return made[name]() if name in made else docs.text(name)


def topics_text() -> str:
    """The names of all pages with their headings."""
    pages = {name: docs.text(name).splitlines()[0].lstrip("# ").replace("`", "") for name in docs.names()}
    column = max(map(len, pages)) + 2
    topics = [f"  {name:{column}}{heading}" for name, heading in pages.items()]
    return "\n".join(("backprop-tui help TOPIC prints one of these pages:", "", *topics, "", *of_commands()))


def of_commands() -> Iterator[str]:
    yield "backprop-tui COMMAND --help, or help COMMAND, says what a command takes."
    yield "The commands are"
    yield from wrap(", ".join(COMMANDS), TOPICS_WIDTH, initial_indent="  ", subsequent_indent="  ")
    yield f"backprop-tui help {MANUAL} is the manual page: backprop-tui help {MANUAL} | man -l -"


def keys_page(keymap: Keymap = USUAL) -> str:
    """The keys of every screen, from their own tables, as they have been moved."""
    from .lesson.help_screen import keys_of
    from .pages.gallery import GalleryScreen
    from .pages.tool_screen import ToolScreen
    from .recording.screen import RecordedScreen
    from .training_screen import TrainingScreen

    def told(screen: "type[Screen[Any]]") -> tuple[tuple[str, str], ...]:
        return keys_of(screen, keymap=keymap)

    everywhere = told(ToolScreen)
    parts = [
        f"{KEYS_HEADING}{MOVED if keymap else ''}",
        keys_table("In the app", told(TrainingScreen)),
        keys_table("On every page over the panes", everywhere),
    ]
    for name, page in tool_pages().items():
        own = [key for key in told(page) if key not in everywhere]
        parts += [keys_table(f"On the page of {name}", own)] if own else []
    parts.append(keys_table("In the gallery", keys_of(GalleryScreen)))
    parts.append(keys_table("In a recording of another network", told(RecordedScreen)))
    return "\n".join(parts)


def hide_page() -> str:
    """What can be kept out of sight, by its names."""
    columns = [path.rpartition(".")[0] for path in SETTINGS]
    groups: dict[str, list[str]] = {}
    for group, path in zip(columns, SETTINGS, strict=True):
        groups.setdefault(group, []).append(f"`{path.removeprefix(f'{group}.')}`")
    settings = [f"| {f'`{group}`' if group else ''} | {', '.join(names)} |" for group, names in groups.items()]
    rows = [f"| `{name}` | {what} |" for name, what in (*KEYS.items(), *PANES.items())]
    of_names = (HIDE_HEADING, "| name | takes away |", "| --- | --- |", *rows, "")
    views = [f"| `{pane}` | {', '.join(f'`{name}`' for name in names)} |" for pane, names in VIEWS.items()]
    of_names = (*of_names, HIDE_VIEWS, "| pane | views |", "| --- | --- |", *views, "")
    return "\n".join((*of_names, HIDE_SETTINGS, "| group | settings |", "| --- | --- |", *settings, ""))


def plain_page() -> str:
    """Plain mode and its words."""
    from .plain.conversation import ALL_WORDS

    groups = dict.fromkeys(word.group for word in ALL_WORDS)
    parts = [PLAIN_HEADING]
    for group in groups:
        rows = [
            f"| `{f'{word.name} {word.takes}'.strip().replace('|', 'or')}` | {word.meaning} |"
            for word in ALL_WORDS
            if word.group == group
        ]
        parts += [f"## {group}", "", "| word | does |", "| --- | --- |", *rows, ""]
    return "\n".join(parts)


def known_to_lessons() -> Known:
    """What a lesson's links may name: the keys of the app, as the screen calls them, its panes, and the presets."""
    from textual.binding import Binding

    from .lesson_acts import link_hidden_by
    from .panes.pane_target import targets
    from .training_screen import TrainingScreen

    keys = [
        key
        for one in TrainingScreen.BINDINGS
        if isinstance(one, Binding) and key_name(one.key)
        for key in one.key.split(",")
    ]
    return Known(keys, targets(), presets.names(), link_hidden_by)


def tool_pages() -> dict[str, Any]:
    """The classes of the pages over the panes, by what they are called here."""
    from .pages.breakpoints import BreakpointsScreen
    from .pages.check import CheckScreen
    from .pages.compare import CompareScreen
    from .pages.diagnosis import DiagnosisScreen
    from .pages.estimate import EstimateScreen
    from .pages.predict import PredictScreen
    from .pages.share import ShareScreen
    from .pages.source import SourceScreen
    from .pages.statistics import StatisticsScreen

    return {
        "compare": CompareScreen,
        "diagnosis": DiagnosisScreen,
        "statistics": StatisticsScreen,
        "breakpoints": BreakpointsScreen,
        "predict": PredictScreen,
        "gradient check": CheckScreen,
        "alternatives": EstimateScreen,
        "source": SourceScreen,
        "share": ShareScreen,
    }


def keys_table(heading: str, keys: Any) -> str:
    rows = [f"| `{key}` | {does} |" for key, does in keys if does]
    return "\n".join((f"## {heading}", "", "| key | does |", "| --- | --- |", *rows, ""))
