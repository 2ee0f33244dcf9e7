"""Where a recording goes: a name that nothing has, since nothing that is there is written over."""

import os
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

FOLDER = "runs"
ENDING = ".backprop"


def paths(path: str | os.PathLike[str] | None) -> Iterator[Path]:
    """The names to try, in their order: `path`, or the date and time; then with -2, -3, … before the ending.

    Without a path, or with that of a folder, files are called by date and time; the folder is made.
    """
    first = Path(FOLDER) if path is None else Path(os.fspath(path))
    if path is None or first.is_dir():
        first = first / f"{datetime.now():%Y-%m-%d-%H%M%S}{ENDING}"
    first.parent.mkdir(parents=True, exist_ok=True)
    yield first
    for number in count(2):
        yield first.with_name(f"{first.stem}-{number}{first.suffix}")
