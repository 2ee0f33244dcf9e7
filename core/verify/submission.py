"""What a person hands in: arrays by name, and settings, from a `.npz`, a `.json`, a folder of `.csv`, or a mapping."""

import json
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.array_archive import read_archive
from backprop_tui.core.preset.control_characters import escaped
from backprop_tui.core.preset.named_file import LARGEST, NamedFile, size
from backprop_tui.core.preset.schema import Place, PresetError, described
from backprop_tui.core.value_class import dataclass

LARGEST_TEXT = 10**8
"""Bytes of a JSON or csv file; larger steps come as `.npz`."""
DOTTED = re.compile(r"(layers\.\d+|optimizer|loss|training)\.[a-z_0-9]+")
"""A setting under its path in a preset."""
WORD = re.compile(r"[A-Za-z_]\w*")

SETTINGS = {
    "activations": ("activations", "activation", "activation_functions", "nonlinearity", "nonlinearities"),
    "loss_kind": ("loss_kind", "loss_function", "loss_fn", "criterion", "loss_name", "loss_type", "cost_function"),
    "optimizer": ("optimizer", "optimiser", "optim"),
    "learning_rate": ("learning_rate", "lr", "eta", "η", "alpha", "step_size", "learningrate"),
    "momentum": ("momentum", "mu"),
    "beta": ("beta", "rho", "decay_rate"),
    "beta1": ("beta1", "beta_1"),
    "beta2": ("beta2", "beta_2"),
    "epsilon": ("epsilon", "eps"),
    "weight_decay": ("weight_decay", "wd"),
    "l1": ("l1", "lambda1", "lambda_1"),
    "l2": ("l2", "lambda", "lambda2", "lambda_2", "lam", "lambd", "reg", "reg_lambda", "λ"),
    "clip_norm": ("clip_norm", "max_norm", "max_grad_norm"),
    "clip_value": ("clip_value",),
    "ema": ("ema",),
    "bias_correction": ("bias_correction",),
    "epsilon_inside_sqrt": ("epsilon_inside_sqrt",),
    "train_biases": ("train_biases",),
    "step": ("step", "t", "iteration", "step_number"),
    "dropout": ("dropout", "dropout_rate", "p_drop", "drop_rate"),
    "keep_prob": ("keep_prob", "keep_probability", "p_keep", "keep"),
    "slope": ("slope", "negative_slope", "leak"),
}
"""Settings, and what they are called elsewhere, in lower case."""
OPTIMIZER_SETTINGS = (
    "momentum",
    "beta",
    "beta1",
    "beta2",
    "epsilon",
    "weight_decay",
    "l1",
    "l2",
    "clip_norm",
    "clip_value",
    "ema",
    "bias_correction",
    "epsilon_inside_sqrt",
    "train_biases",
)
TEXT_SETTINGS = ("activations", "loss_kind", "optimizer")
SETTING_NAMES = {alias: name for name, aliases in SETTINGS.items() for alias in aliases}


@dataclass(slots=True)
class Submission:
    """`arrays` by the names that the person gave them; `settings` by ours; `source` names it in messages.

    `sets`: settings that were given as dotted paths of a preset, KEY=VALUE.
    """

    source: str
    arrays: dict[str, NDArray[Any]]
    settings: dict[str, Any] = field(default_factory=dict)
    sets: tuple[str, ...] = ()

    def error(self, message: str) -> PresetError:
        return PresetError(f"{self.source}: {message}")


def read(source: str | os.PathLike[str] | Mapping[str, Any], name: str = "the mapping") -> Submission:
    """The hand-in of a file, a folder, or a mapping of arrays, which `name` is said of; raises PresetError for what is
    none.
    """
    if isinstance(source, Mapping):
        return submission(name, flat(source))
    path = Path(os.fspath(source))
    if path.is_dir():
        return submission(str(path), dict(tables(path)))
    if path.suffix.lower() == ".json":
        return submission(str(path), flat(document(path)))
    if path.suffix.lower() == ".npz" or path.exists():
        return submission(str(path), read_archive(NamedFile(path, Place(""), own=True)))
    raise PresetError(f"{escaped(str(path))}: there is no such file; expected a .npz or a .json file")


def document(path: Path) -> Mapping[str, Any]:
    """A JSON document."""
    file = NamedFile(path, Place(""), own=True)
    with file.opened(LARGEST_TEXT) as stream:
        content = stream.read(LARGEST_TEXT)
    try:
        found = json.loads(content)
    except RecursionError:
        raise file.error("expected a JSON object of matrices, found one that is nested too deep") from None
    except ValueError as problem:
        raise file.error(f"expected a JSON document, found something else: {problem}") from None
    if not isinstance(found, dict):
        raise file.error(f"expected a JSON object with a name for each matrix, found {described(found)}")
    return found


def tables(folder: Path) -> Iterator[tuple[str, Any]]:
    """The matrices of a folder of csv files, by the files' names; settings from its `settings.json`."""
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".csv")
    if not files:
        raise PresetError(f"{escaped(str(folder))}: expected a folder with a .csv file for each matrix, found none")
    texts = [text_of(path) for path in files]
    # A column of 1,5 looks as a row of two numbers does: what the other files have between numbers tells.
    commas = any(";" in text for text in texts)
    for path, text in zip(files, texts, strict=True):
        yield path.stem, table(path, text, decimal_commas=commas)
    settings = folder / "settings.json"
    if settings.exists():
        yield from flat(document(settings)).items()


def text_of(path: Path) -> str:
    """The text of a csv file."""
    file = NamedFile(path, Place(""), own=True)
    with file.opened(LARGEST_TEXT) as stream:
        content = stream.read(LARGEST_TEXT)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise file.error("expected text in UTF-8, found other bytes") from None


def table(path: Path, text: str, *, decimal_commas: bool) -> NDArray[np.float64]:
    """The numbers of a csv file, between commas, semicolons (then with decimal commas) or tabs."""
    file = NamedFile(path, Place(""), own=True)
    lines = [line for line in text.splitlines() if line.strip(" ,;\t")]
    marks = (";",) if decimal_commas else ("\t", ",")
    separator = next((mark for mark in marks if any(mark in line for line in lines)), marks[-1])
    rows = []
    for number, line in enumerate(lines, 1):
        cells = [cell.strip() for cell in line.rstrip(f"{separator} ").split(separator)]
        try:
            rows.append([float(cell.replace(",", ".") if separator == ";" else cell) for cell in cells])
        except ValueError:
            raise file.error(f"line {number}: expected numbers alone, found something else") from None
        if len(rows[-1]) != len(rows[0]):
            raise file.error(f"line {number}: expected {len(rows[0])} number(s), found {len(rows[-1])}")
    return np.array(rows)


def flat(found: Mapping[str, Any], above: str = "", depth: int = 0) -> dict[str, Any]:
    """Mappings within mappings as one, their names joined by dots; lists of matrices numbered from 1."""
    entries: dict[str, Any] = {}
    for key, value in found.items():
        name = f"{above}{key}"
        if isinstance(value, Mapping):
            if depth > 5:
                raise PresetError(f"{escaped(name)}: nested too deep; expected a matrix for each name")
            inner = above if key in ("arrays", "settings", "parameters", "params", "state_dict") else f"{name}."
            entries |= flat(value, inner, depth + 1)
        elif WORD.fullmatch(str(key)) and is_list_of_matrices(value):
            entries |= {f"{name}{place}": matrix for place, matrix in enumerate(value, 1)}
        else:
            entries[name] = value
    return entries


def is_list_of_matrices(value: Any) -> bool:
    """Whether it is a list of arrays of two axes: the weights of all layers, say."""
    if not isinstance(value, list | tuple) or not value or is_text(value):
        return False
    return all(depth_of(part) == 2 for part in value)


def depth_of(value: Any) -> int:
    """How many axes lists in lists, or an array, have."""
    depth = 0
    while isinstance(value, list | tuple) and value:
        depth, value = depth + 1, value[0]
    return depth + int(getattr(value, "ndim", 0))


def is_text(value: Any) -> bool:
    """Whether it is a text, or a list of texts."""
    if isinstance(value, str):
        return True
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(part, str) for part in value)


def submission(source: str, entries: Mapping[str, Any]) -> Submission:
    """Arrays and settings told apart."""
    source = escaped(source)
    found = Submission(source, {})
    names = {name.strip().lower().replace("_", "") for name in entries}
    total = 0
    for name, value in entries.items():
        array = as_array(value, name, source)
        total += array.nbytes
        if total > LARGEST:
            raise PresetError(f"{source}: its arrays would need {size(total)}, the limit is {size(LARGEST)}")
        setting = SETTING_NAMES.get(name.strip().lower().removeprefix("optimizer."))
        if DOTTED.fullmatch(name) and array.ndim == 0:
            found.sets += (f"{name}={toml_value(array)}",)
        elif array.dtype.kind in "US":
            if setting not in TEXT_SETTINGS:
                setting = "loss_kind" if name.strip().lower() in ("loss", "cost") else None
            if setting is None:
                raise PresetError(f"{source}: {described(name)}: expected numbers, found text")
            found.settings[setting] = words(array)
        elif setting and setting not in TEXT_SETTINGS and array.size == 1 and is_setting(name, array, names):
            found.settings[setting] = array.item()
        elif setting == "dropout" and array.ndim == 1:
            found.settings[setting] = array.tolist()
        else:
            found.arrays[name] = array
    return found


def toml_value(array: NDArray[Any]) -> str:
    """One value as TOML writes it."""
    value = words(array) if array.dtype.kind in "US" else array.item()
    return json.dumps(value) if isinstance(value, str) else repr(value).lower()


def is_setting(name: str, array: NDArray[Any], names: Collection[str]) -> bool:
    """Whether one number is a setting and no array of one entry: `beta1` may be batch norm's, `t` the targets."""
    plain = name.strip().lower().replace("_", "")
    if plain in ("beta1", "beta2"):
        return array.ndim == 0 or plain.replace("beta", "gamma") not in names
    return name.strip().lower() != "t" or array.ndim == 0


def words(array: NDArray[Any]) -> Any:
    """A text, or a list of texts."""
    if array.ndim == 0:
        return str(array.item() if array.dtype.kind == "U" else array.item().decode("utf-8", "replace"))
    return [words(part) for part in np.atleast_1d(array)]


def as_array(value: Any, name: str, source: str) -> NDArray[Any]:
    """Any array-like, a tensor too, as an array of numbers or texts; raises PresetError for what is neither."""
    wrong = f"{source}: {described(str(name))}: expected a matrix of numbers, "
    if hasattr(value, "detach"):
        value = value.detach().cpu()
    try:
        if isinstance(value, list | tuple) and not is_text(value):
            value = [[as_number(entry) for entry in row] if isinstance(row, list) else as_number(row) for row in value]
        array = np.asarray(value)
    except (ValueError, TypeError, OverflowError, RuntimeError):
        raise PresetError(f"{wrong}found rows of different lengths, or something that is no array") from None
    if array.dtype.kind == "b":
        array = array.astype(np.int64)
    if array.dtype.kind not in "iufUS" or (array.dtype.itemsize > 8 and array.dtype.kind == "f"):
        if array.dtype.kind == "f":
            return array.astype(np.float64)
        raise PresetError(f"{wrong}found {'null' if value is None else f'entries of type {array.dtype}'}")
    return array


def as_number(entry: Any) -> Any:
    """An entry of a list, where `"nan"` and the like are texts in strict JSON."""
    return float(entry) if isinstance(entry, str) and entry in ("nan", "inf", "-inf") else entry


def joined(names: Iterable[str]) -> str:
    return ", ".join(escaped(name) for name in names)
