"""Which kind of data a file holds, as `kind` of `[data]` calls it: by what it begins with, not by its name."""

from .array_header import MAGIC
from .idx_files import TYPES
from .named_file import NamedFile
from .packed_file import unpacked

ZIP = b"PK\x03\x04"
SQLITE = b"SQLite format 3\0"
BEGINNING = 4096
"""Bytes that are looked at."""
ARRAY = b".npy"
"""How the names in NumPy's archives end; a workbook is a zip archive too."""
TABLES_OF_TEXT = "csv"


def kind_of(file: NamedFile) -> str:
    """`npz` for NumPy's archives and arrays, `idx` for MNIST's files, else `csv`.

    Raises PresetError for what cannot be opened, and for a recording or a preset that was taken for data.
    """
    with unpacked(file) as stream:
        beginning = stream.read(BEGINNING)
    if beginning.startswith(SQLITE) and file.path.name.endswith(".backprop"):
        raise file.error(f"is a recording: backprop-tui {file.path} opens it")
    if file.path.name.endswith(".toml"):
        raise file.error(f"is a preset: backprop-tui {file.path} opens it, without --data")
    if beginning.startswith(MAGIC) or first_entry(beginning).endswith(ARRAY):
        return "npz"
    if beginning[:2] == bytes(2) and len(beginning) > 3 and beginning[2] in TYPES and 1 <= beginning[3] <= 4:
        return "idx"
    return TABLES_OF_TEXT


def first_entry(beginning: bytes) -> bytes:
    """The name of the first file in a zip archive, from its local header; b"" where it is none."""
    length = int.from_bytes(beginning[26:28], "little")
    return beginning[30 : 30 + length] if beginning.startswith(ZIP) else b""
