"""What the word that is being typed may become, for the shells' completion: commands, presets, options, settings.

It is made of the parsers themselves. A script in the shell hands over the words of the line, and gets candidates, one a
line, each with what it means behind a tab, or a line that asks for files.
"""

import tomllib
from argparse import Action
from collections.abc import Iterator, Sequence
from functools import cache

from backprop_tui import docs, presets
from backprop_tui.core.preset.hidden import KEYS, PANES, setting_names, view_names
from backprop_tui.core.preset.setting_paths import setting_paths
from backprop_tui.core.preset.tables import ACTIVATIONS, LOSSES, OPTIMIZERS

from .command_words import COMMANDS, HIDE, OPEN, SEVERAL
from .options import WITH_VALUE, build, options_of, split
from .shells import SHELLS

FILES = ":files"
"""The beginning of a line that asks for files, with the ends of their names behind it; none of them for any file."""
FOLDERS = ":folders"
PRESET_FILES = (".toml", ".backprop")
DATA_FILES = (".csv", ".tsv", ".txt", ".npz", ".npy", ".gz")
FILES_OF = {
    "--data": DATA_FILES,
    "--test": DATA_FILES,
    "--inputs": DATA_FILES,
    "--start": (".npz",),
    "--save": (".npz",),
    "--record": (".backprop",),
    "--csv": (".csv",),
    "--students": (".txt", ".csv"),
}
"""The files that options name, by the ends of their names."""
WORDS_OF = {"--optimizer": OPTIMIZERS, "--loss-kind": LOSSES, "--activations": ACTIVATIONS}
SETTINGS = ("--set", "--vary")
MANY = 12
"""Layers whose settings are named of a file that is not looked into."""


def completion_lines(words: Sequence[str]) -> Iterator[str]:
    """The lines for the words behind the program's name, the last of which is being typed, and may be empty."""
    *before, typed = [*words] or [""]
    for line in candidates(before, typed):
        if line.startswith((FILES, FOLDERS, typed)):
            yield line


def candidates(before: list[str], typed: str) -> Iterator[str]:
    """All that may stand behind the words `before`; more than what begins as it is `typed`."""
    command, rest = split(before)
    parser = build(command)
    actions = {name: action for action in parser._actions for name in action.option_strings}
    option, equals, _ = typed.partition("=")
    if before and before[-1] in actions and before[-1] in WITH_VALUE:
        yield from values_of(before[-1], actions[before[-1]], typed, command, rest[:-1])
    elif equals and option in actions:
        for line in values_of(option, actions[option], typed.partition("=")[2], command, rest):
            yield line if line.startswith(":") else f"{option}={line}"
    elif typed.startswith("-"):
        for name in options_of(parser):
            yield f"{name}\t{first_sentence(actions[name].help or '')}"
    else:
        yield from positional(command, list(given(rest)), typed)


def first_sentence(text: str) -> str:
    """A text up to the first mark that ends a thought."""
    for mark in ("; ", ": ", ". "):
        text = text.partition(mark)[0]
    return text


def given(rest: Sequence[str]) -> Iterator[str]:
    """The words of a line that are neither options nor their values."""
    value = False
    for word in rest:
        if value:
            value = False
        elif word in WITH_VALUE:
            value = True
        elif not word.startswith("-"):
            yield word


def positional(command: str, known: list[str], typed: str) -> Iterator[str]:
    """What may stand in place of a preset or a file; nothing where that is there already."""
    if command in ("list", "config") or (known and command not in SEVERAL):
        return
    if command == "help":
        yield from (*docs.names(), *COMMANDS, "man")
    elif command == "completion":
        yield from SHELLS
    elif command == "verify":
        yield from presets.hand_ins()
        yield f"{FILES} .npz .json"
    else:
        if command == OPEN:
            yield from (f"{name}\t{meaning}" for name, meaning in COMMANDS.items())
        yield from named_presets()
        yield " ".join((FILES, *PRESET_FILES))


@cache
def named_presets() -> tuple[str, ...]:
    return tuple(f"{name}\t{tomllib.loads(presets.text(name))['title']}" for name in presets.names())


def values_of(option: str, action: Action, typed: str, command: str, rest: list[str]) -> Iterator[str]:
    """What the value of an option may be."""
    if option in SETTINGS:
        yield from settings(typed, number_of_layers(next(given(rest), None)), several=option == "--vary")
    elif option == HIDE:
        *before, _ = typed.split(",")
        names = (*KEYS, *PANES, *view_names(), *setting_names())
        yield from (",".join((*before, name)) for name in names if name not in before)
    elif option == "--out":
        yield FOLDERS
    elif option == "--preset":
        yield from named_presets()
        yield f"{FILES} .toml"
    elif option in FILES_OF:
        yield " ".join((FILES, *FILES_OF[option]))
    else:
        yield from map(str, action.choices or WORDS_OF.get(option, ()))


def number_of_layers(preset: str | None) -> int:
    """How many `[[layers]]` tables a built-in preset has."""
    if preset not in presets.names():
        return MANY
    return len(tomllib.loads(presets.text(preset))["layers"])


def settings(typed: str, layers: int, *, several: bool) -> Iterator[str]:
    """`optimizer.kind=`, and behind the sign the words that it may be; of `several` also behind each comma."""
    path, equals, value = typed.partition("=")
    if not equals:
        yield from (f"{setting.path}=\t{setting.meaning}" for setting in setting_paths(layers))
        return
    words = next((setting.words for setting in setting_paths(layers) if setting.path == path), ())
    *before, _ = value.split(",") if several else [value]
    for word in words:
        if word not in before:
            yield f"{path}={','.join((*before, word))}"
