"""How a watched loop may end: closed or not, by an exception or a signal, in a child; what may go wrong."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backprop_tui

from ..forked import Ended, forked
from ..share import share
from .program import program
from .recording import Recording

BEGINNING = """
import os, signal, sys
import numpy as np
import backprop_tui

W1, X = np.ones((2, 1)), np.ones((3, 2))

def attach(**settings):
    return backprop_tui.watch(parameters={"W1": W1}, **{"path": "a.backprop", **settings})

def go_on(run, first, last):
    for number in range(first, last + 1):
        W1[:] = -number
        run.step(1 / number, gradients={"W1": W1}, inputs=X)

run = attach()
"""
"""The loss of step N is 1 / N."""
Ran = Callable[[Path, str], Ended]


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    """Runs a script in a folder, with Python's warnings as they are for everybody."""
    with forked("import numpy, sqlite3, backprop_tui") as parent:
        yield lambda folder, script: parent.run(folder, BEGINNING + script)[0]


def whole(folder: Path, steps: int, name: str = "a.backprop") -> bool:
    """Whether there is one file, with these steps' losses."""
    assert [file.name for file in folder.iterdir()] == [name]
    return Recording(folder / name).losses() == {step: 1 / step for step in range(1, steps + 1)}


ENDINGS = {
    "never closed": ("go_on(run, 1, 50)", 0, ""),
    "closed": ("go_on(run, 1, 50); run.close()", 0, ""),
    "closed twice": ("go_on(run, 1, 50); run.close(); run.close()", 0, ""),
    "with": ("with run: go_on(run, 1, 50)", 0, ""),
    "sys.exit": ("go_on(run, 1, 50); sys.exit(3)", 3, ""),
    "exception": ("go_on(run, 1, 50); 1 / 0", 1, "ZeroDivisionError: division by zero"),
    "exception inside with": ("with run:\n    go_on(run, 1, 50)\n    1 / 0", 1, "ZeroDivisionError: division by zero"),
    "interrupted": ("go_on(run, 1, 50); raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt"),
    "in a function that has returned": (
        "def f():\n    go_on(attach(), 1, 50)\nrun.close()\nos.remove('a.backprop')\nf()",
        0,
        "",
    ),
    "forgotten": ("go_on(run, 1, 50); del run", 0, ""),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_however_it_ends_the_file_is_whole(ran: Ran, name: str, tmp_path: Path):
    script, status, last_line = ENDINGS[name]
    done = ran(tmp_path, script)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr.strip().rpartition("\n")[2] == last_line, done.stderr
    assert done.stderr.count("Traceback") == bool(last_line)
    assert whole(tmp_path, 50)


CHILDREN = {
    "exits": "go_on(run, 41, 60); sys.exit(0)",
    "exits at once": "os._exit(0)",
    "closes": "run.close(); os._exit(0)",
    "is killed": "go_on(run, 41, 60); os.kill(os.getpid(), signal.SIGKILL)",
    "attaches a run of its own": "own = attach(path='b.backprop'); go_on(own, 1, 5); own.close(); os._exit(0)",
}


@pytest.mark.parametrize("name", CHILDREN)
def test_a_forked_child_writes_nothing_into_the_run_of_its_parent(ran: Ran, name: str, tmp_path: Path):
    child = f"import os\nif os.fork() == 0:\n    {CHILDREN[name]}\n"
    done = ran(tmp_path, f"go_on(run, 1, 40)\n{child}os.wait()\ngo_on(run, 41, 80)\nrun.close()")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    if (own := tmp_path / "b.backprop").exists():
        assert len(Recording(own).losses()) == 5
        own.unlink()
    assert whole(tmp_path, 80)


def test_what_was_committed_before_os_exit_is_there(ran: Ran, tmp_path: Path):
    """Python gets no chance to write the rest; what is there is a beginning."""
    assert ran(tmp_path, "go_on(run, 1, 50); os._exit(0)").returncode == 0
    losses = Recording(tmp_path / "a.backprop").losses()
    assert losses == {step: 1 / step for step in range(1, len(losses) + 1)}
    assert program("diagnose", tmp_path / "a.backprop").status in {0, 2}


@pytest.mark.parametrize("number", range(share(2, 40)))
def test_killed_at_any_instant_the_file_opens(number: int, tmp_path: Path):
    """What is there is a beginning without a gap, and what a reader saw before the kill is still in it."""
    path = tmp_path / "a.backprop"
    script = "go_on(run, 1, 20)\nprint('ready', flush=True)\ngo_on(run, 21, 10**9)"
    command = [sys.executable, "-c", BEGINNING + script]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout
        process.stdout.readline()
        time.sleep(np.random.default_rng(number).uniform(0, 0.3))
        seen = len(Recording(path).losses())
        process.kill()
    losses = Recording(path).losses()
    assert len(losses) >= seen
    assert losses == {step: 1 / step for step in range(1, len(losses) + 1)}


def watched_loop(path: Any, trouble: Callable[[], None] = lambda: None, steps: int = 60, every: int = 3) -> list[str]:
    """Train with trouble half-way, and check that the loop has come to its end unharmed; the warnings."""
    weights = np.ones((4, 4))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        run = backprop_tui.watch(parameters={"W1": weights}, path=path, every=every)
        for number in range(1, steps + 1):
            weights -= 0.01
            run.step(1 / number, gradients={"W1": weights}, inputs=np.ones((2, 4)))
            if number == steps // 2:
                trouble()
        run.close()
    assert np.isclose(weights, 1 - 0.01 * steps).all()
    return [str(warning.message) for warning in heard]


def test_a_place_where_nothing_can_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")
    assert len(watched_loop(tmp_path / "file" / "a.backprop")) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("content", [b"my notes\n", b"SQLite format 3\x00 but not really" * 50])
def test_a_file_that_is_there_is_left_alone(content: bytes, tmp_path: Path):
    path = tmp_path / "notes.backprop"
    path.write_bytes(content)
    assert len(watched_loop(path)) <= 1
    assert path.read_bytes() == content


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path):
    path = tmp_path / "mine.backprop"
    with sqlite3.connect(path) as database:
        database.execute("create table savings (amount)")
    database.close()
    before = path.read_bytes()
    assert len(watched_loop(path)) <= 1
    assert path.read_bytes() == before


def test_an_earlier_recording_is_left_alone(tmp_path: Path):
    path = tmp_path / "a.backprop"
    assert watched_loop(path, steps=20) == []
    before = path.read_bytes()
    assert len(watched_loop(path)) <= 1
    assert path.read_bytes() == before


def test_the_file_is_deleted_on_the_way(tmp_path: Path):
    path = tmp_path / "a.backprop"
    assert len(watched_loop(path, path.unlink)) <= 1


def test_the_folder_is_deleted_on_the_way(tmp_path: Path):
    folder = tmp_path / "runs"
    folder.mkdir()

    def delete() -> None:
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()

    assert len(watched_loop(folder / "a.backprop", delete)) <= 1


def test_the_working_folder_changes_on_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A path is of where one was when the run began."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    assert watched_loop("a.backprop", lambda: monkeypatch.chdir(tmp_path / "two")) == []
    assert whole(tmp_path / "one", 60)
    assert list((tmp_path / "two").iterdir()) == []


def test_somebody_else_locks_the_file(tmp_path: Path):
    """The loop goes on; there is one warning where recording had to stop."""
    path = tmp_path / "a.backprop"
    other: list[sqlite3.Connection] = []

    def lock() -> None:
        other.append(sqlite3.connect(path, isolation_level=None, timeout=0))
        other[0].execute("begin immediate")

    heard = watched_loop(path, lock)
    other[0].close()
    assert len(heard) <= 1
    losses = Recording(path).losses()
    assert losses == {step: 1 / step for step in range(1, len(losses) + 1)}
    assert heard or len(losses) == 60


def test_the_disk_is_full(ran: Ran, tmp_path: Path):
    script = """
import resource
run.close()
os.remove("a.backprop")
W1 = np.ones((90, 90))
run = attach(every=1)
go_on(run, 1, 5)
resource.setrlimit(resource.RLIMIT_FSIZE, (120_000, 120_000))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for number in range(6, 40):
    W1[:] = np.random.default_rng(number).normal(size=W1.shape)
    run.step(1 / number, gradients={"W1": W1})
run.close()
print("the end")
"""
    done = ran(tmp_path, script)
    assert (done.returncode, done.stdout) == (0, "the end\n"), done.stderr
    assert done.stderr.count("Warning") == 1, done.stderr
    losses = Recording(tmp_path / "a.backprop").losses()
    assert losses == {step: 1 / step for step in range(1, len(losses) + 1)}


def test_steps_after_the_end_are_passed_over(tmp_path: Path):
    run = backprop_tui.watch(parameters={"W1": np.ones((2, 1))}, path=tmp_path / "a.backprop")
    run.step(1.0)
    run.close()
    run.step(0.5)
    run.close()
    assert whole(tmp_path, 1)


def test_nothing_was_ever_trained(tmp_path: Path):
    """A run without a step is a whole file too, of which there is little to say."""
    backprop_tui.watch(parameters={"W1": np.ones((2, 1))}, path=tmp_path / "a.backprop").close()
    assert Recording(tmp_path / "a.backprop").losses() == {}
    answer = program("diagnose", tmp_path / "a.backprop", "--json")
    assert answer.status in {0, 2}
    assert "Traceback" not in answer.err


def test_without_a_path_runs_are_called_by_date_and_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Two that begin in the same second are two files."""
    monkeypatch.chdir(tmp_path)
    runs = [backprop_tui.watch(parameters={"W1": np.ones((2, 1))}) for _ in range(3)]
    for number, run in enumerate(runs):
        run.step(float(number))
        run.close()
    files = sorted((tmp_path / "runs").iterdir())
    assert len(files) == 3
    assert all(re.fullmatch(r"\d{4}-?\d\d-?\d\d\D?\d\d\D?\d\d\D?\d\d.*\.backprop", file.name) for file in files)
    assert sorted(Recording(file).losses()[1] for file in files) == [0.0, 1.0, 2.0]
    assert [file.name for file in tmp_path.iterdir()] == ["runs"]
