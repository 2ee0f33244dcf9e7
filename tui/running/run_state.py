"""The run in view as a preset, and as one command line: its settings as they are here, whatever made them so."""

import os
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

from backprop_tui.core.playground.experiment_of import experiment_of
from backprop_tui.core.playground.fragment import url_text
from backprop_tui.core.preset.control_characters import shown
from backprop_tui.core.preset.hyper_parameters import differences
from backprop_tui.core.preset.preset import from_table
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.preset.toml_text import inline, toml_text
from backprop_tui.core.session.session import Session
from backprop_tui.presets import names
from backprop_tui.tui.command_line.loading import find, is_recording
from backprop_tui.tui.command_line.own_words import is_own, is_url

from .typed_file import typed_path, written

ENDING = ".toml"
FILES = (("data", "path"), ("data", "test"), ("training", "start"))
"""The keys that name files, relative to the preset."""
LONGEST = 100_000
"""Characters of a command line, which systems take less of than of a file."""


def proposed_name(session: Session) -> str:
    """`xor-as-it-is.toml`."""
    return f"{shown(session.preset.id) or 'run'}-as-it-is{ENDING}"


def write_state(session: Session, name: str) -> tuple[Path, list[str]]:
    """Write the run as a preset, and say what no preset can; raises PresetError for what cannot be written."""
    path, _ = typed_path(name, (ENDING,))
    text, untold = preset_text(session, Path(os.path.abspath(path)).parent)
    return written(path, lambda stream: stream.write(text.encode())), untold


def preset_text(session: Session, folder: Path) -> tuple[str, list[str]]:
    """The run as the text of a preset that is to lie in `folder`, and what no preset can say.

    Raises PresetError for a run whose files lie in a recording.
    """
    untold = untold_of(session)
    table = with_paths(state_table(session), session.preset, folder)
    head = "".join(f"# {shown(' '.join(line.split()))}\n" for line in [*heading(session), *untold])
    return head + toml_text(table), untold


def heading(session: Session) -> list[str]:
    return [f"The settings of {session.preset.title!r} as they were after step {session.step} of a run."]


def state_table(session: Session) -> dict[str, Any]:
    """The preset's table with all edits of settings made up to here, and the seed that the run has.

    Where an edit has changed an activation, whose usual start weights are others, the run's own are written out.
    """
    preset, first = session.preset, session.course.stretches[0].preset
    layers = [dict(written) for written in preset.table["layers"]]
    for layer, begun in zip(preset.layers, first.layers, strict=True):
        if layer.init != begun.init:
            layers[layer.table_index]["init"] = begun.init
    table = {**preset.table, "layers": layers}
    if session.seed != preset.run_seed:
        table["training"] = {**table.get("training", {}), "seed": session.seed}
    return table


def untold_of(session: Session) -> list[str]:
    """What the settings cannot say of a run, one sentence each."""
    made = [edit for edit in session.edits if edit.step <= session.step]
    told = []
    for edit in made:
        if edit.of_parameter:
            told.append(f"{edit} was set by hand after step {edit.step}; W keeps the weights as they are")
        elif edit.step:
            told.append(f"{edit} came after step {edit.step}, and holds from the start here")
    return told


def with_paths(table: dict[str, Any], preset: Preset, folder: Path) -> dict[str, Any]:
    """The table with the files that it names as a preset in `folder` has to name them.

    Raises PresetError for files that lie in a recording.
    """
    for group, key in FILES:
        name = table.get(group, {}).get(key)
        base = preset.base if preset.base is not None else Path()
        if not isinstance(name, str):
            continue
        if not isinstance(base, Path):
            raise PresetError(f"{name} lies in a recording: backprop-tui {preset.source} opens the run with its edits")
        if os.path.isabs(name):
            continue
        there = os.path.abspath(base / name)
        if os.path.exists(there):
            near = os.path.relpath(there, folder)
            table = {**table, group: {**table[group], key: there if near.startswith("..") else near}}
    return table


def command_line(session: Session) -> tuple[str, list[str]]:
    """The run as one command line, and what that cannot say.

    Raises PresetError where the preset that it is of is not there any more, or too much of it is changed.
    """
    preset = session.course.stretches[0].preset
    named = preset.id if preset.id in names() else preset.source.partition(': "')[0]
    if is_recording(named):
        raise PresetError(f"this is a recorded run: backprop-tui {quote(named)} opens it, with its edits")
    words, untold = ["backprop-tui", named if is_own(named) or is_url(named) else quote(named)], untold_of(session)
    changes = differences(find(named).table, state_table(session))
    for path, value in [leaf for change in changes for leaf in leaves(*change)]:
        if path == "seed" and value is not None:
            words += ["--seed", str(value)]
        elif value is None:
            untold.append(f"{path} was taken out, which no option can")
        else:
            words += ["--set", quote(f"{path}={inline(whole_path(path, value, preset))}")]
    command = " ".join(words)
    if len(command) > LONGEST:
        raise PresetError("so much of the preset is changed that a command line would be too long; X writes a preset")
    return command, untold


def playground_url(session: Session) -> tuple[str, list[str]]:
    """The URL that opens the run's experiment in TensorFlow Playground, and what is otherwise there.

    Raises PresetError with all that cannot be there.
    """
    preset = session.preset
    experiment, notes = experiment_of(from_table(state_table(session), preset.source, preset.base, preset.id))
    return url_text(experiment), [*notes, *untold_of(session)]


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """What has changed by whole dotted paths: of a table that is new, each of its keys; variants change nothing."""
    if path.partition(".")[0] == "variants":
        return
    if not isinstance(value, dict):
        yield path, value
        return
    for key, inner in value.items():
        yield from leaves(f"{path}.{key}", inner)


def whole_path(path: str, value: Any, preset: Preset) -> Any:
    """A file's name as a whole path, so that it is found from everywhere; any other value as it is."""
    if tuple(path.split(".")) not in FILES or not isinstance(preset.base, Path):
        return value
    return os.path.abspath(preset.base / value)
