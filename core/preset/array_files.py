"""Examples in NumPy's files (`.npz`, `.npy`): which of their arrays are what, and both parts as they stand there."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.value_class import dataclass

from .array_archive import array_file_header, read_archive, read_array_file, read_headers
from .array_entries import Tell, untold
from .array_header import Header
from .array_names import Found, NamesError, Shape, reading, roles
from .examples import BYTE, Examples, Inputs, refuse_large
from .file_pairs import held_out_of, targets_of
from .named_file import NamedFile, beside_file
from .readers import Column
from .stored_rows import StoredRows, stays

Array = NDArray[Any]
Names = tuple[str, ...]
ZIP = b"PK"
CHANNELS = (1, 3, 4)
"""Grey; red, green and blue; these with opacity."""
LAST_TAKEN = "the last column is taken for the target"
MOST_TOLD = 12
"""Names that a message lists."""


def read_npz(
    file: NamedFile,
    targets: Sequence[Column] = (),
    test: NamedFile | None = None,
    itemsize: int = 8,
    guess: bool = False,
    tell: Tell = untold,
) -> Examples:
    """The examples of a NumPy archive, or of an array file with what stands beside it; raises PresetError.

    `targets` are columns of a single array, by number from 1 (−1 is the last) or, of records, by name; or the name of
    the one array that is the targets. `test` is a file of the same form that is the test part. `itemsize`: bytes of the
    run's numbers. `guess`: whether the last column of a single array is taken for the target where none is named.
    """
    reader = Reader(tuple(targets), itemsize, guess, tell)
    examples = reader.examples(file)
    if test is not None:
        other = replace(reader, tell=untold, is_test=True).examples(test)
        examples = replace(
            examples,
            test_inputs=other.inputs,
            test_targets=other.targets,
            notes=(*examples.notes, f"the test part is {test.path.name}"),
        )
    return _checked(examples, file)


@dataclass(frozen=True, slots=True)
class Reader:
    """How the arrays of files are read: see `read_npz`. `is_test`: of the file that is the test part."""

    targets: tuple[Column, ...]
    itemsize: int
    guess: bool
    tell: Tell
    is_test: bool = False

    def examples(self, file: NamedFile) -> Examples:
        """The examples of one file, whichever of the two kinds it is."""
        with file.opened() as stream:
            is_archive = stream.read(len(ZIP)) == ZIP
        return self.archive(file) if is_archive else self.array_file(file)

    def archive(self, file: NamedFile) -> Examples:
        """Those of an archive: of arrays with names that say what they are, or of a single one."""
        headers = read_headers(file, lambda name: reading(name) is not None)
        data = {name: header for name, header in headers.items() if header.shape}
        if len(data) == 1:
            (name,) = data
            self.refuse([data[name]], file)
            return self.single(self.inputs(file, name, data[name]), file)
        found = self.found({name: header.shape for name, header in headers.items()}, file)
        self.refuse([headers[name] for name in (found.inputs, found.test_inputs) if name], file)
        arrays = read_archive(file, [name for name in (found.targets, found.test_targets, *found.names) if name])
        notes = [f'inputs are the array "{found.inputs}", targets "{found.targets}"']
        if found.test_inputs:
            notes.append(f'the test part is "{found.test_inputs}" and "{found.test_targets}"')
        if found.left:
            notes.append(f"arrays that are left out: {', '.join(found.left)}")
        examples = Examples(
            self.inputs(file, found.inputs, headers[found.inputs]),
            arrays[found.targets],
            self.inputs(file, found.test_inputs, headers[found.test_inputs]) if found.test_inputs else None,
            arrays.get(found.test_targets),
            feature_names=_words(arrays.get(found.feature_names)),
            class_names=_words(arrays.get(found.class_names)),
            notes=tuple(notes),
        )
        return as_rows(examples, {"inputs": found.inputs, "targets": found.targets}, file)

    def inputs(self, file: NamedFile, name: str, header: Header) -> Inputs:
        """An array of inputs, which stays in the file where it is large; of a `.npy` file where `name` is ""."""
        if stays(header):
            return StoredRows(file, name, header, self.tell)
        return read_archive(file, [name], self.tell)[name] if name else read_array_file(file, self.tell)

    def found(self, shapes: Mapping[str, Shape], file: NamedFile) -> Found:
        """What the arrays are; the targets are those that were named, if any were."""
        wanted = str(self.targets[0]) if self.targets else ""
        if wanted and (len(self.targets) > 1 or wanted not in shapes) and not self.is_test:
            choice = ", ".join(list(shapes)[:MOST_TOLD])
            raise file.error(f"expected the name of one of its arrays as targets, which are {choice}")
        try:
            return roles(shapes, wanted if wanted in shapes else "")
        except NamesError as problem:
            hidden = "expected arrays of inputs and of targets, called for example X and y, found others"
            raise file.error(str(problem) if file.own else hidden) from None

    def array_file(self, file: NamedFile) -> Examples:
        """Those of a `.npy` file: inputs with targets beside them, or one array that holds both."""
        array = self.of_file(file)
        targets = None if self.targets else beside_file(file, targets_of(file.path.name))
        if targets is None:
            return self.single(array, file)
        notes = [f"targets are in {targets.path.name}, beside {file.path.name}"]
        examples = Examples(array, read_array_file(targets))
        test = None if self.is_test else beside_file(file, held_out_of(file.path.name))
        test_targets = beside_file(test, targets_of(test.path.name)) if test else None
        if test and test_targets:
            examples = replace(examples, test_inputs=self.of_file(test), test_targets=read_array_file(test_targets))
            notes.append(f"the test part is in {test.path.name} and {test_targets.path.name}")
        named = {"inputs": file.path.name, "targets": targets.path.name}
        return as_rows(replace(examples, notes=tuple(notes)), named, file)

    def of_file(self, file: NamedFile) -> Inputs:
        """The array of a `.npy` file."""
        with file.opened() as stream:
            header = array_file_header(file, stream)
        self.refuse([header], file)
        return self.inputs(file, "", header)

    def single(self, array: Inputs, file: NamedFile) -> Examples:
        """Those of one array, some of whose columns are targets, or of one of records."""
        guessed: Column = 0
        if self.guess and not self.targets:
            guessed = array.dtype.names[-1] if array.dtype.names else -1
        targets = (guessed,) if guessed else self.targets
        is_table = isinstance(array, np.ndarray) and array.dtype.names is not None
        found = _records(array, file, targets) if is_table else _columns(array, file, targets)  # type: ignore[arg-type]
        if not guessed:
            return found
        note = f"the last column, {guessed}, is taken for the target" if is_table else LAST_TAKEN
        return replace(found, target_column=guessed, notes=(*found.notes, note))

    def refuse(self, headers: Sequence[Header], file: NamedFile) -> None:
        """Raises PresetError where the inputs, as they are read and as they are laid, would need more than 1 GB."""
        examples = sum(header.shape[0] for header in headers if header.shape)
        values = sum(prod(header.shape) for header in headers) // max(examples, 1)
        held = sum(header.bytes for header in headers if not stays(header))
        refuse_large(examples, values, file.place, self.itemsize, held)


def entries_in(file: NamedFile) -> int:
    """How many numbers the arrays of a file declare together."""
    with file.opened() as stream:
        if stream.read(len(ZIP)) != ZIP:
            return prod(array_file_header(file, stream).shape)
    return sum(prod(header.shape) for header in read_headers(file, lambda name: False).values())


def _columns(array: Inputs, file: NamedFile, targets: Sequence[Column]) -> Examples:
    """The examples of a table of numbers, (n, columns)."""
    if array.ndim != 2 or array.shape[1] < 2 or array.dtype.kind not in "fiub":
        raise file.error(
            f"expected inputs and targets, found one array of {array.dtype} {array.shape}; put the targets beside it "
            "(X.npy and y.npy), or save both with np.savez(FILE, X=…, y=…)"
        )
    columns = array.shape[1]
    if not targets:
        raise file.error(
            f"expected to be told which of the {columns} columns of its array are targets, such as targets = [-1]"
        )
    chosen = [_place_of(column, columns, file) for column in targets]
    others = [place for place in range(columns) if place not in chosen]
    if not others:
        raise file.error("every column is a target; expected at least one input column")
    names = tuple(f"x{place + 1}" for place in others)
    # The target is mostly at one of the ends: what is left is then a part of the array, and no copy.
    together = others[-1] - others[0] + 1 == len(others)
    kept: Any = slice(others[0], others[-1] + 1) if together else others
    known = array.columns(chosen).whole() if isinstance(array, StoredRows) else array[:, chosen]
    inputs = array.columns(kept) if isinstance(array, StoredRows) else array[:, kept]
    return Examples(inputs, known[:, 0] if len(chosen) == 1 else known, feature_names=names)


def _place_of(column: Column, columns: int, file: NamedFile) -> int:
    """The place, from 0, of a column that is named by its number."""
    if not isinstance(column, int) or not (1 <= column <= columns or -columns <= column < 0):
        raise file.error(f"expected numbers of columns from 1 to {columns}, or -1 for the last, found {column}")
    return column - 1 if column > 0 else columns + column


def _records(array: Array, file: NamedFile, targets: Sequence[Column]) -> Examples:
    """The examples of an array of records, whose fields are columns with names."""
    names = list(array.dtype.names or ())
    if not targets:
        raise file.error(f"expected to be told which of its fields are targets: {', '.join(names[:MOST_TOLD])}")
    chosen = []
    for column in targets:
        if isinstance(column, str) and column not in names:
            raise file.error(f'has no field "{column}"; the choice is {", ".join(names[:MOST_TOLD])}')
        chosen.append(column if isinstance(column, str) else names[_place_of(column, len(names), file)])
    others = tuple(name for name in names if name not in chosen)
    if not others:
        raise file.error("every field is a target; expected at least one that is an input")
    for name in others:
        if array.dtype[name].kind not in "fiub":
            raise file.error(f'the field "{name}" holds no numbers; save the table as csv, which has words encoded')
    inputs = np.stack([array[name].reshape(-1) for name in others], axis=1)
    known = [array[name].reshape(-1) for name in chosen]
    return Examples(inputs, known[0] if len(known) == 1 else np.stack(known, axis=1), feature_names=others)


def _words(array: Array | None) -> Names:
    return () if array is None or array.dtype.kind not in "US" else tuple(np.atleast_1d(array).astype(np.str_).tolist())


def as_rows(examples: Examples, names: Mapping[str, str], file: NamedFile) -> Examples:
    """The same with one row an example, whatever axes there were, checked to be numbers."""
    inputs, test = examples.inputs, examples.test_inputs
    for name, array in (("inputs", inputs), ("test_inputs", test)):
        if array is not None and (array.dtype.kind not in "fiub" or not array.ndim or not array.size):
            called = names.get(name, "the test part")
            raise file.error(f"{called}: expected numbers, one row an example, found {array.dtype} {array.shape}")
    notes, changes = list(examples.notes), dict[str, Any]()
    axes = inputs.shape[1:]
    order = tuple(range(len(axes)))
    if len(axes) > 1:
        order, changes["image_shape"], said = layout(axes)
        notes += [said] if said else []
        if inputs.dtype == np.uint8:
            changes["divisor"] = BYTE
            notes.append("pixels are bytes, divided by 255")
    if test is not None and test.shape[1:] != axes:
        raise file.error(f"expected test examples of shape {axes}, as the training part has, found {test.shape[1:]}")
    changes["inputs"] = _flattened(inputs, order)
    changes["test_inputs"] = None if test is None else _flattened(test, order)
    changes["targets"] = _target_rows(examples.targets, names["targets"], file)
    if examples.test_targets is not None:
        changes["test_targets"] = _target_rows(examples.test_targets, "the test part", file)
    return replace(examples, **changes, notes=tuple(notes))


def layout(axes: Shape) -> tuple[tuple[int, ...], tuple[int, int] | None, str]:
    """How examples of more than one axis are flattened: the order of their axes, the picture, and what is said of it.

    Channels, first or last, come one after the other, as PyTorch flattens them; the picture has them one below the
    other.
    """
    if len(axes) == 2:
        return (0, 1), (axes[0], axes[1]), ""
    if len(axes) == 3:
        first = axes[0] in CHANNELS and (axes[2] not in CHANNELS or axes[1] == axes[2])
        if first or axes[2] in CHANNELS:
            channels, height, width = axes if first else (axes[2], axes[0], axes[1])
            said = f"{channels} channels are flattened one after the other, and shown one below the other"
            return (0, 1, 2) if first else (2, 0, 1), (channels * height, width), said if channels > 1 else ""
    shape = " × ".join(map(str, axes))
    return tuple(range(len(axes))), None, f"examples of {shape} numbers are flattened, in their order"


def _flattened(array: Inputs, order: tuple[int, ...]) -> Inputs:
    """(n, …) as (n, features), the axes of an example in this order; no copy where they are in it already."""
    if isinstance(array, StoredRows):
        return array.flattened(order)
    return array.transpose(0, *(1 + axis for axis in order)).reshape(len(array), -1)


def _target_rows(targets: Array, name: str, file: NamedFile) -> Array:
    """Targets as (n,), or (n, outputs) where there are several an example."""
    rows = targets.reshape(len(targets), -1) if targets.ndim > 1 else targets
    if rows.ndim == 2 and rows.shape[1] == 1:
        rows = rows[:, 0]
    usable = "fiub" if rows.ndim > 1 else "fiubUS"
    if not targets.ndim or not targets.size or targets.dtype.kind not in usable:
        raise file.error(f"{name}: expected a class or numbers for each example, found {targets.dtype} {targets.shape}")
    return np.char.decode(rows, "utf-8", "replace") if rows.dtype.kind == "S" else rows


def _checked(examples: Examples, file: NamedFile) -> Examples:
    """The same, where parts fit together; raises PresetError where they do not."""
    pairs = (
        ("", examples.inputs, examples.targets),
        ("test ", examples.test_inputs, examples.test_targets),
    )
    for part, inputs, targets in pairs:
        if inputs is not None and targets is not None and len(inputs) != len(targets):
            raise file.error(f"{len(inputs):,} rows of {part}inputs, but {len(targets):,} of {part}targets")
    if examples.test_inputs is not None and examples.test_targets is not None:
        if examples.test_inputs.shape[1] != examples.inputs.shape[1]:
            raise file.error(
                f"expected {examples.inputs.shape[1]:,} inputs a test example, as the training part has, found "
                f"{examples.test_inputs.shape[1]:,}"
            )
        if examples.test_targets.shape[1:] != examples.targets.shape[1:]:
            raise file.error("expected as many targets a test example as the training part has")
    if examples.feature_names and len(examples.feature_names) != examples.inputs.shape[1]:
        return replace(examples, feature_names=())
    return examples
