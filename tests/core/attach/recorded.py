"""A recording as any SQLite client reads it, with nothing of the program's own reader."""

import io
import json
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np


@dataclass
class Recorded:
    meta: dict[str, Any] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    facts: dict[int, dict[str, Any]] = field(default_factory=dict)
    arrays: dict[int, dict[str, np.ndarray]] = field(default_factory=dict)


def recorded(path: Path) -> Recorded:
    found = Recorded()
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        found.meta = {name: json.loads(value) for name, value in connection.execute("SELECT * FROM meta")}
        for (low,) in connection.execute("SELECT low FROM losses ORDER BY first"):
            found.losses += unpacked(low).tolist()
        for step, facts in connection.execute("SELECT step, facts FROM steps ORDER BY step"):
            found.steps.append(step)
            found.facts[step], found.arrays[step] = json.loads(facts), {}
        for step, name, data in connection.execute("SELECT * FROM arrays WHERE step > 0"):
            found.arrays[step][name] = unpacked(data)
    return found


def unpacked(data: bytes) -> np.ndarray:
    array: np.ndarray = np.load(io.BytesIO(zlib.decompress(data)), allow_pickle=False)
    return array
