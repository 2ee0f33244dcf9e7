"""The run in view as a preset, and as one command line: its settings as they are here, whatever made them so."""

import os
from collections.abc import Iterator
from contextlib import suppress
from math import inf
from pathlib import Path
from shlex import quote, split
from typing import Any

from backprop_tui.core.playground.experiment_of import experiment_of
from backprop_tui.core.playground.fragment import url_text
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.data_table import FILE_SETS
from backprop_tui.core.preset.hyper_parameters import differences
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import Place, PresetError
from backprop_tui.core.preset.settings import setting_value
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.preset.toml_text import inline, toml_text
from backprop_tui.core.session.as_preset import as_preset
from backprop_tui.core.session.session import Session
from backprop_tui.presets import names
from backprop_tui.tui.command_line.loading import find, is_recording
from backprop_tui.tui.command_line.own_words import is_own, is_url
from backprop_tui.tui.command_line.visitor import is_visitor

from .typed_file import typed_path, whole_path, written

ENDING = ".toml"
FILES = (("data", "path"), ("data", "test"), ("training", "start"))
"""The keys that name files, relative to the preset."""
HANDED_IN = "handed-in"
"""What a preset is called that was made of a step."""
OF_SERVER = "it reads files of the server, which no command line finds elsewhere; it can be taken out as a preset"
ROUNDS = 3
"""How often it is looked at what comes of the settings that were found."""
LONGEST = 100_000
"""Characters of a command line, which systems take less of than of a file."""
SWEPT, SWEPT_SEEDS = (0.1, 0.3, 1, 3, 10), 3
"""The learning rates that a sweep is proposed with, in shares of the run's own, and how many seeds."""


def proposed_name(session: Session) -> str:
    """`xor-as-it-is.toml`."""
    return f"{shown(session.preset.id) or 'run'}-as-it-is{ENDING}"


def write_state(session: Session, name: str) -> tuple[Path, list[str]]:
    """Write the run as a preset, and say what no preset can; raises PresetError for what cannot be written."""
    path, _ = typed_path(name, (ENDING,))
    text, untold = preset_text(session, whole_path(path).parent)
    return written(path, lambda stream: stream.write(text.encode())), untold


def preset_text(session: Session, folder: Path) -> tuple[str, list[str]]:
    """The run as the text of a preset that is to lie in `folder`, and what no preset can say.

    Raises PresetError for a run whose files lie in a recording.
    """
    table, untold = as_preset(session)
    table = with_paths(table, session.preset, folder)
    untold += [f"the file {shown(name)}, which it reads" for name in files_of(table)]
    lines = [*heading(session), *(f"Not in it: {line}" for line in untold)]
    head = "".join(f"# {shown(' '.join(line.split()))}\n" for line in lines)
    return head + toml_text(table), untold


def heading(session: Session) -> list[str]:
    return [f"The settings of {session.preset.title!r} as they were after step {session.step} of a run."]


def files_of(table: dict[str, Any]) -> list[str]:
    """The files that a table names."""
    names = (table.get(group, {}).get(key) for group, key in FILES)
    return [name for name in names if isinstance(name, str)]


def with_paths(table: dict[str, Any], preset: Preset, folder: Path) -> dict[str, Any]:
    """The table with the files that it names as a preset in `folder` has to name them.

    Raises PresetError for files that lie in a recording.
    """
    for group, key in FILES:
        name = table.get(group, {}).get(key)
        base = preset.base if preset.base is not None else Path()
        if not isinstance(name, str):
            continue
        if is_visitor():
            # Where on the server it lies is of no use elsewhere.
            table = {**table, group: {**table[group], key: Path(name).name}}
            continue
        if not isinstance(base, Path):
            raise PresetError(f"{name} lies in a recording: backprop-tui {preset.source} opens the run with its edits")
        if os.path.isabs(name):
            continue
        there = str(whole_path(base / name))
        if os.path.exists(there):
            near = os.path.relpath(there, folder)
            table = {**table, group: {**table[group], key: there if near.startswith("..") else near}}
    return table


def command_line(session: Session) -> tuple[str, list[str]]:
    """The run as one command line, and what that cannot say.

    Raises PresetError where the preset that it is of is not there any more, or too much of it is changed.
    """
    preset = session.course.stretches[0].preset
    named = argument_of(preset)
    if is_visitor() and not is_url(named) and named not in names():
        raise PresetError(OF_SERVER)
    wanted, untold = as_preset(session)
    if is_own(named) and session.preset.data.kind not in FILE_SETS:
        raise PresetError(
            f"its data are no longer those of {named}, which would be read first; it can be taken out as a preset"
        )
    seed, settings, gone = options_for(named, wanted, preset)
    untold += [f"{path} was taken out, which no option can" for path in gone]
    if is_visitor() and any(tuple(setting.partition("=")[0].split(".")) in FILES for setting in settings):
        raise PresetError(OF_SERVER)
    words = ["backprop-tui", *(split(named) if is_own(named) or is_url(named) else [named])]
    words += ["--seed", str(seed)] if seed is not None else []
    words += [word for setting in settings for word in ("--set", setting)]
    command = " ".join(map(shell_word, words))
    if len(command) > LONGEST:
        raise PresetError(
            "so much of the preset is changed that a command line would be too long; it can be taken out as a preset"
        )
    return command, untold


def shell_word(text: str) -> str:
    """A word as a shell takes it; control characters, which a terminal would obey, as codes that bash and zsh know."""
    if shown(text) == text:
        return quote(text)
    codes = (
        chr(byte) if chr(byte).isprintable() and byte < 0x7F and chr(byte) not in "'\\" else f"\\x{byte:02x}"
        for byte in os.fsencode(text)
    )
    return f"$'{''.join(codes)}'"


def argument_of(preset: Preset) -> str:
    """What is typed to open the preset that a run is of. Raises PresetError where there is no such word."""
    if preset.id == HANDED_IN:
        step = shown(preset.source)
        raise PresetError(
            f"it is a step that was handed in, {step}: verify --app opens it; it can be taken out as a preset"
        )
    named = preset.source
    if isinstance(preset.base, Path) and (named.startswith("-") or (preset.base == Path() and named in names())):
        # A file below the present folder that would be taken for an option, or for a built-in preset.
        return os.path.join(os.curdir, named)
    if not is_recording(named):
        return named
    if preset.id not in names():
        raise PresetError(f"this is a recorded run: backprop-tui {shell_word(named)} opens it, with its edits")
    return preset.id


def options_for(named: str, wanted: dict[str, Any], preset: Preset) -> tuple[int | None, list[str], list[str]]:
    """The seed and the settings that make `wanted` of the preset that `named` opens, and what no option takes out.

    What is set can change what is found out of somebody's own data, so it is looked at what comes of it.
    """
    wanted = whole_table(wanted, preset)
    seed: int | None = None
    settings: list[str] = []
    gone: list[str] = []
    for _ in range(ROUNDS):
        found = find(named, settings=settings, seed=seed).table
        changes = with_parents(changes_between(whole_table(found, preset), wanted), wanted)
        changes = [(path, value) for path, value in changes if path not in gone]
        if not changes:
            return seed, settings, gone
        for path, value in changes:
            if path == "seed":
                seed = value or 0
            elif value is None:
                gone.append(path)
            else:
                settings.append(f"{path}={typed(value)}")
    raise PresetError(f"no settings make of {named} what this run is; it can be taken out as a preset")


def changes_between(found: dict[str, Any], wanted: dict[str, Any]) -> list[tuple[str, Any]]:
    """What is otherwise in `wanted`, by dotted path, None for what it has not."""
    return [leaf for change in differences(found, wanted) for leaf in leaves(*change)]


def typed(value: Any) -> str:
    """A value as it is typed behind `--set KEY=`: a word without quotes, where it is read as that word."""
    with suppress(PresetError):
        if isinstance(value, str) and shown(value) == value and setting_value(value, Place("")) == value:
            return value
    return inline(value)


def with_parents(changes: list[tuple[str, Any]], wanted: dict[str, Any]) -> list[tuple[str, Any]]:
    """The changes, where something is taken out of a table that whole table in their place: no option takes out."""
    gone = {path.rpartition(".")[0] for path, value in changes if value is None} - {""}
    found: dict[str, Any] = {}
    for path, value in changes:
        parent = next((each for each in sorted(gone, key=len) if path.startswith(f"{each}.")), None)
        found[path if parent is None else parent] = value if parent is None else at(wanted, parent)
    return list(found.items())


def at(table: Any, path: str) -> Any:
    """What stands at a dotted path; an empty table where there is nothing."""
    for step in path.split("."):
        table = table[int(step)] if isinstance(table, list) else table.get(step, {})
    return table


def sweep_line(session: Session) -> tuple[str, list[str]]:
    """The command line that trains the run again at rates around its own, and what it cannot say of the run.

    Raises PresetError where the run cannot be said in one.
    """
    text, untold = command_line(session)
    rate = session.preset.optimizer.learning_rate
    rates = dict.fromkeys(float(f"{rate * factor:.3g}") for factor in SWEPT)
    values = ",".join(inline(each) for each in rates if 0 < each < inf)
    program, _, run = text.partition(" ")
    return f"{program} sweep {run} --vary optimizer.learning_rate={values} --seeds {SWEPT_SEEDS}", untold


def playground_url(session: Session) -> tuple[str, list[str]]:
    """The URL that opens the run's experiment in TensorFlow Playground, and what is otherwise there.

    Raises PresetError with all that cannot be there.
    """
    preset = session.preset
    table, untold = as_preset(session)
    experiment, notes = experiment_of(from_table(table, preset.source, preset.base, preset.id))
    return url_text(experiment), [*notes, *untold]


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What has changed by whole dotted paths: of a table that is new, each of its keys; variants change nothing."""
    if path.partition(".")[0] == "variants":
        return
    if not isinstance(value, dict) or not value:
        yield path, value
        return
    for key, inner in value.items():
        yield from leaves(f"{path}.{key}", inner)


def whole_table(table: dict[str, Any], preset: Preset) -> dict[str, Any]:
    """The table with whole paths of the files that it names, so that they are found from everywhere."""
    base = preset.base if preset.base is not None else Path()
    for group, key in FILES:
        name = table.get(group, {}).get(key)
        if isinstance(name, str) and isinstance(base, Path):
            table = {**table, group: {**table[group], key: str(whole_path(base / name))}}
    return table
