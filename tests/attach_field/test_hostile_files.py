"""What calls itself a recording and is none, or no whole one: one line, status 2, and the folder as it was."""

import io
import os
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui

from ..share import share
from .numpy_networks import WAYS, Network
from .program import is_one_line, program

COMMANDS = [
    ["diagnose", "--json", "--no-measure"],
    ["train", "--steps", "3", "--json"],
    ["explain"],
    ["check"],
    ["show"],
]
MEGABYTES = 300


def own_recording(path: Path) -> None:
    assert program("train", "xor", "--steps", 40, "--record", path).status == 0


def numpy_recording(path: Path) -> None:
    way = WAYS["tutorial in rows"]
    network = Network(way)
    run = backprop_tui.watch(
        parameters=network.parameters, activations=list(way.activations), loss=way.loss, path=path, every=2
    )
    for step in range(1, 41):
        X, Y = network.batch(step)
        loss, gradients = network.step(X, Y)
        network.update(gradients)
        run.step(loss, gradients=gradients, inputs=X, targets=Y)
    run.close()


@pytest.fixture(scope="module", params=[own_recording, numpy_recording], ids=["ours", "somebody's"])
def good(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A recording as it should be."""
    path = tmp_path_factory.mktemp("good") / "a.backprop"
    request.param(path)
    return path.read_bytes()


def folder_of(path: Path) -> dict[str, Any]:
    return {
        file.name: (file.read_bytes() if file.is_file() else None, os.stat(file).st_mtime_ns)
        for file in path.parent.iterdir()
    }


def is_refused(path: Path, commands: list[list[str]] = COMMANDS) -> None:
    __tracebackhide__ = True
    before = folder_of(path)
    for command, *options in commands:
        answer = program(command, path, *options)
        assert (answer.status, answer.out) == (2, ""), (command, answer)
        assert is_one_line(answer.err), (command, answer)
        assert path.name.isprintable() is False or path.name in answer.err
    assert folder_of(path) == before


def is_read_or_refused(path: Path) -> None:
    """What was spoilt may be where nobody looks, or only a number."""
    __tracebackhide__ = True
    before = folder_of(path)
    for command, *options in share(COMMANDS[:1], COMMANDS):
        answer = program(command, path, *options)
        assert answer.status in {0, 1, 2}, (command, answer)
        if answer.status == 2:
            assert is_one_line(answer.err), (command, answer)
            assert answer.out == ""
    assert folder_of(path) == before


NO_RECORDING: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"S",
    "text": b"step,loss\n1,0.5\n",
    "the name alone": b"SQLite format 3\x00",
    "a header of nothing": b"SQLite format 3\x00" + bytes(84),
    "zeros": bytes(8192),
    "an archive": b"PK\x03\x04" + bytes(200),
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
}


@pytest.mark.parametrize("name", NO_RECORDING)
def test_what_is_no_database(name: str, tmp_path: Path):
    path = tmp_path / "run.backprop"
    path.write_bytes(NO_RECORDING[name])
    is_refused(path)


def test_what_is_no_file(tmp_path: Path):
    folder = tmp_path / "folder.backprop"
    folder.mkdir()
    loop = tmp_path / "loop.backprop"
    loop.symlink_to(loop)
    pipe = tmp_path / "pipe.backprop"
    os.mkfifo(pipe)
    for path in (folder, loop, pipe, tmp_path / "none.backprop"):
        for command, *options in COMMANDS:
            answer = program(command, path, *options)
            assert (answer.status, answer.out) == (2, ""), (path, command, answer)
            assert is_one_line(answer.err), (path, command, answer)


def test_a_name_with_control_characters_is_shown(tmp_path: Path):
    path = tmp_path / "run\x1b[31m\n.backprop"
    path.write_bytes(b"no")
    is_refused(path)


FOREIGN = {
    "an empty database": "pragma user_version = 1",
    "other tables": "create table savings (amount); insert into savings values (7)",
    "another application": "pragma application_id = 1196444487; create table steps (step)",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_database_of_somebody_else(name: str, tmp_path: Path):
    path = tmp_path / "run.backprop"
    with sqlite3.connect(path) as database:
        database.executescript(FOREIGN[name])
    database.close()
    is_refused(path)


def changed(good: bytes, path: Path, script: str) -> Path:
    """The good recording, after somebody's own SQL."""
    path.write_bytes(good)
    with sqlite3.connect(path, isolation_level=None) as database:
        assert database.execute("pragma journal_mode = delete").fetchone() == ("delete",)
        database.executescript(script)
    database.close()
    return path


def tables_of(good: bytes, path: Path) -> list[str]:
    path.write_bytes(good)
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("pragma journal_mode = delete")
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
    database.close()
    path.unlink()
    return names


def test_another_application_id_or_a_newer_version(good: bytes, tmp_path: Path):
    is_refused(changed(good, tmp_path / "a.backprop", "pragma application_id = 7"))
    newer = changed(good, tmp_path / "b.backprop", "pragma user_version = 1000")
    is_refused(newer)
    assert any(word in program("diagnose", newer).err for word in ("newer", "1000"))


def test_a_table_is_missing_or_is_something_else(good: bytes, tmp_path: Path):
    """Each of them: dropped, emptied of its columns, or turned into a view that never ends."""
    for number, name in enumerate(tables_of(good, tmp_path / "look")):
        if name.startswith("sqlite_"):
            continue
        is_read_or_refused(changed(good, tmp_path / f"{number}a.backprop", f"drop table {name}"))
        wrong = f"drop table {name}; create table {name} (other); insert into {name} values (1)"
        is_refused(changed(good, tmp_path / f"{number}b.backprop", wrong), COMMANDS[:2])
        endless = (
            f"drop table {name}; create view {name} as "
            "with recursive n(x) as (select 1 union all select x + 1 from n) select x as step, x as loss from n"
        )
        is_refused(changed(good, tmp_path / f"{number}c.backprop", endless))


def test_triggers_and_views_do_nothing(good: bytes, tmp_path: Path):
    script = "create view extra as select randomblob(1000000000);"
    for number, name in enumerate(tables_of(good, tmp_path / "look")):
        for event in ("insert", "update", "delete"):
            script += f"create trigger t{number}{event} after {event} on {name} begin delete from {name}; end;"
    is_read_or_refused(changed(good, tmp_path / "a.backprop", script))


def columns_of(good: bytes, path: Path) -> list[tuple[str, str]]:
    path.write_bytes(good)
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("pragma journal_mode = delete")
        query = "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table'"
        names = [(table, column) for table, column in database.execute(query) if not table.startswith("sqlite_")]
    database.close()
    path.unlink()
    return names


VALUES = ["null", "9223372036854775807", "x'00ff'", "'[[[['"]
MORE = ["'words'", "-1", "1e999", "zeroblob(100)", "''"]


@pytest.mark.parametrize("value", share(VALUES[:1], VALUES + MORE))
def test_any_column_holds_something_else(value: str, good: bytes, tmp_path: Path):
    for number, (table, column) in enumerate(columns_of(good, tmp_path / "look")):
        script = f'update or ignore "{table}" set "{column}" = {value}'
        try:
            path = changed(good, tmp_path / f"{number}.backprop", script)
        except sqlite3.Error:
            continue  # The table itself does not take it.
        is_read_or_refused(path)


@pytest.mark.parametrize("number", range(share(12, 200)))
def test_cut_anywhere(number: int, good: bytes, tmp_path: Path):
    """Anywhere before the last page, of which nothing but its end may be missed."""
    path = tmp_path / "run.backprop"
    path.write_bytes(good[: int(np.random.default_rng(number).integers(1, len(good) - 4096))])
    is_refused(path, COMMANDS[:1] if number else COMMANDS)


@pytest.mark.parametrize("number", range(share(12, 200)))
def test_overwritten_anywhere(number: int, good: bytes, tmp_path: Path):
    random, spoilt = np.random.default_rng(number), bytearray(good)
    for _ in range(int(random.integers(1, 20))):
        place, length = int(random.integers(len(good))), int(random.integers(1, 60))
        spoilt[place : place + length] = random.bytes(length)
    path = tmp_path / "run.backprop"
    path.write_bytes(spoilt)
    is_read_or_refused(path)


def npy(header: str, data: bytes = b"", version: int = 1) -> bytes:
    """Bytes that call themselves an array."""
    length = len(header).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + header.encode() + data


def header(descr: str, shape: str) -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


class Harmful:
    """What is made of it when it is unpickled."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("executed",)


def pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([Harmful()], dtype=object), allow_pickle=True)
    return file.getvalue()


ARRAYS: dict[str, Callable[[], bytes]] = {
    "ten gigabytes, it says": lambda: npy(header("<f8", "(1000000000, 10)"), bytes(80)),
    "more than there is of anything": lambda: npy(header("<f8", "(9223372036854775807, 4)"), bytes(80)),
    "fewer than nothing": lambda: npy(header("<f8", "(-5, 2)"), bytes(80)),
    "a pickle": pickled,
    "code for a header": lambda: npy("__import__('os').mkdir('executed')\n"),
    "objects": lambda: npy(header("|O", "(1,)"), bytes(8)),
    "words": lambda: npy(header("<U4", "(5,)"), bytes(80)),
    "a header without an end": lambda: b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(99),
    "no array": lambda: b"hello",
    "nothing": lambda: b"",
}


def with_blobs(good: bytes, path: Path, blob: bytes) -> Path:
    """The good recording, with this in place of each array."""
    path.write_bytes(good)
    with sqlite3.connect(path, isolation_level=None) as database:
        database.execute("pragma journal_mode = delete")
        database.execute("update losses set low = ?", [blob])
        database.execute("update arrays set data = ?", [blob])
        database.execute("update files set data = ?", [blob])
    database.close()
    return path


@pytest.mark.parametrize("name", ARRAYS)
def test_what_calls_itself_an_array(name: str, good: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    is_refused(with_blobs(good, tmp_path / "run.backprop", zlib.compress(ARRAYS[name]())), COMMANDS[:1])
    is_read_or_refused(tmp_path / "run.backprop")
    is_refused(with_blobs(good, tmp_path / "run.backprop", ARRAYS[name]()), COMMANDS[:1])
    assert not (tmp_path / "executed").exists()


DIAGNOSED = """
import sys
from backprop_tui.tui import cli
status = cli.main(["diagnose", sys.argv[1]])
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
sys.exit(status)
"""


def peak_of(path: Path) -> tuple[int, int, str]:
    """The status of a diagnosis in a process of its own, the most memory that it had in MB, and what it said.

    What a process has used at most counts from its own start; what its parent used before is no part of it.
    """
    done = subprocess.run([sys.executable, "-c", DIAGNOSED, str(path)], capture_output=True, text=True, check=False)
    return done.returncode, int(done.stdout.split()[-1]) // 1024, done.stderr


@pytest.mark.parametrize("shape", share(["(5,)"], ["(62500000,)", "(5,)"]))
def test_an_array_that_grows_when_it_is_opened(shape: str, good: bytes, tmp_path: Path):
    """Half a gigabyte of zeros in half a megabyte."""
    pack, packed = zlib.compressobj(1), io.BytesIO()
    packed.write(pack.compress(npy(header("<f8", shape))))
    for _ in range(500):
        packed.write(pack.compress(bytes(1_000_000)))
    packed.write(pack.flush())
    status, peak, said = peak_of(with_blobs(good, tmp_path / "run.backprop", packed.getvalue()))
    assert status == 2
    assert is_one_line(said)
    assert peak < MEGABYTES
