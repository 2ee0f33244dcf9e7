"""What somebody has named in place of a preset, or of a step, that is neither, and the command that takes it."""

import os
import re
import shlex
from argparse import Namespace
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from backprop_tui import presets
from backprop_tui.core.preset.schema import Place, PresetError, described

from .command_words import OPEN, WITH_OWN_DATA
from .loading import DATA_ENDINGS, RECORDING, begins_as_sqlite, is_recording
from .own_words import is_own, is_url

BEGINNING = 4096
"""Bytes of a file that are looked at."""
MOST_ENTRIES = 1000
"""Names that are looked at, of an archive or a folder."""
ARRAY = ".npy"
PROGRAMS = (".py", ".ipynb")
OF_TORCH = (".pt", ".pth", ".ckpt", ".safetensors")
PARAMETER = re.compile(r"W[1-9][0-9]*|(.+\.)?weight")
GRADIENT = re.compile(r"d[AZWb][1-9][0-9]*|(.+\.)?weight\.grad|grad_.+")
SYMBOL = re.compile(r"X|Y|W[1-9][0-9]*|d[AZWb][1-9][0-9]*")
IN_JSON = re.compile(rb'"(W1|dW1|dZ1|0\.weight)"\s*:')
SEPARATORS = (",", ";", "\t")
STREAM = "-"


def misplaced(options: Namespace) -> str | None:
    """What is to be said of what was named in place of a preset, a step or data; None where nothing is."""
    command = options.command
    named = [*getattr(options, "presets", ()), *filter(None, (getattr(options, "preset", None),))]
    if command == "verify":
        return of_step(options.file) or next(filter(None, (of_preset(name, command) for name in named)), None)
    for name in named:
        if problem := of_preset(name, command):
            return problem
    if getattr(options, "data", None) is not None:
        return of_data(options.data, command)
    return None


def of_preset(argument: str, command: str) -> str | None:
    """What a word that is to name a preset names instead, and how that is opened."""
    if argument in presets.names() or is_own(argument) or is_url(argument) or is_recording(argument):
        return None
    if argument == STREAM:
        return f"a preset is read from a file, not from standard input: {typed('mine.toml', command)}"
    if os.path.isdir(argument):
        return of_folder(argument, command)
    if not os.path.isfile(argument) or argument.endswith(".toml"):
        return None
    if not os.path.getsize(argument):
        return f"{argument}: expected a preset, found an empty file; backprop-tui show xor > mine.toml makes one"
    kind, _ = kind_of(argument)
    return f"{argument} is no preset, but {kind}: {KINDS[kind](argument, command)}" if kind else None


def of_step(argument: str) -> str | None:
    """What a word that is to name a step names instead."""
    quoted, is_file = shlex.quote(argument), os.path.isfile(argument)
    kind = kind_of(argument)[0] if is_file else ""
    if is_built_in(argument) or (is_file and argument.endswith(".toml")):
        what, instead = "a preset", f"backprop-tui check {quoted} compares its gradient with central differences"
    elif is_file and begins_as_sqlite(argument):
        what, instead = "a recording", f"backprop-tui check {quoted} --step N compares its gradient at a step"
    elif kind in (PROGRAM, TORCH):
        what, instead = kind, KINDS[kind](argument, "verify")
    elif kind == DATA and not argument.endswith((".npz", ".json")):
        what, instead = "a table", "verify takes .npz, .json, or a folder with a .csv for each array, X.csv, W1.csv, …"
    else:
        return None
    return f"{argument} is {what}, and verify reads what your own code computed in a step: {instead}"


def of_data(argument: str, command: str) -> str | None:
    """What a word that is to name data names instead."""
    if os.path.isdir(argument):
        return of_folder(argument, command)
    if argument in presets.names() and not os.path.lexists(argument):
        return f"{argument} is a preset, not data: {typed(argument, command)}"
    if os.path.isfile(argument):
        if argument.endswith(".toml"):
            return f"{argument} is a preset, not data: {typed(argument, command)}"
        if begins_as_sqlite(argument) and argument.endswith(RECORDING):
            return f"{argument} is a recording, not data: {typed(argument, command)}"
        kind, sure = kind_of(argument)
        return f"{argument} is {kind}, not data: {KINDS[kind](argument, command)}" if kind != DATA and sure else None
    if "://" in argument:
        return f"{described(argument)} is a URL: data are read from a file, so save it first"
    return None


def is_built_in(argument: str) -> bool:
    """Whether a word names a preset that comes with the program, and neither a file nor a step beside a preset."""
    return argument in presets.names() and argument not in presets.hand_ins() and not os.path.lexists(argument)


def typed(argument: str, command: str, option: str = "") -> str:
    """The line that opens something: by the command that was typed, where it takes that."""
    word = "" if command == OPEN else f"{command} "
    option = f"{option} " if option else ""
    return f"backprop-tui {word}{option}{shlex.quote(argument)}"


# Kinds of files


def data_line(argument: str, command: str) -> str:
    if command in WITH_OWN_DATA:
        return f"{typed(argument, command, '--data')} opens it on a network that suits it"
    return f"backprop-tui show --data {shlex.quote(argument)} > mine.toml makes a preset of it"


def step_line(argument: str, command: str) -> str:
    return f"backprop-tui verify {shlex.quote(argument)} says what of it is right"


def weights_line(argument: str, command: str) -> str:
    setting = shlex.quote(f"training.start={argument}")
    return f"{typed('PRESET', command if command in WITH_OWN_DATA else OPEN)} --set {setting} goes on from them"


def torch_line(argument: str, command: str) -> str:
    return "np.savez writes its weights as arrays; see backprop-tui help weights"


def program_line(argument: str, command: str) -> str:
    return "backprop_tui.watch records what it trains; see backprop-tui help pytorch, or help numpy"


DATA, STEP, WEIGHTS, TORCH, PROGRAM = "data", "a step", "a file of weights", "a file of PyTorch", "a program"
KINDS: dict[str, Callable[[str, str], str]] = {
    DATA: data_line,
    STEP: step_line,
    WEIGHTS: weights_line,
    TORCH: torch_line,
    PROGRAM: program_line,
}
"""What a file may be, and what does something with it."""


def kind_of(path: str) -> tuple[str, bool]:
    """What a file is, by its name and by what it begins with, and whether that is sure; "" for none of these kinds."""
    ending = Path(path).suffix.lower()
    if ending in PROGRAMS:
        return PROGRAM, True
    if ending in OF_TORCH:
        return TORCH, True
    beginning = begins(path)
    if ending == ".npz" or beginning.startswith(b"PK"):
        names = entries(path)
        arrays = [name.removesuffix(ARRAY) for name in names if name.endswith(ARRAY)]
        return of_arrays(arrays) if ending == ".npz" or (arrays and len(arrays) == len(names)) else ("", False)
    if ending == ".json":
        return (STEP, True) if IN_JSON.search(beginning) else ("", False)
    if ending in DATA_ENDINGS or is_binary_data(path) or is_table(beginning):
        return DATA, False
    return "", False


def begins(path: str) -> bytes:
    with suppress(OSError), open(path, "rb") as stream:
        return stream.read(BEGINNING)
    return b""


def entries(path: str) -> list[str]:
    """The names in a zip archive; none where it is no archive."""
    from zipfile import BadZipFile, ZipFile  # Not needed to open.

    with suppress(OSError, BadZipFile, ValueError, NotImplementedError), ZipFile(path) as archive:
        return archive.namelist()[:MOST_ENTRIES]
    return []


def of_arrays(names: list[str]) -> tuple[str, bool]:
    """What arrays of these names are."""
    if any(map(GRADIENT.fullmatch, names)):
        return STEP, True
    if any(map(PARAMETER.fullmatch, names)):
        return (STEP, True) if {"X", "x", "inputs"} & set(names) else (WEIGHTS, True)
    return DATA, False


def is_binary_data(path: str) -> bool:
    """Whether a file is an array of NumPy's or of MNIST's, packed or not."""
    from backprop_tui.core.preset.file_kind import kind_of as data_kind
    from backprop_tui.core.preset.named_file import NamedFile

    try:
        return data_kind(NamedFile(Path(path), Place(""))) != "csv"
    except PresetError:
        return False


def is_table(beginning: bytes) -> bool:
    """Whether a text begins as a table does: two lines with as many of one separator, and no key of TOML."""
    try:
        text = beginning.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    lines = [line for line in text.splitlines()[:3] if line.strip()][:2]
    if len(lines) < 2 or any(re.match(r"\s*[\[#{]|\s*[\w.\"'-]+\s*=", line) for line in lines):
        return False
    return any(lines[0].count(sign) == lines[1].count(sign) > 0 for sign in SEPARATORS)


# Folders


def of_folder(folder: str, command: str) -> str:
    """What a folder has that can be opened, by one of its files, the newest."""
    found = sorted(islice(Path(folder).iterdir(), MOST_ENTRIES))
    if sum(path.suffix == ".csv" and bool(SYMBOL.fullmatch(path.stem)) for path in found) > 1:
        return f"{folder} is a folder with the arrays of a step: {step_line(folder, command)}"
    for ending, what in ((RECORDING, "a recording"), (".toml", "a preset")):
        if of_kind := [path for path in found if path.suffix == ending]:
            newest = max(of_kind, key=lambda path: path.lstat().st_mtime)
            return f"{folder}: expected a file, found a folder; in it is {what}: {typed(str(newest), command)}"
    for path in found:
        if path.is_file() and (path.suffix in DATA_ENDINGS or is_binary_data(str(path))):
            line = data_line(str(path), command)
            return f"{folder}: expected a file, found a folder; in it are data: {line}"
    return f"{folder}: expected a file, found a folder"
