"""The reader of recordings, of anybody's: whatever is wrong with a file is one line, and nothing it claims is believed.

Every size is looked at before what has it is read. Nothing is written, neither into the file nor beside it.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .doorway import DAMAGED, check_integers, error, log_of, reading
from .form import (
    BLOCK,
    LARGEST_ARRAY,
    LARGEST_FACTS,
    LARGEST_FILE,
    LARGEST_META,
    LARGEST_STEP,
    LONGEST_NAME,
    MOST_LOSSES,
    MOST_NAMES,
    MOST_STEPS,
    ORIGINS,
)
from .packed import PackedError, Read, Unpacking, header_of, unpack, unpack_bytes
from .plain import from_json, numbers_back
from .recorded_losses import RecordedLosses

LARGEST_BLOCK = BLOCK * 8
LONGEST_QUOTE = 60
"""Characters of a name that a message shows."""
MOST_BLOCKS = 2 * MOST_LOSSES // BLOCK + 2

Block = tuple[int, int, NDArray[np.float64], NDArray[np.float64]]
Shape = tuple[tuple[int, ...], np.dtype[Any]]


def open_recording(path: str | os.PathLike[str]) -> "Recording":
    """The recording at `path`.

    Raises PresetError, with one line, for what is no recording, is damaged, is of a newer version, or has something in
    it that no recording has.
    """
    return Recording(Path(path))


class Recording:
    """A recording, as it was at the last `refresh`; arrays and facts are read when they are asked for.

    Whatever turns out damaged then raises PresetError, with one line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.meta: dict[str, Any] = {}
        self.steps: list[int] = []
        self.blocks: list[Block] = []
        self.losses = RecordedLosses(np.empty(0, np.int64), np.empty(0), np.empty(0))
        self.refresh()

    @property
    def origin(self) -> str:
        """What was recorded: `preset`, `torch` or `arrays`."""
        return str(self.meta["origin"])

    @property
    def title(self) -> str:
        return str(self.meta.get("title") or "")

    @property
    def ended(self) -> bool:
        """Whether the writer had come to its end when this was read."""
        return self.meta.get("ended") is not None

    @property
    def live(self) -> bool:
        """Whether somebody is still writing, as far as can be told."""
        return not self.ended and log_of(self.path).exists() and is_running(self.meta.get("process"))

    def loss(self, step: int) -> float | None:
        """The loss of a step, from 1; None where it is known only together with others, or not at all."""
        return self.losses.at(step)

    def refresh(self) -> bool:
        """Take in what has been written since; whether there was something."""
        with reading(self.path) as connection:
            meta = self.read_meta(connection)
            steps = self.read_steps(connection)
            blocks = self.read_blocks(connection, again=meta.get("rewritten") != self.meta.get("rewritten"))
        new = meta != self.meta or steps != self.steps or not same(blocks, self.blocks)
        self.meta, self.steps, self.blocks = meta, steps, blocks
        if new:
            self.losses = joined(blocks)
        return new

    def close(self) -> None:
        """Nothing is held between two calls; so there is nothing to let go."""

    def __enter__(self) -> "Recording":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    # Of a kept step

    def seconds(self, step: int) -> float | None:
        """The time of a kept step since the start; None for one that is not kept any more."""
        row = self.row("SELECT seconds FROM steps WHERE step = ?", step)
        if row is not None and not isinstance(row[0], float | int):
            raise error(self.path, DAMAGED)
        return None if row is None else float(row[0])

    def facts(self, step: int) -> dict[str, Any]:
        """The small numbers of a kept step; none of one that is not kept any more."""
        length = self.row("SELECT typeof(facts), length(CAST(facts AS BLOB)) FROM steps WHERE step = ?", step)
        if length is None:
            return {}
        if length[0] != "text" or length[1] > LARGEST_FACTS:
            raise error(self.path, DAMAGED)
        row = self.row("SELECT facts FROM steps WHERE step = ?", step)
        value = {} if row is None else self.value(row[0])
        if not isinstance(value, dict):
            raise error(self.path, DAMAGED)
        facts: dict[str, Any] = numbers_back(value)
        return facts

    def names(self, step: int) -> dict[str, Shape]:
        """The arrays of a step by name, with shape and type; step 0 has those of the whole run."""
        found: dict[str, Shape] = {}
        with reading(self.path) as connection:
            query = "SELECT rowid, name, typeof(data), length(data) FROM arrays WHERE step = ? AND length(name) <= ?"
            for place, name, kind, length in connection.execute(query, (step, LONGEST_NAME)).fetchmany(MOST_NAMES):
                if kind != "blob" or not isinstance(name, str):
                    raise error(self.path, DAMAGED)
                with self.told(name), connection.blobopen("arrays", "data", place, readonly=True) as blob:
                    header = header_of(Unpacking(blob.read, length), LARGEST_ARRAY)
                found[name] = header.shape, header.dtype
        return found

    def array(self, step: int, name: str) -> NDArray[Any] | None:
        """An array of a kept step, or of the whole run, step 0; None where there is none."""
        with reading(self.path) as connection:
            query = "SELECT rowid, typeof(data), length(data) FROM arrays WHERE step = ? AND name = ?"
            found = connection.execute(query, (step, name)).fetchone()
            if found is None:
                return None
            with self.told(name), packed_in(connection, "arrays", found) as (read, length):
                return unpack(read, length, LARGEST_ARRAY)

    def file(self, name: str) -> bytes | None:
        """The content of one of the files that the run was made from; None where there is none of that name."""
        with reading(self.path) as connection:
            query = "SELECT rowid, typeof(data), length(data) FROM files WHERE name = ?"
            found = connection.execute(query, (name,)).fetchone()
            if found is None:
                return None
            with self.told(name), packed_in(connection, "files", found) as (read, length):
                return unpack_bytes(read, length, LARGEST_FILE)

    # Reading

    @contextmanager
    def told(self, name: str) -> Iterator[None]:
        """Say which array or file it is that cannot be unpacked."""
        try:
            yield
        except PackedError as problem:
            raise error(self.path, f'"{name[:LONGEST_QUOTE]}" {problem}') from None

    def row(self, query: str, step: int) -> tuple[Any, ...] | None:
        """The first row that a query finds for a step."""
        with reading(self.path) as connection:
            found: tuple[Any, ...] | None = connection.execute(query, (step,)).fetchone()
            return found

    def value(self, text: object) -> Any:
        """The value of a JSON text of the file."""
        try:
            return from_json(text) if isinstance(text, str) else fail()
        except ValueError:
            raise error(self.path, DAMAGED) from None

    def read_meta(self, connection: sqlite3.Connection) -> dict[str, Any]:
        """The values of the whole recording, by name."""
        sizes = "SELECT count(*), total(length(CAST(name AS BLOB)) + length(CAST(value AS BLOB))) FROM meta"
        number, size = connection.execute(sizes).fetchone()
        if number > MOST_NAMES or size > LARGEST_META:
            raise error(self.path, DAMAGED)
        meta = {name: self.value(text) for name, text in connection.execute("SELECT name, value FROM meta")}
        if meta.get("origin") not in ORIGINS:
            raise error(self.path, DAMAGED)
        return meta

    def read_steps(self, connection: sqlite3.Connection) -> list[int]:
        """The kept steps, in order."""
        found = connection.execute("SELECT step FROM steps ORDER BY step").fetchmany(MOST_STEPS + 1)
        steps = [step for (step,) in found]
        if len(steps) > MOST_STEPS or (steps and not 1 <= steps[0] <= steps[-1] <= LARGEST_STEP):
            raise error(self.path, DAMAGED)
        return steps

    def read_blocks(self, connection: sqlite3.Connection, *, again: bool) -> list[Block]:
        """The blocks of losses: those that are known are not read again, but for the last two, which are filling."""
        known = {} if again else {block[:2]: block for block in self.blocks[:-2]}
        query = "SELECT first, width, length(low), length(high), typeof(low), typeof(high) FROM losses ORDER BY first"
        rows = connection.execute(query).fetchmany(MOST_BLOCKS + 1)
        if len(rows) > MOST_BLOCKS:
            raise error(self.path, DAMAGED)
        blocks: list[Block] = []
        following = 1
        for first, width, low, high, *kinds in rows:
            check_integers(self.path, first, width)
            if kinds != ["blob", "null" if width == 1 else "blob"] or not 1 <= width <= LARGEST_STEP:
                raise error(self.path, DAMAGED)
            if first != following:
                raise error(self.path, "its losses overlap or leave steps out")
            block = known.get((first, width)) or self.read_block(connection, first, width, low, high)
            blocks.append(block)
            following = first + width * len(block[2])
            if following > LARGEST_STEP:
                raise error(self.path, DAMAGED)
        return blocks

    def read_block(self, connection: sqlite3.Connection, first: int, width: int, low: int, high: int | None) -> Block:
        """One block of losses, whose minima and maxima are of so many bytes."""
        with self.told("losses"):
            lows, highs = (
                None if length is None else self.read_entries(connection, column, first, length)
                for column, length in (("low", low), ("high", high))
            )
        if lows is None or (highs is not None and len(highs) != len(lows)):
            raise error(self.path, DAMAGED)
        return first, width, lows, lows if highs is None else highs

    def read_entries(self, connection: sqlite3.Connection, column: str, first: int, length: int) -> NDArray[np.float64]:
        with connection.blobopen("losses", column, first, readonly=True) as blob:
            entries = unpack(blob.read, length, LARGEST_BLOCK)
        if entries.ndim != 1 or not 0 < len(entries) <= BLOCK or entries.dtype != np.float64:
            raise PackedError(DAMAGED)
        return entries


@contextmanager
def packed_in(connection: sqlite3.Connection, table: str, found: tuple[int, str, int]) -> Iterator[tuple[Read, int]]:
    """What reads the packed content of a row, and its length; raises PackedError where it is no content."""
    place, kind, length = found
    if kind != "blob":
        raise PackedError(DAMAGED)
    with connection.blobopen(table, "data", place, readonly=True) as blob:
        yield blob.read, length


def fail() -> None:
    raise ValueError("no text")


def joined(blocks: list[Block]) -> RecordedLosses:
    """The losses of all blocks."""
    if not blocks:
        return RecordedLosses(np.empty(0, np.int64), np.empty(0), np.empty(0))
    steps = [first - 1 + width * np.arange(1, len(lows) + 1, dtype=np.int64) for first, width, lows, _ in blocks]
    lows, highs = (np.concatenate([block[side] for block in blocks]) for side in (2, 3))
    return RecordedLosses(np.concatenate(steps), lows, highs)


def same(blocks: list[Block], others: list[Block]) -> bool:
    """Whether two readings found the same losses."""
    return len(blocks) == len(others) and all(
        block is other
        or (
            block[:2] == other[:2]
            and block[2].tobytes() + block[3].tobytes() == other[2].tobytes() + other[3].tobytes()
        )
        for block, other in zip(blocks, others, strict=True)
    )


def is_running(process: object) -> bool:
    """Whether there is such a process; where that cannot be asked without harm, yes."""
    if type(process) is not int or not 0 < process < 2**31 or os.name != "posix":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True
