"""Giving a finished file its name: nothing that is there is written over, and what is seen under the name is whole."""

import os
from pathlib import Path


def give_name(part: Path, path: Path) -> None:
    """Give the finished file `part` the name `path`, which nothing else may have.

    Raises FileExistsError where it is taken, OSError where it cannot be given.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # A file system without links: the name is taken by an empty file, which the finished one replaces.
        path.open("x").close()
        try:
            part.replace(path)
        except OSError:
            path.unlink(missing_ok=True)
            raise
