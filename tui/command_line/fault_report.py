"""Reports of faults of this program: what went wrong, where, and in which run, in a file that can be sent to us."""

import os
import platform
import traceback
from contextlib import suppress
from itertools import count
from pathlib import Path
from tempfile import gettempdir

from backprop_tui import __version__
from backprop_tui.core.session.session import Session

from .new_file import write_new
from .visitor import is_visitor

PROGRAM = "backprop-tui"
LIBRARIES = ("textual", "numpy")
SHOWN = 80
"""Characters of an exception's own words that a line repeats."""

written: dict[tuple[str, ...], Path | None] = {}
"""The report of each fault that this process has met; None where none could be written."""


def report(error: BaseException, during: str, session: Session | None) -> str:
    """Report an exception, once for each place that it comes from; the line that tells of it, and of its report."""
    fault = identity(error)
    if fault not in written:
        try:
            text = report_text(error, during, session)
        except Exception as problem:
            text = f"during: {during}\n{in_words(error)}\nno more can be told: {in_words(problem)}\n"
        written[fault] = write(text)
    path = written[fault]
    if is_visitor():
        return f"{in_words(error)} (whoever serves this has a report of it)"
    where = "no report could be written" if path is None else f"report: {short(path)}"
    return f"{in_words(error)} ({where})"


def identity(error: BaseException) -> tuple[str, ...]:
    """What tells one fault from another: the kind of exception and the lines that it came through last."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return (type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames))


def in_words(error: BaseException) -> str:
    """The exception in one short line."""
    words = " ".join(str(error).split())
    if len(words) > SHOWN:
        words = words[: SHOWN - 1] + "…"
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def report_text(error: BaseException, during: str, session: Session | None) -> str:
    """The versions, the run and its position, and the traceback."""
    lines = [
        f"backprop-tui {__version__}, Python {platform.python_version()} on {platform.platform()}",
        ", ".join(f"{name} {version_of(name)}" for name in LIBRARIES),
        f"during: {during}",
        *run_lines(session),
        "",
        *"".join(traceback.format_exception(error)).splitlines(),
    ]
    return "\n".join(line.encode("utf-8", "backslashreplace").decode() for line in lines) + "\n"


def run_lines(session: Session | None) -> list[str]:
    """Which run it was, and where it stood, as far as it can still tell."""
    if session is None:
        return ["no run was open"]
    try:
        return position_lines(session)
    except Exception as problem:
        return [f"the run cannot tell where it stands: {in_words(problem)}"]


def position_lines(session: Session) -> list[str]:
    preset, position = session.preset, session.position
    edits = "; ".join(f"after step {edit.step}: {edit}" for edit in session.edits) or "none"
    op = "none" if session.op is None else session.op.name
    return [
        f"preset {preset.id or preset.source}, seed {session.seed}, edits: {edits}",
        f"epoch {position.epoch}, step {position.step}, {position.events} events of it, last op: {op}",
    ]


def version_of(package: str) -> str:
    # Not needed to open.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"


def write(text: str) -> Path | None:
    """A new file with a report, where the person's programs keep their state, else among the temporary files."""
    for folder in folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = free_name(folder)
            write_new(path, text)
        except (OSError, ValueError):
            continue
        return path
    return None


def free_name(folder: Path) -> Path:
    """The first name for a report that nothing has: a short one, since it is read in a line of the screen."""
    stem = "fault" if folder.name == PROGRAM else f"{PROGRAM}-fault"
    names = (folder / f"{stem}-{number}.txt" for number in count(1))
    return next(path for path in names if not os.path.lexists(path))


def folders() -> list[Path]:
    """Where a report may go, the best place first; somebody may have no home folder, and a machine no other."""
    from platformdirs import user_state_path  # Not needed while nothing goes wrong.

    found: list[Path] = []
    with suppress(RuntimeError):
        found.append(user_state_path(PROGRAM, appauthor=False))
    with suppress(OSError):
        found.append(Path(gettempdir()))
    return [path for path in found if path.is_absolute()]


def short(path: Path) -> str:
    """A path from the home folder on."""
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
