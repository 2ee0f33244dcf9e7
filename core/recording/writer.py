"""The writer of a recording: what it is given waits, and `commit` writes all of it in one short transaction.

Whoever is killed leaves a file with all that was committed. Between two commits nothing is locked, so readers never
wait for the training, nor it for them.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backprop_tui.core.preset.new_name import give_name

from .form import (
    BLOCK,
    LARGEST_ARRAY,
    LARGEST_FACTS,
    LARGEST_FILE,
    LARGEST_META,
    LARGEST_STEP,
    LEAST_LIMIT,
    LIMIT,
    LONGEST_NAME,
    MOST_LOSSES,
    MOST_NAMES,
    MOST_STEPS,
    ORIGINS,
)
from .loss_blocks import LossBlocks, Series
from .moment import now
from .packed import PORTION, pack, pack_bytes
from .plain import to_json
from .recording_file import PAGE, Row, connected, lay_out, meta_row, program, unwritable
from .thinning import superfluous

FULL, THINNED = 0.9, 0.75
"""The share of its limit at which a recording forgets kept steps, and the share that it comes down to."""
LARGEST_SHARE = 1 / 4
"""Of its limit, that one kept step may take; the arrays of a larger one are left out."""
OVERHEAD = 200
"""Bytes that an array takes in the file besides its own."""


class Writer:
    """Writes a recording: of `limit` bytes at most, beyond which it forgets kept steps, the older the sooner.

    For one thread at a time, and for the process that made it: in a child that was forked off it does nothing.
    Where the file cannot be written a method raises OSError; what waited goes on waiting.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, limit: int) -> None:
        self.path, self.limit = path, limit
        self.connection = connection
        self.process = os.getpid()
        self.closed = False
        self.losses: list[float] = []
        self.blocks = LossBlocks(most_losses(limit))
        self.meta: dict[str, str] = {}
        self.waiting: dict[int, list[Row]] = {}
        self.sizes: dict[int, int] = {}
        self.files: list[Row] = []

    @classmethod
    def create(cls, path: str | os.PathLike[str], origin: str, meta: Mapping[str, Any], limit: int = LIMIT) -> "Writer":
        """A new recording at `path`, of this `origin`, with these values besides.

        The file gets its name when it can be opened. Raises FileExistsError where something of that name is there,
        OSError where it cannot be written, ValueError for what no recording holds.
        """
        path = Path(path)
        if origin not in ORIGINS:
            raise ValueError(f"expected one of {', '.join(ORIGINS)}, found {origin}")
        if limit < LEAST_LIMIT:
            raise ValueError(f"expected a limit of {LEAST_LIMIT:,} bytes or more, found {limit:,}")
        values = {"origin": origin, "title": "", "program": program(), "started": now(), "ended": None}
        values |= {"limit": limit, "process": os.getpid(), "rewritten": 0} | dict(meta)
        texts = {name: to_json(value) for name, value in values.items()}
        check_meta(texts)
        part = path.with_name(f".backprop-tui-{token_hex(4)}.part")
        try:
            lay_out(part, texts)
            give_name(part, path)
        except OSError as problem:
            # It names the file in the making, of which nobody knows.
            raise type(problem)(problem.errno, problem.strerror, str(path)) from None
        finally:
            part.unlink(missing_ok=True)
        writer = cls(path, connected(path), limit)
        writer.meta = texts
        return writer

    @property
    def losses_known(self) -> int:
        """How many losses it has been given, less those that it was told to forget."""
        return self.blocks.count + len(self.losses)

    @property
    def ours(self) -> bool:
        """Whether this is the process that the file was opened in, and it is not closed."""
        return not self.closed and os.getpid() == self.process

    # What it is given

    def add_losses(self, losses: Sequence[float]) -> None:
        """The losses of the next steps."""
        if self.ours:
            self.losses.extend(losses)

    def begin_with(self, width: int, lows: Sequence[float] | Series, highs: Sequence[float] | Series) -> None:
        """The losses of the first steps, of which no more is known than the extremes of `width` steps each.

        `width` is a power of two; there are no others yet. Commits.
        """
        if not self.ours:
            return
        blocks = LossBlocks(self.blocks.most)
        with self.transaction():
            blocks.begin_with(width, np.array(lows), np.array(highs), self.connection)
        self.blocks = blocks

    def keep(
        self, step: int, seconds: float, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None
    ) -> bool:
        """Keep `step`, `seconds` after the start, with its small numbers and its arrays; whether the arrays are kept.

        They are not where they would take more than a quarter of the limit together; the facts then say so, among
        their `notes`. Step 0 is for what belongs to the whole run, and never goes. Arrays are packed at once, and may
        change afterwards.
        Raises ValueError for what no recording holds.
        """
        if not self.ours:
            return False
        if not 0 <= step <= LARGEST_STEP:
            raise ValueError(f"expected a step from 0 to {LARGEST_STEP}, found {step}")
        rows, size, kept = packed_rows(step, arrays or {}, int(self.limit * LARGEST_SHARE))
        if not kept:
            facts = {**facts, "notes": [*facts.get("notes", []), "its arrays are too large for the limit of the file"]}
        text = to_json(facts)
        if len(text.encode()) > LARGEST_FACTS:
            raise ValueError(f"facts of more than {LARGEST_FACTS:,} bytes")
        rows.insert(0, ("DELETE FROM arrays WHERE step = ?", (step,)))
        if step:
            steps = "INSERT OR REPLACE INTO steps (step, seconds, facts) VALUES (?, ?, ?)"
            rows.insert(1, (steps, (step, float(seconds), text)))
        self.waiting[step] = rows
        self.sizes[step] = size + len(text) + OVERHEAD
        return kept

    def set_meta(self, name: str, value: Any) -> None:
        """Give a value of the whole recording. Raises ValueError where all of them together become too large."""
        if not self.ours:
            return
        texts = {**self.meta, name: to_json(value)}
        check_meta(texts)
        self.meta = texts
        self.files.append(meta_row(name, texts[name]))

    def add_file(self, name: str, content: bytes) -> None:
        """Keep a file that the run was made from. Raises ValueError for one that is too large."""
        if not self.ours:
            return
        if len(content) > LARGEST_FILE or len(name.encode()) > LONGEST_NAME:
            raise ValueError(f"a file of more than {LARGEST_FILE:,} bytes, or with a long name")
        self.files.append(("INSERT OR REPLACE INTO files (name, data) VALUES (?, ?)", (name, pack_bytes(content))))

    def truncate(self, step: int) -> None:
        """Forget what lies behind `step`, as where another run branches off there; commits.

        Where losses are thinned, those of the entry that lies on both sides go as well: `losses_known` tells.
        """
        if not self.ours:
            return
        self.commit()
        blocks = self.blocks.copy()
        rewritten = int(self.meta["rewritten"]) + 1
        with self.transaction():
            blocks.cut(step, self.connection)
            for table in ("steps", "arrays"):
                self.connection.execute(f"DELETE FROM {table} WHERE step > ?", (step,))
            self.connection.execute(*meta_row("rewritten", str(rewritten)))
        self.blocks = blocks
        self.meta["rewritten"] = str(rewritten)
        self.sizes = {kept: size for kept, size in self.sizes.items() if kept <= step}

    # Writing

    def commit(self) -> None:
        """Write all that waits, so that others see it and nothing that happens to this process can undo it.

        Where another program is just writing into the file it goes on waiting, unless that has become much.
        """
        if not self.ours or not (self.losses or self.waiting or self.files):
            return
        try:
            self.write()
        except BlockingIOError:
            if sum(self.sizes[step] for step in self.waiting) + 8 * len(self.losses) > self.limit * LARGEST_SHARE:
                raise

    def write(self) -> None:
        """Write all that waits; raises BlockingIOError while another program writes into the file."""
        blocks = self.blocks.copy()
        forgotten = self.forgotten()
        with self.transaction():
            for table in ("steps", "arrays"):
                self.connection.executemany(f"DELETE FROM {table} WHERE step = ?", [(step,) for step in forgotten])
            for row in self.files:
                self.put(row)
            for step, rows in self.waiting.items():
                if step not in forgotten:
                    for row in rows:
                        self.put(row)
            if self.losses:
                blocks.add(self.losses, self.connection)
        self.blocks = blocks
        self.losses, self.waiting, self.files = [], {}, []
        for step in forgotten:
            del self.sizes[step]

    def put(self, row: Row) -> None:
        """Write a row; what is large in it, its last value, portion by portion, of which SQLite makes no copies."""
        statement, values = row
        data = values[-1]
        if not isinstance(data, bytes) or len(data) <= PORTION:
            self.connection.execute(statement, values)
            return
        table = statement.split()[4]
        place = self.connection.execute(f"{statement[: -len('?)')]}zeroblob(?))", (*values[:-1], len(data))).lastrowid
        assert place is not None
        with self.connection.blobopen(table, "data", place) as blob:
            for begin in range(0, len(data), PORTION):
                blob.write(data[begin : begin + PORTION])

    def forgotten(self) -> set[int]:
        """The kept steps that have to go, so that what waits finds room."""
        used = self.used() + sum(self.sizes[step] for step in self.waiting) + 2 * 8 * BLOCK
        kept = {step: size for step, size in self.sizes.items() if step}
        gone: set[int] = set()
        if len(kept) > MOST_STEPS:
            ones = dict.fromkeys(kept, 1)
            gone = set(superfluous(ones, len(kept) - int(MOST_STEPS * THINNED)))
            used -= sum(kept.pop(step) for step in gone)
        if used > FULL * self.limit:
            gone |= set(superfluous(kept, used - int(THINNED * self.limit)))
        return gone

    def used(self) -> int:
        """The bytes of the file that are in use."""
        try:
            pages, free = (
                self.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count")
            )
        except sqlite3.Error as problem:
            raise unwritable(self.path, problem) from None
        return int((pages - free) * PAGE)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written in it, or nothing."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self.connection.execute("COMMIT")
            except BaseException:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as problem:
            raise unwritable(self.path, problem) from None

    def close(self) -> None:
        """Commit, note when it ended, and leave one whole file; where readers have it open, a log beside it is left."""
        if not self.ours:
            return
        try:
            self.set_meta("ended", now())
            self.write()
            self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as problem:
            raise unwritable(self.path, problem) from None
        finally:
            self.closed = True
            self.connection.close()

    def give_up(self) -> None:
        """Write nothing any more; what was committed is there."""
        if self.ours:
            self.closed = True
            self.connection.close()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


def packed_rows(step: int, arrays: Mapping[str, NDArray[Any]], most: int) -> tuple[list[Row], int, bool]:
    """The rows of a step's arrays and the bytes that they take; no rows, and False, where that is more than `most`."""
    if len(arrays) > MOST_NAMES:
        raise ValueError(f"expected at most {MOST_NAMES:,} arrays a step, found {len(arrays):,}")
    rows: list[Row] = []
    size = 0
    for name, array in arrays.items():
        if len(name.encode()) > LONGEST_NAME or array.ndim > 8:
            raise ValueError(f"an array with a name of more than {LONGEST_NAME} bytes, or of more than 8 dimensions")
        # Whether packing makes it small enough is only looked at where it could.
        data = pack(array) if array.nbytes <= LARGEST_ARRAY else None
        if data is None or (size := size + taken(len(data))) > most:
            return [], 0, False
        rows.append(("INSERT OR REPLACE INTO arrays (step, name, data) VALUES (?, ?, ?)", (step, name, data)))
    return rows, size, True


def taken(length: int) -> int:
    """The bytes of the file that so many bytes of data take at most: long ones have pages of their own."""
    return length + OVERHEAD + (PAGE if length > PAGE // 2 else length // 2)


def most_losses(limit: int) -> int:
    """How many entries of losses a file of so many bytes holds: a power of two, and no more than a quarter of it."""
    most = MOST_LOSSES
    while most > 2 * BLOCK and most * 16 > limit // 4:
        most //= 2
    return most


def check_meta(texts: Mapping[str, str]) -> None:
    """Raises ValueError where the values of a recording are too many or too large."""
    size = sum(len(name.encode()) + len(text.encode()) for name, text in texts.items())
    if size > LARGEST_META or len(texts) > MOST_NAMES:
        raise ValueError(f"values of {size:,} bytes, the limit is {LARGEST_META:,}")
