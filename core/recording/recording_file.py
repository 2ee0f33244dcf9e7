"""The file of a recording: laid out, and connected to for writing."""

import sqlite3
import sys
from collections.abc import Mapping
from errno import EAGAIN, EIO
from pathlib import Path

from .form import APPLICATION_ID, TABLES, VERSION

PATIENCE = 0.5
"""Seconds that a commit waits for another program that writes into the file, before it leaves it for the next."""
PAGE = 4096
LONGEST_LOG = 16 * 2**20
"""Bytes of the log beside the file, after which it is taken over into the file, and cut down to after a larger
transaction: taking over what every commit wrote would take as long as writing it."""

Row = tuple[str, tuple[object, ...]]


def meta_row(name: str, text: str) -> Row:
    """The statement that gives a recording a value, as JSON."""
    return "INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)", (name, text)


def lay_out(path: Path, meta: Mapping[str, str]) -> None:
    """Write a file with the tables of a recording and these values."""
    # sqlite3 opens what is there; a name that is taken is to be refused.
    path.open("x").close()
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        # Nobody waits for the disk: what has no name yet can be lost with the machine alone.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("BEGIN")
        for table in TABLES.values():
            connection.execute(table)
        for name, text in meta.items():
            connection.execute(*meta_row(name, text))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    except sqlite3.Error as problem:
        raise unwritable(path, problem) from None
    finally:
        connection.close()


def connected(path: Path) -> sqlite3.Connection:
    """A connection that writes into a recording, with a log that readers can read beside."""
    try:
        # A training may be closed in another thread than it runs in; `Writer` says that one at a time uses it.
        connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG // PAGE}")
        connection.execute(f"PRAGMA journal_size_limit = {LONGEST_LOG}")
        # From here on its log stands beside it, which tells readers that there is a writer.
        connection.execute("SELECT count(*) FROM meta").fetchone()
    except sqlite3.Error as problem:
        raise unwritable(path, problem) from None
    return connection


def unwritable(path: Path, problem: sqlite3.Error) -> OSError:
    """The error that says which file cannot be written, and what SQLite says of it."""
    if getattr(problem, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
        return BlockingIOError(EAGAIN, "is held by another program", str(path))
    return OSError(EIO, f"cannot be written: {problem}", str(path))


def program() -> str:
    """This program and its version, which stands in the package that core is a part of."""
    return f"backprop-tui {sys.modules['backprop_tui'].__version__}"
