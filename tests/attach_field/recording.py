"""A recording as any SQLite client reads it, by what docs/recording.md says of its tables."""

import io
import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np


def array_of(data: bytes) -> Any:
    """An array of its compressed `.npy` bytes, which hold no pickles."""
    return np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False)


class Recording:
    """A recording, opened anew for each question, so that it can be asked while it is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        # Where nobody writes, SQLite is told so: else it leaves the files beside it that it would share with a writer.
        settings = "mode=ro" if self.path.with_name(f"{self.path.name}-wal").exists() else "immutable=1"
        with closing(sqlite3.connect(f"{self.path.as_uri()}?{settings}", uri=True)) as database:
            return database.execute(sql, values).fetchall()

    def losses(self) -> dict[int, float]:
        """The loss of each step. Wants none of them thinned."""
        losses = {}
        for first, width, low, _ in self.query("select first, width, low, high from losses order by first"):
            assert width == 1
            losses |= {first + number: float(loss) for number, loss in enumerate(array_of(low))}
        return losses

    def kept(self) -> list[int]:
        """The steps of which more than the loss is there."""
        return [step for (step,) in self.query("select step from steps order by step")]

    def facts(self, step: int) -> Any:
        ((facts,),) = self.query("select facts from steps where step = ?", step)
        return json.loads(facts)

    def about(self) -> dict[str, Any]:
        return {name: json.loads(value) for name, value in self.query("select name, value from meta")}

    def arrays(self, step: int) -> dict[str, Any]:
        """All arrays of a kept step, by their names."""
        return {name: array_of(data) for name, data in self.query("select name, data from arrays where step = ?", step)}
