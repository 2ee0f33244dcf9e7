"""Recordings that are damaged, foreign, newer or made to harm: one line each, nothing run, nothing written."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.share import share

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording import own_run
from backprop_tui.core.recording.doorway import DAMAGED
from backprop_tui.core.recording.form import APPLICATION_ID, BLOCK, TABLES
from backprop_tui.core.recording.own_run import reopen
from backprop_tui.core.recording.packed import pack
from backprop_tui.core.recording.reader import Recording, open_recording
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.recording.writer import Writer
from backprop_tui.core.session.effort import BLINK
from backprop_tui.presets import folder, text

CUTS, OVERWRITES = share((6, 6), (200, 200))
MOST_MEMORY = 300 * 2**20


def made(path: Path) -> Path:
    """An attached recording with a bit of everything."""
    draw = np.random.default_rng(0)
    with Writer.create(path, "arrays", {"title": "mine", "modules": [{"number": 1}]}) as writer:
        writer.add_losses(draw.normal(size=3000).tolist())
        for step in (1, 10, 100):
            writer.keep(
                step, 0.5, {"learning_rate": 0.1}, {"θ/W": draw.normal(size=(40, 30)), "g/W": np.zeros((40, 30))}
            )
        writer.add_file("a.csv", b"1,2\n" * 3000)
    return path


def own(path: Path) -> Path:
    """A recording of a run of ours."""
    from backprop_tui.core.preset.preset import load_preset, parse
    from backprop_tui.core.session.session import Session

    session = Session(*load_preset(parse(text("xor"), "xor"), "xor", folder(), "xor"))
    with Recorder(session, path):
        session.advance(session.timeline.finish_of(220))
    return path


def read_all(path: Path) -> Recording:
    """Ask for everything that a recording has."""
    found = open_recording(path)
    found.losses.series()
    for step in (0, *found.steps):
        found.facts(step)
        found.seconds(step or 1)
        for name in found.names(step):
            found.array(step, name)
    found.file("a.csv")
    found.refresh()
    if found.origin == "preset":
        reopen(found).advance(1000)
    return found


def refused(path: Path) -> str:
    """The line that refuses a file; nothing beside it is written or taken away."""
    beside = sorted(path.parent.iterdir())
    content = path.read_bytes()
    with pytest.raises(PresetError) as raised:
        read_all(path)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)
    assert sorted(path.parent.iterdir()) == beside
    assert path.read_bytes() == content
    return str(raised.value).removeprefix(f"{path}: ")


def tampered(path: Path, *statements: str | tuple[str, tuple[object, ...]]) -> Path:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(*((statement,) if isinstance(statement, str) else statement))
    connection.close()
    return path


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    there = tmp_path_factory.mktemp("originals")
    return {"arrays": made(there / "arrays.backprop"), "preset": own(there / "preset.backprop")}


@pytest.fixture
def path(tmp_path: Path, originals: dict[str, Path]) -> Path:
    return Path(shutil.copy(originals["arrays"], tmp_path / "run.backprop"))


@pytest.mark.parametrize("origin", ["arrays", "preset"])
def test_cut_and_overwritten_files_are_read_or_refused(tmp_path: Path, originals: dict[str, Path], origin: str) -> None:
    draw = random.Random(1)
    content = originals[origin].read_bytes()
    path = tmp_path / "run.backprop"
    damages = [content[: draw.randrange(len(content))] for _ in range(CUTS)]
    for _ in range(OVERWRITES):
        begin, length = draw.randrange(len(content)), draw.choice([1, 16, 600, 5000])
        damages.append(content[:begin] + draw.randbytes(length) + content[begin + length :])
    refusals: list[str] = []
    for damaged in damages:
        path.write_bytes(damaged)
        try:
            read_all(path)
        except PresetError as problem:
            refusals.append(str(problem))
        assert [each.name for each in tmp_path.iterdir()] == ["run.backprop"]
        assert path.read_bytes() == damaged
    assert len(refusals) >= CUTS
    assert all(line.startswith(str(path)) and "\n" not in line for line in refusals)


def test_what_is_no_recording_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.backprop"
    for content, words in (
        (b"", "an empty file"),
        (b"title = 1", "another kind of file"),
        (b"SQLite format 3\0" + bytes(84), "another"),
        (random.Random(2).randbytes(5000), "another kind of file"),
    ):
        path.write_bytes(content)
        assert words in refused(path) or "damaged" in refused(path)
    path.unlink()
    tampered(path, "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT)")
    assert "another program" in refused(path)
    with pytest.raises(PresetError, match="no such file"):
        open_recording(tmp_path / "missing")
    with pytest.raises(PresetError, match="found a folder"):
        open_recording(tmp_path)
    with pytest.raises(PresetError, match="NUL"):
        open_recording("a\0b")


def test_a_newer_version_is_told(path: Path) -> None:
    tampered(path, "PRAGMA user_version = 2")
    assert refused(path) == "is a recording of version 2; this program reads up to version 1"


BUSY = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("CREATE TRIGGER t AFTER INSERT ON meta BEGIN SELECT 1; END", "a trigger"),
        (f"CREATE VIEW v AS {BUSY}", "a view"),
        ("CREATE INDEX i ON meta (abs(value))", "a index"),
        ("CREATE TABLE more (x)", "other tables"),
        ("ALTER TABLE meta ADD COLUMN more", "other tables"),
        ("DROP TABLE files", "other tables"),
        ("ALTER TABLE losses RENAME COLUMN low TO lowest", "other tables"),
    ],
)
def test_nothing_of_the_file_is_run(path: Path, statement: str, words: str) -> None:
    tampered(path, statement)
    assert words in refused(path)


def test_a_view_in_the_place_of_a_table_is_not_run(path: Path) -> None:
    tampered(
        path, "DROP TABLE steps", f"CREATE VIEW steps AS SELECT i AS step, 0 AS seconds, '' AS facts FROM ({BUSY})"
    )
    assert "a view" in refused(path)


def array(content: bytes) -> tuple[str, tuple[object, ...]]:
    return "UPDATE arrays SET data = ? WHERE step = 10 AND name = 'g/W'", (content,)


def header(shape: str, descr: str = "<f8") -> bytes:
    words = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words.encode()


HOSTILE_ARRAYS: dict[str, Callable[[], bytes]] = {
    "10 GB": lambda: zlib.compress(header("(1250000000,)")),
    "10 GB of nothing": lambda: zlib.compress(header("(0, 1000000000000000000, 999999999999999999)")),
    "bomb": lambda: zlib.compress(header("(2,)") + bytes(2**26)),
    "claimed bomb": lambda: zlib.compress(header("(1000000000,)") + bytes(2**26)),
    "pickle": lambda: zlib.compress(header("(1,)", "|O") + b"cos\nsystem\n"),
    "texts": lambda: zlib.compress(header("(1,)", "<U5") + bytes(20)),
    "cut": lambda: pack(np.ones(1000))[:-5],
    "wrong sum": lambda: pack(np.ones(1000))[:-1] + b"\0",
    "short": lambda: zlib.compress(header("(5,)") + bytes(8)),
    "more behind": lambda: pack(np.ones(3)) + b"more",
    "not packed": lambda: header("(1,)") + bytes(8),
    "empty": lambda: b"",
    "long header": lambda: zlib.compress(b"\x93NUMPY\x01\x00\xff\xff" + b" " * 2**16),
    "version 2": lambda: zlib.compress(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(200)),
}


def test_words_of_the_tables_that_are_not_utf_8_are_damage(path: Path) -> None:
    content = path.read_bytes()
    for created in TABLES.values():
        words = created.encode()
        assert words in content
        for place in (0, len(words) // 2, len(words) - 1):
            path.write_bytes(content.replace(words, words[:place] + b"\xff" + words[place + 1 :]))
            assert refused(path) in (DAMAGED, "holds other tables than a recording does: it is not opened")


@pytest.mark.parametrize("name", list(HOSTILE_ARRAYS))
def test_arrays_are_believed_in_nothing(path: Path, name: str) -> None:
    tampered(path, array(HOSTILE_ARRAYS[name]()))
    assert refused(path).startswith('"g/W" ')


BLOB = pack(np.ones(8))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE arrays SET data = 5 WHERE step = 10",
        "UPDATE arrays SET data = NULL WHERE step = 10",
        "UPDATE arrays SET name = x'ff00' WHERE name = 'g/W' AND step = 10",
        "UPDATE steps SET facts = 'no json'",
        "UPDATE steps SET facts = '[1]'",
        "UPDATE steps SET facts = NULL",
        "UPDATE steps SET facts = x'00ff'",
        "UPDATE steps SET facts = CAST(x'ff' AS TEXT)",
        "UPDATE steps SET seconds = 'soon'",
        "UPDATE steps SET step = -5 WHERE step = 1",
        "UPDATE steps SET step = 9223372036854775807 WHERE step = 100",
        "UPDATE meta SET value = 'no json'",
        "UPDATE meta SET value = '\"other\"' WHERE name = 'origin'",
        "UPDATE meta SET value = NULL WHERE name = 'title'",
        "DELETE FROM meta",
        "UPDATE losses SET width = 2",
        "UPDATE losses SET width = 'a'",
        "UPDATE losses SET width = 4611686018427387904",
        "UPDATE losses SET width = 0",
        "UPDATE losses SET width = 2, high = low WHERE first = 1025",
        "UPDATE losses SET first = first + 1",
        "UPDATE losses SET first = 2 WHERE first = 1",
        "UPDATE losses SET low = 1.5",
        "UPDATE losses SET low = NULL",
        ("INSERT INTO losses VALUES (500, 1, ?, NULL)", (BLOB,)),
        ("INSERT INTO losses VALUES (-5, 1, ?, NULL)", (BLOB,)),
        ("UPDATE losses SET low = ?", (pack(np.ones((2, 2))),)),
        ("UPDATE losses SET low = ?", (pack(np.ones(8, dtype=np.int8)),)),
        ("UPDATE losses SET low = ?", (pack(np.ones(BLOCK + 1)),)),
        ("UPDATE losses SET low = ?", (pack(np.empty(0)),)),
        ("UPDATE meta SET value = ? WHERE name = 'title'", ("[" * 200_000,)),
        ("UPDATE meta SET value = ? WHERE name = 'title'", ("[" + "[]," * 2_000_000 + "[]]",)),
        ("UPDATE steps SET facts = ?", ('{"a":' * 100_000 + "1" + "}" * 100_000,)),
        ("UPDATE steps SET facts = ?", (json.dumps({"a": "x" * 2**21}),)),
        ("UPDATE meta SET value = ? WHERE name = 'title'", ("9" * 10_000,)),
        lambda: ("UPDATE files SET data = ?", (zlib.compress(bytes(2**28)),)),
    ],
)
def test_columns_are_believed_in_nothing(path: Path, statement: Any) -> None:
    tampered(path, statement() if callable(statement) else statement)
    assert refused(path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE meta SET value = '5' WHERE name = 'preset'",
        "UPDATE meta SET value = '\"title = 1\"' WHERE name = 'preset'",
        "UPDATE meta SET value = '-1' WHERE name = 'seed'",
        "UPDATE meta SET value = '[[1]]' WHERE name = 'edits'",
        "UPDATE meta SET value = '[[5, \"W9[1,1]\", 0.5]]' WHERE name = 'edits'",
        "UPDATE meta SET value = '[[5, \"optimizer.learning_rate\", \"x\"]]' WHERE name = 'edits'",
        "UPDATE meta SET value = '[]' WHERE name = 'records'",
        "UPDATE meta SET value = '{\"steps\": 5}' WHERE name = 'records'",
        "DELETE FROM files",
        "DELETE FROM arrays WHERE step = 0 AND name = 'gradients/rows'",
        ("UPDATE arrays SET data = ? WHERE name = 'gradients/steps'", (pack(np.array([3, 2, 1])),)),
        ("UPDATE arrays SET data = ? WHERE name = 'gradients/rows'", (pack(np.ones((220, 3))),)),
        ("UPDATE arrays SET data = ? WHERE name = 'θ'", (pack(np.ones(5)),)),
        ("UPDATE arrays SET data = ? WHERE name = 'θ'", (pack(np.ones(33, dtype=np.float32)),)),
        ("UPDATE files SET data = ?", (zlib.compress(b'{"now": {}, "copies": []}'),)),
        ("UPDATE files SET data = ?", (zlib.compress(b"\xff"),)),
        ("UPDATE files SET data = ?", (zlib.compress(b"[" * 200_000),)),
    ],
)
def test_a_run_of_ours_is_believed_in_nothing(
    tmp_path: Path, originals: dict[str, Path], statement: str | tuple[str, tuple[object, ...]]
) -> None:
    path = Path(shutil.copy(originals["preset"], tmp_path / "run.backprop"))
    tampered(path, statement)
    assert refused(path)


def mutations(value: object) -> Iterator[object]:
    """The value with one of its parts replaced by something else."""
    for other in (None, -1, "x", [], {}, 1e300):
        yield other
    match value:
        case dict():
            for name in value:
                for other in mutations(value[name]):
                    yield {**value, name: other}
        case list() if value:
            for other in mutations(value[0]):
                yield [other, *value[1:]]


def test_what_a_diagnosis_has_seen_is_believed_in_nothing(tmp_path: Path, originals: dict[str, Path]) -> None:
    """Whatever stands there is refused, or goes on as a run; no other exception comes of it."""
    path = Path(shutil.copy(originals["preset"], tmp_path / "run.backprop"))
    known = json.loads(open_recording(path).file("diagnosis.json") or b"")
    known["copies"] = known["copies"][:1]
    changed = list(mutations(known))
    for mutation in random.Random(3).sample(changed, share(6, len(changed))):
        content = zlib.compress(json.dumps(mutation).encode())
        tampered(path, ("UPDATE files SET data = ? WHERE name = 'diagnosis.json'", (content,)))
        try:
            session = reopen(open_recording(path))
        except PresetError:
            continue
        session.advance(session.timeline.finish_of(260))
        session.findings()


def test_steps_that_nobody_ran_do_not_keep_anybody_waiting(
    tmp_path: Path, originals: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Path(shutil.copy(originals["preset"], tmp_path / "run.backprop"))
    monkeypatch.setattr(own_run, "WAIT", BLINK)
    low = pack(np.ones(8))
    tampered(path, "DELETE FROM losses", ("INSERT INTO losses VALUES (1, ?, ?, ?)", (2**45, low, low)))
    with suppress(PresetError):
        assert reopen(open_recording(path)).step < 10**6


def test_logs_beside_a_file_are_read_and_left(tmp_path: Path) -> None:
    """As of a writer that was killed, with the index of the log and without it."""
    writer = Writer.create(tmp_path / "a", "arrays", {})
    writer.add_losses([1.0, 2.0])
    writer.commit()
    for index in (True, False):
        there = tmp_path / f"killed-{index}"
        there.mkdir()
        for ending in ("", "-wal", "-shm") if index else ("", "-wal"):
            shutil.copy(tmp_path / f"a{ending}", there / f"run.backprop{ending}")
        before = {each.name: each.read_bytes() for each in there.iterdir()}
        assert open_recording(there / "run.backprop").losses.count == 2
        if index:
            # Killed right after the log was begun anew.
            os.truncate(there / "run.backprop-wal", 32)
            before["run.backprop-wal"] = before["run.backprop-wal"][:32]
            assert open_recording(there / "run.backprop").losses.count == 0
        assert {each.name: each.read_bytes() for each in there.iterdir()} == before
    (there / "run.backprop-wal").write_bytes(random.Random(4).randbytes(9000))
    assert open_recording(there / "run.backprop").losses.count == 0
    writer.close()


LIMITED = """
import sys
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.recording.reader import open_recording
try:
    found = open_recording(sys.argv[1])
    for step in found.steps:
        found.facts(step)
        for name in found.names(step):
            found.array(step, name)
    found.file("a.csv")
    print("read")
except PresetError as problem:
    print(problem)
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


MANY_TABLES = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN")
wide = ", ".join(f"c{i} TEXT DEFAULT 'x'" for i in range(1000))
for i in range(1500):
    connection.execute(f"CREATE TABLE t{i} ({wide})")
connection.execute("COMMIT")
connection.close()
"""


def many_tables(path: Path) -> None:
    """In a process of its own: what they take is more than SQLite may have here, once a recording has been read."""
    subprocess.run([sys.executable, "-c", MANY_TABLES, path], check=True)


WORST: dict[str, Callable[[Path], object]] = {
    "10 GB": lambda path: tampered(path, array(zlib.compress(header("(1250000000,)")))),
    "bomb": lambda path: tampered(path, array(zlib.compress(header("(25000000,)") + bytes(200_000_000), 1))),
    "meta": lambda path: tampered(path, ("UPDATE meta SET value = ?", ("[" + "{}," * 1_200_000 + "{}]",))),
    "one meta": lambda path: tampered(
        path, ("UPDATE meta SET value = ? WHERE name = 'title'", ("[" + "{}," * 1_300_000 + "{}]",))
    ),
    "large value": lambda path: tampered(path, "UPDATE meta SET value = zeroblob(400000000) WHERE name = 'title'"),
    "tables": many_tables,
}


@pytest.mark.skipif(sys.platform != "linux", reason="what a process took is told elsewhere otherwise")
@pytest.mark.parametrize("name", share(["bomb"], list(WORST)))
def test_no_file_takes_much_memory(path: Path, name: str) -> None:
    WORST[name](path)
    done = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, text=True, check=True)
    said, size = done.stdout.splitlines()
    assert said.startswith(str(path)) or name == "one meta"
    assert int(size) * 1024 < MOST_MEMORY


def test_the_tables_are_those_that_are_documented(path: Path) -> None:
    connection = sqlite3.connect(path)
    found = dict(connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"))
    assert found == dict(TABLES)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    connection.close()
