"""From what was typed to a preset and its data; and the gallery of those that come with the program.

NumPy is imported only when data are loaded: the gallery reads the tables alone.
"""

import json
import os
from collections.abc import Sequence
from contextlib import contextmanager, suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backprop_tui import presets
from backprop_tui.core.preset.data_table import DataPreset
from backprop_tui.core.preset.schema import Place, PresetError, described, nearest, read
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.value_class import dataclass
from backprop_tui.tui.drawing.shape import shape_text

from .console import complain
from .own_words import OwnWords, is_own, is_url, own_words, url_argument, url_of
from .progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from backprop_tui.core.preset.datasets import Dataset
    from backprop_tui.core.preset.own_data import OwnData
    from backprop_tui.core.preset.raw_data import Source
    from backprop_tui.core.recording.reader import Recording

RECORDING = ".backprop"
"""How the names of recordings end."""
SQLITE = b"SQLite format 3\0"
FILES = (("data", "path"), ("data", "test"), ("training", "start"))
"""The settings that name files."""
DATA_ENDINGS = (".csv", ".tsv", ".data", ".npz", ".npy", ".gz")
MOST_NOTES = 12
INPUTS = {"digits": 784, "sine": 1}
"""The raw inputs of the sets that have not the two of a plane."""


@dataclass(frozen=True, slots=True)
class PresetText:
    """A preset before it is checked: its TOML as it stands, and its table with the changes asked for."""

    id: str
    source: str
    base: Traversable | None
    text: str
    table: dict[str, Any]
    changed: bool
    typed: tuple[str, ...] = ()
    """Paths of files that were typed on the command line."""
    notes: tuple[str, ...] = ()
    """What was found out of somebody's own data, one sentence each."""
    read: "Source | None" = None
    """What was read of these."""


@dataclass(frozen=True, slots=True)
class GalleryEntry:
    """A built-in preset as the gallery and `list` show it."""

    id: str
    title: str
    summary: str
    tags: tuple[str, ...]
    shape: str
    widths: tuple[int | None, ...] = ()
    """Of the inputs, None where only the data know, and of every layer."""
    lesson: str = ""


def load(
    argument: str,
    *,
    settings: Sequence[str] = (),
    seed: int | None = None,
    hide: Sequence[str] = (),
    told: bool = False,
) -> "tuple[Preset, Dataset]":
    """The preset that `argument` names, an id, a file or somebody's own data, with its data.

    `told`: whether standard error is told how far reading has come, and what was found out of the data.

    `settings` are KEY=VALUE changes, applied in turn; `seed` replaces the preset's own, for data and weights alike;
    `hide` is kept out of sight beside what the preset hides.
    Raises PresetError, one line, for whatever is wrong with any of them.
    """
    from backprop_tui.core.preset.preset import load_preset

    with reading_progress(told) as tell:
        found = find(argument, settings=settings, seed=seed, hide=hide, tell=tell)
        loaded = load_preset(
            found.table, found.source, found.base, found.id, typed=found.typed, tell=tell, source_read=found.read
        )
    if told:
        tell_notes((*found.notes, *(note for note in loaded[1].notes if note not in found.notes)))
    return loaded


@contextmanager
def reading_progress(shown: bool) -> "Iterator[Callable[[float], None]]":
    """What takes in which share of a file has been read, and shows it where that is wanted."""
    if not shown:
        yield lambda share: None
        return
    with Progress(100, "% of the data") as progress:
        yield lambda share: progress(round(100 * share))


def tell_notes(notes: Sequence[str]) -> None:
    """Say on standard error what was found out of the data, one line each."""
    for note in notes[:MOST_NOTES]:
        complain(note)
    if len(notes) > MOST_NOTES:
        complain(f"and {len(notes) - MOST_NOTES} more of this kind")


def find(
    argument: str,
    *,
    settings: Sequence[str] = (),
    seed: int | None = None,
    hide: Sequence[str] = (),
    tell: "Callable[[float], None]" = lambda share: None,
) -> PresetText:
    """The TOML of a preset, and its table with `settings`, `seed` and `hide` in it.

    Raises PresetError, as `load` does.
    """
    from backprop_tui.core.preset.preset import parse, read_file
    from backprop_tui.core.preset.settings import apply_setting  # Not needed to open.

    base: Traversable | None
    own = None
    notes: tuple[str, ...] = ()
    if is_url(argument):
        from backprop_tui.core.playground.experiment import read_url
        from backprop_tui.core.playground.fragment import short_text
        from backprop_tui.core.playground.preset_of import preset_table

        experiment, notes = read_url(url_of(argument))
        # By this the run is named where it is told how to open it again.
        name, source, base = "playground", url_argument(short_text(experiment)), None
        text, table = "", preset_table(experiment)
    elif is_own(argument):
        own = found_out(argument, settings, tell)
        name, source, base = Path(own_words(argument).path).stem, argument, None
        text, table = "", own.table
    elif argument in presets.names():
        name, source, base = argument, argument, presets.folder()
        text = presets.text(argument)
        table = parse(text, argument)
    elif "://" in argument and not os.path.lexists(argument):
        raise PresetError(
            f"{described(argument)} is a URL, not a preset: one of TensorFlow Playground is opened by "
            "backprop-tui --url URL, any other has to be a file first"
        )
    elif is_recording(argument):
        from backprop_tui.core.recording.own_run import preset_text
        from backprop_tui.core.recording.preset_files import RecordedFolder

        recording = recording_of(argument)
        text = preset_text(recording)
        name, source, base = Path(argument).stem, argument, RecordedFolder(recording)
        table = parse(text, argument)
    elif is_file(argument):
        path = Path(argument)
        if looks_like_data(path):
            raise PresetError(
                f"{argument} is no preset, but data: backprop-tui {OwnWords(argument).argument} opens it on a network "
                "that suits it"
            )
        name, source, base = path.stem, str(path), path.parent
        text, table = read_file(path)
        table, notes = with_own_start(table, path.parent)
    else:
        raise PresetError(unknown(argument))
    for setting in settings:
        table = from_here(apply_setting(table, setting), setting)
    if settings and not any(setting.startswith("variants") for setting in settings):
        table = with_possible_variants(table, source)
    if seed is not None:
        table = {**table, "seed": seed}
    if hide:
        table = with_hidden(table, hide)
    typed = (*own_words(argument).files,) if own is not None else ()
    typed += tuple(str(table[group][key]) for group, key in FILES if is_set(f"{group}.{key}", settings))
    changed = bool(settings) or seed is not None or bool(hide) or not text
    source_read = None
    if own is not None:
        notes, source_read = own.notes, own.read
    return PresetText(name, source, base, text, table, changed, typed, notes, source_read)


def with_own_start(table: dict[str, Any], folder: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The table of a preset in `folder`, and what is to be said of what it starts from.

    A copy of a built-in preset has not beside it the weights that this starts from: it gets those of the program.
    """
    training = table.get("training")
    name = training.get("start") if isinstance(training, dict) else None
    if isinstance(training, dict) and isinstance(name, str) and Path(name).name == name:
        with suppress(OSError, ValueError):
            found = presets.folder() / name
            if isinstance(found, Path) and found.is_file() and not os.path.lexists(folder / name):
                note = f"training.start: {name} is not beside the preset: it starts from the one that the program has"
                return {**table, "training": {**training, "start": str(found)}}, (note,)
    return table, ()


def with_hidden(table: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """The table with more that is kept out of sight; what is wrong with its own is left to be told."""
    view = table.get("view", {})
    own = view.get("hide", []) if isinstance(view, dict) else None
    return {**table, "view": {**view, "hide": [*dict.fromkeys((*own, *names))]}} if isinstance(own, list) else table


def found_out(argument: str, settings: Sequence[str], tell: "Callable[[float], None]") -> "OwnData":
    """Somebody's own data and the preset that suits them; what is set of the data holds before they are read."""
    from backprop_tui.core.preset.own_data import own_preset
    from backprop_tui.core.preset.settings import apply_setting  # Not needed to open.

    words = own_words(argument)
    table: dict[str, Any] = {"data": words.data}
    for setting in settings:
        if setting.strip().startswith(("data.", "training.dtype")):
            table = apply_setting(table, setting)
    title = f"Your data: {Path(words.path).name}"
    return own_preset(table["data"], title, argument, dtype=table.get("training", {}).get("dtype"), tell=tell)


def is_set(key: str, settings: Sequence[str]) -> bool:
    return any(setting.partition("=")[0].strip() == key for setting in settings)


def looks_like_data(path: Path) -> bool:
    """Whether a file that was named as a preset is data: by its name, or by what it begins with."""
    if path.suffix.lower() in DATA_ENDINGS:
        return True
    from backprop_tui.core.preset.file_kind import kind_of
    from backprop_tui.core.preset.named_file import NamedFile

    try:
        return path.suffix != ".toml" and kind_of(NamedFile(path, Place(""))) != "csv"
    except PresetError:
        return False


def from_here(table: dict[str, Any], setting: str) -> dict[str, Any]:
    """The table with the file that was set found from where the person stands, not from where the preset does."""
    path = setting.partition("=")[0].strip()
    group, _, key = path.partition(".")
    if (group, key) not in FILES:
        return table
    return {**table, group: {**table[group], key: found_here(path, table[group][key])}}


def found_here(path: str, value: Any) -> Any:
    """The value of a setting; of one that names a file the whole path of that, from where the person stands."""
    if tuple(path.split(".")) not in FILES or not isinstance(value, str) or not value.strip():
        return value
    return os.path.abspath(os.path.expanduser(value))


def with_possible_variants(table: dict[str, Any], source: str) -> dict[str, Any]:
    """The table without those of its variants that what was set has made impossible: nobody asked for them."""
    from backprop_tui.core.preset.preset import from_table

    def is_possible(variant: dict[str, Any]) -> bool:
        try:
            from_table({**table, "variants": [variant]}, source)
        except PresetError:
            return False
        return True

    variants = table.get("variants")
    if not isinstance(variants, list) or not all(isinstance(variant, dict) for variant in variants):
        return table
    try:
        from_table({name: value for name, value in table.items() if name != "variants"}, source)
    except PresetError:
        # What is wrong then is not the variants, and is to be told.
        return table
    return {**table, "variants": [variant for variant in variants if is_possible(variant)]}


def is_recording(argument: str) -> bool:
    """Whether `argument`, which is no built-in preset, is a recording: by its name, or by what it begins with."""
    if argument in presets.names() or is_own(argument) or is_url(argument):
        return False
    return argument.endswith(RECORDING) or (os.path.isfile(argument) and begins_as_sqlite(argument))


def begins_as_sqlite(path: str) -> bool:
    try:
        with open(path, "rb") as stream:
            return stream.read(len(SQLITE)) == SQLITE
    except OSError:
        return False


def recording_of(argument: str) -> "Recording":
    """The recording that `argument` names; raises PresetError, one line, where it cannot be read."""
    from backprop_tui.core.recording.reader import open_recording

    return open_recording(argument)


def is_file(argument: str) -> bool:
    """Whether `argument`, which is no built-in preset, is meant as a file."""
    return is_own(argument) or "/" in argument or argument.endswith(".toml") or os.path.lexists(argument)


def unknown(argument: str) -> str:
    """The message for a name that no preset has."""
    near = nearest(argument, presets.names())
    hint = f'; did you mean "{near}"?' if near else " and no such file;"
    return f"there is no preset {described(argument)}{hint} backprop-tui list shows all presets"


def handed_in(argument: str) -> str | None:
    """The id of the built-in preset that `verify-1` or `verify-1.json` means; None where a file is meant."""
    name = argument.removesuffix(".json")
    return name if name in presets.hand_ins() and not os.path.lexists(argument) else None


def step_of(argument: str) -> tuple[str | dict[str, Any], str]:
    """What `verify` is to read, and its name: a file, or the step beside a built-in preset."""
    name = handed_in(argument)
    return (argument, argument) if name is None else (json.loads(presets.hand_in(name)), f"{name}.json")


def gallery() -> list[GalleryEntry]:
    """All built-in presets, sorted by id."""
    return [entry(name) for name in presets.names()]


def entry(name: str) -> GalleryEntry:
    """One built-in preset, from its table alone."""
    import tomllib

    return entry_of(name, tomllib.loads(presets.text(name)))


def entry_of(name: str, table: dict[str, Any]) -> GalleryEntry:
    """A preset of that name from its table alone. Raises PresetError for one that is none."""
    preset = read(Preset, table, Place(name))
    layers = [layer for layer in preset.layers for _ in range(layer.repeat)]
    units, first = [layer.units for layer in layers], inputs(preset.data)
    shape = shape_text(first, units, [layer.activation for layer in layers])
    return GalleryEntry(name, preset.title, preset.summary, preset.tags, shape, (first, *units), preset.lesson)


SHIPPED_INPUTS = {"digits-8x8-images-idx3-ubyte.gz": 64}
"""How many inputs the files have that come with the program."""


def inputs(data: DataPreset) -> int | None:
    """How many inputs a network has on these data; None where only a file knows."""
    if data.path is not None:
        return SHIPPED_INPUTS.get(data.path)
    raw = len(data.inputs[0]) if data.inputs else INPUTS.get(data.kind, 2)
    return len(data.features) if raw == 2 else raw
