"""The way into a recording that may be anybody's: a connection that cannot write, to a file that is one of ours.

SQLite itself looks at everything first; no statement of the file's own is ever run, since a file with anything but our
own tables, letter by letter, is refused.
"""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from urllib.parse import quote

from backprop_tui.core.preset.named_file import IRREGULAR
from backprop_tui.core.preset.schema import Place, PresetError

from .form import APPLICATION_ID, TABLES, VERSION

HEAP = 160 * 2**20
"""Bytes that SQLite may take in this process, whatever a file makes it look at."""
LONGEST_VALUE = 2**30
LOG_HEADER = 32
"""Bytes that a log begins with, before there is anything in it."""
PATIENCE = 2.0
"""Seconds that a reader waits for a writer that is just opening or closing the file."""
DAMAGED = "is damaged"
UNFIT = ("SQLITE_PROTOCOL", "SQLITE_BUSY", "SQLITE_BUSY_RECOVERY", "SQLITE_CANTOPEN", "SQLITE_READONLY_CANTINIT")
"""What SQLite says where it cannot read a log by the index that stands beside it."""


def error(path: Path, message: str) -> PresetError:
    return Place(str(path)).error(message)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to the recording at `path`, all of whose queries see the same state of it.

    It is there only while it is used, so that it holds up nobody, and what a writer leaves beside the file can go.
    Raises PresetError, with one line, for what is no recording, is damaged or is of a newer version.
    """
    check_regular(path)
    with ExitStack() as stack:
        try:
            try:
                connection = stack.enter_context(connected(where_it_is(path, stack), path))
            except sqlite3.OperationalError as problem:
                if name_of(problem) not in UNFIT:
                    raise
                # The index of a killed writer's log may be one that only a writer can mend: in a copy.
                connection = stack.enter_context(connected(copied(path, stack), path))
            yield connection
        except (sqlite3.Error, MemoryError, UnicodeError) as problem:
            raise error(path, in_words(problem)) from None


@contextmanager
def connected(uri: str, path: Path) -> Iterator[sqlite3.Connection]:
    """A guarded connection to a recording of ours, in a transaction that reads."""
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=PATIENCE)
    try:
        guard(connection)
        check_version(connection, path)
        connection.execute("BEGIN")
        check_tables(connection, path)
        yield connection
    finally:
        connection.close()


def check_regular(path: Path) -> None:
    """Raises PresetError where there is no file, or none that can be opened without waiting."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise error(path, "there is no such file") from None
    except OSError as problem:
        raise error(path, f"cannot be read: {problem.strerror or problem}") from None
    except ValueError:
        raise error(path, "expected a path without NUL characters") from None
    for is_kind, kind in IRREGULAR:
        if is_kind(mode):
            raise error(path, f"expected a file, found {kind}")


def log_of(path: Path) -> Path:
    """The log beside a recording, which is there while somebody writes, or was killed."""
    return path.with_name(path.name + "-wal")


def where_it_is(path: Path, stack: ExitStack) -> str:
    """The address by which SQLite reads a recording, and writes nothing, neither into it nor beside it.

    Without a log beside it, or with one that holds nothing yet, the file is all there is. With one SQLite wants the
    index of the log, of whose writer it reads it or which it makes for itself; where the index is missing it would
    write one, so it is given a copy.
    """
    if size_of(log_of(path)) <= LOG_HEADER:
        return address(path, "immutable=1")
    if size_of(path.with_name(path.name + "-shm")):
        return address(path, "readonly_shm=1")
    return copied(path, stack)


def copied(path: Path, stack: ExitStack) -> str:
    """The address of a copy of a recording and its log, which is there as long as `stack`."""
    copy = Path(stack.enter_context(TemporaryDirectory(prefix="backprop-tui-"))) / "copy"
    try:
        copyfile(path, copy)
        copyfile(log_of(path), log_of(copy))
    except OSError as problem:
        raise error(path, f"cannot be read: {problem.strerror or problem}") from None
    return f"file:{quote(str(copy))}?mode=rw"


def size_of(path: Path) -> int:
    """The bytes of a regular file; 0 where there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0


def address(path: Path, how: str) -> str:
    absolute = quote(path.absolute().as_posix(), errors="surrogateescape")
    return f"file://{'' if absolute.startswith('/') else '/'}{absolute}?mode=ro&{how}"


def guard(connection: sqlite3.Connection) -> None:
    """Let nothing in the file be run, and nothing that it claims take much memory."""
    connection.execute(f"PRAGMA hard_heap_limit = {HEAP}")
    for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
        connection.execute(f"PRAGMA {setting}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)


def check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises PresetError where the header is not that of a recording of a version that this program knows."""
    if connection.execute("PRAGMA application_id").fetchone() != (APPLICATION_ID,):
        raise error(path, "expected a recording, found a database of another program, or an empty file")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if not 1 <= version <= VERSION:
        newer = f"is a recording of version {version}; this program reads up to version {VERSION}"
        raise error(path, newer if version > VERSION else DAMAGED)


def check_tables(connection: sqlite3.Connection, path: Path) -> None:
    """Raises PresetError unless the file has our tables, and neither more nor others."""
    query = "SELECT type, name, sql FROM sqlite_schema WHERE length(sql) < 1000 OR sql IS NULL"
    found = connection.execute(query).fetchmany(100)
    (number,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    tables = {name: sql for kind, name, sql in found if kind == "table"}
    others = sorted({kind for kind, _, sql in found if sql is not None and kind != "table" and isinstance(kind, str)})
    if others:
        raise error(path, f"holds a {others[0]}, as no recording does: it is not opened")
    if tables != dict(TABLES) or number != len(found):
        raise error(path, "holds other tables than a recording does: it is not opened")


def check_integers(path: Path, *values: object) -> None:
    """Raises PresetError for what should be whole numbers and is not; SQLite lets anything stand in any column."""
    if not all(type(value) is int for value in values):
        raise error(path, DAMAGED)


def name_of(problem: sqlite3.Error) -> str:
    """SQLite's name of an error; empty for one that Python's own module raised, as of text that is not UTF-8."""
    return getattr(problem, "sqlite_errorname", "")


def in_words(problem: Exception) -> str:
    """What SQLite found wrong, in a few words."""
    if isinstance(problem, MemoryError):
        return "claims to hold more than can be read"
    if not isinstance(problem, sqlite3.Error):
        return DAMAGED
    match name_of(problem):
        case "SQLITE_NOTADB":
            return "expected a recording, found another kind of file"
        case "SQLITE_BUSY" | "SQLITE_BUSY_RECOVERY" | "SQLITE_LOCKED" | "SQLITE_PROTOCOL":
            return "is held by another program, or has a log beside it that is of another file"
        case "SQLITE_NOMEM" | "SQLITE_TOOBIG":
            return "claims to hold more than can be read"
        case name if name.startswith(("SQLITE_CORRUPT", "SQLITE_IOERR")) or not name:
            return DAMAGED
    return f"cannot be read: {problem}"
