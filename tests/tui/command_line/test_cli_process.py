"""The command line as a process: what it imports, how it ends, and how it opens the app."""

import fcntl
import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from types import ModuleType

import pytest

from backprop_tui import __version__, presets
from backprop_tui.core.session.session import Session
from backprop_tui.tui import cli
from backprop_tui.tui.command_line import commands, progress

from ...share import share

PROGRAM = [sys.executable, "-m", "backprop_tui"]
ENDLESS = ["train", "xor", "--steps", "1000000000"]


IMPORTED = """import json, sys
from backprop_tui.tui.cli import main
for line in json.loads(sys.argv[1]):
    try:
        status = main(line)
    except SystemExit as ended:
        status = ended.code
    assert not status, line
    print(json.dumps([name for name in sys.modules if "." not in name]), file=sys.stderr)
"""


def imported_by(*lines: list[str]) -> list[set[str]]:
    """The modules that command lines have imported, in one process: what the first of them needs, and so on."""
    command = [sys.executable, "-c", IMPORTED, json.dumps(lines)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [set(json.loads(line)) for line in done.stderr.splitlines()]


def test_headless_commands_never_import_the_screen():
    train = ["train", "xor", "--steps", "3", "--ascii"]
    found = imported_by(["list"], ["list", "--json"], ["show", "xor"], train, ["explain", "xor"])
    assert len(found) == 5
    assert not [names for names in found if names & {"textual", "rich"}]
    assert "numpy" in found[3]


def test_what_needs_no_arithmetic_does_not_import_it():
    found = imported_by(["--help"], ["--version"], ["train", "--help"], ["list"])
    assert len(found) == 4
    assert not [names for names in found if names & {"numpy", "textual"}]


def test_one_thread_for_products_unless_the_user_says_otherwise(monkeypatch):
    for name in cli.BLAS_THREADS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    cli.main(["--version"])
    assert [os.environ[name] for name in cli.BLAS_THREADS] == ["1", "3", "1"]


def test_the_module_is_the_program():
    done = subprocess.run([*PROGRAM, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"backprop-tui {__version__}\n"


# Endings

READY = """import signal, sys
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), {disposition})
from backprop_tui.core.session import run
from backprop_tui.__main__ import main
original = run.next_stop
def next_stop(*arguments):
    sys.stderr.write("."); sys.stderr.flush()
    return original(*arguments)
run.next_stop = next_stop
sys.exit(main())
"""


def training(disposition: str) -> subprocess.Popen[bytes]:
    """An endless run that is under way, in a process that began with that disposition of the signals."""
    command = [sys.executable, "-c", READY.format(disposition=disposition), *ENDLESS]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stderr is not None
    assert process.stderr.read(1) == b"."
    return process


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_training_with_its_status(number, status):
    with training("signal.SIG_DFL") as process:
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == status
    assert out == b""
    assert not err.strip(b".")


def test_a_run_under_nohup_goes_on():
    with training("signal.SIG_IGN") as process:
        process.send_signal(signal.SIGHUP)
        assert process.stderr is not None
        assert process.stderr.read(2) == b".."
        assert process.poll() is None
        process.kill()
        process.communicate()


NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DURING = list(product([["xor"], ENDLESS], ["argparse", "numpy.linalg"], NUMBERS))


# By default each signal in each import, of the app or of a command.
@pytest.mark.parametrize(("command", "imported", "number"), share([*DURING[:6:2], *DURING[7::2]], DURING))
def test_a_signal_during_an_import_ends_it_without_a_word(number, imported, command):
    # Python says on standard error what it has imported.
    arguments = [sys.executable, "-X", "importtime", "-m", "backprop_tui", *command]
    begin = partial(signal.signal, number, signal.SIG_DFL)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "bufsize": 0}
    with subprocess.Popen(arguments, **streams, preexec_fn=begin) as process:
        if hasattr(fcntl, "F_SETPIPE_SZ"):
            # However long this one is held up, the other gets no further ahead than a page of what nobody has read.
            fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        for line in process.stderr:
            if line.split(b"|")[-1].strip() == imported.encode():
                break
        process.send_signal(number)
        out, err = process.communicate()
    assert process.returncode == 128 + number
    assert out == b""
    assert all(line.startswith(b"import time:") for line in err.splitlines())


def test_what_is_to_be_finished_first_is_finished():
    script = """import os, signal, time
from backprop_tui.tui.command_line import leaving
leaving.answer_signals()
with leaving.FINISHED_FIRST:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.3)
    os.write(1, b"all of it")
time.sleep(60)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (143, b"all of it", b"")


def test_a_run_outlives_the_terminal_of_its_progress_bar():
    ours, theirs = pty.openpty()
    begin = partial(signal.signal, signal.SIGHUP, signal.SIG_IGN)
    command = [*PROGRAM, "train", "digits", "--steps", "200", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, preexec_fn=begin) as process:
        os.close(theirs)
        assert os.read(ours, 1) == b"\r"
        os.close(ours)
        out, _ = process.communicate()
    assert json.loads(out)
    assert process.returncode == 0


def test_signals_are_as_before_afterwards():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    cli.main(["--version"])
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


@pytest.mark.parametrize("argv", [["list"], ["--help"], ["explain", "digits", "--format", "json"]])
def test_a_reader_that_has_gone_away_is_no_error(argv):
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*PROGRAM, *argv], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_said():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*PROGRAM, "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("backprop-tui: standard output: ")
    assert done.stderr.count("\n") == 1


# The progress bar


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_that_goes_away(monkeypatch):
    screen, clock = Screen(), iter(range(100))
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(progress, "get_terminal_size", lambda: os.terminal_size((80, 24)))
    with suppress(ZeroDivisionError), progress.Progress(1000) as shown:
        shown(250, 0.125)
        raise ZeroDivisionError
    pictures = screen.getvalue().split("\r")
    assert pictures[1].rstrip() == "[#####...............] 250/1,000 steps  loss 0.125  250 steps/s  0:03 left"
    assert [len(picture) for picture in pictures] == [0, 79, 79, 0, 0]
    assert not pictures[2].strip()


def test_progress_fits_a_narrow_terminal(monkeypatch):
    screen, clock = Screen(), iter(range(100))
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "monotonic", lambda: float(next(clock)))
    monkeypatch.setattr(progress, "get_terminal_size", lambda: os.terminal_size((20, 5)))
    with progress.Progress(1000) as shown:
        shown(250, 0.125)
    assert max(map(len, screen.getvalue().split("\r"))) == 19


WORKING = {
    "check": (["check", "by-hand"], "parameters"),
    "explain": (["explain", "by-hand"], "ops"),
    "latex": (["explain", "by-hand", "--format", "latex"], "ops"),
    "worksheet": (["explain", "by-hand", "--worksheet"], "ops"),
    "a weight": (["explain", "by-hand", "--weight", "W1[1,1]"], "ops"),
    "a late step": (["explain", "spiral", "--step", "2000"], "steps"),
    "the check of a late step": (["check", "spiral", "--step", "2000"], "steps"),
    "estimate": (["estimate", "by-hand", "--budget", "20"], "passes"),
}


@pytest.mark.parametrize("case", WORKING)
def test_what_may_take_long_shows_its_progress_on_a_terminal(monkeypatch, capsys, case):
    argv, what = WORKING[case]
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    monkeypatch.setattr(commands, "PROGRESS_SECONDS", 0.0)
    assert cli.main(argv) == 0
    without = capsys.readouterr()
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    assert cli.main(argv) == 0
    pictures = [picture for picture in screen.getvalue().split("\r") if picture.strip()]
    assert [picture for picture in pictures if re.search(rf"\] [\d,]+/[\d,]+ {what}", picture)]
    counts = [re.search(r"\] ([\d,]+)/([\d,]+) (\w+)", picture).groups() for picture in pictures]
    assert all(int(done.replace(",", "")) <= int(of.replace(",", "")) for done, of, _ in counts)
    assert without.err == ""
    if case != "estimate":
        assert capsys.readouterr().out == without.out


def test_no_progress_without_a_terminal(capsys):
    with progress.Progress(10) as shown:
        time.sleep(2 * progress.INTERVAL)
        shown(5, 1.0)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0:00"), (61, "1:01"), (3723, "1:02:03")])
def test_durations(seconds, text):
    assert progress.duration(seconds) == text


# The app


@dataclass(frozen=True)
class AppRequest:
    preset: str | None
    settings: tuple[str, ...]
    seed: int | None
    fps: int | None
    ascii: bool
    hide: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    config: object = field(default=None, compare=False)


@pytest.fixture
def opened(monkeypatch):
    """The requests that reach the app, which stands behind a terminal."""
    requests: list[AppRequest] = []

    def run_app(request: AppRequest, session: Session | None) -> int:
        assert (session is None) == (request.preset is None)
        requests.append(request)
        return 143

    app = ModuleType("backprop_tui.tui.app")
    start = ModuleType("backprop_tui.tui.start")
    vars(app).update(AppRequest=AppRequest)
    vars(start).update(run_app=run_app)
    monkeypatch.setitem(sys.modules, "backprop_tui.tui.app", app)
    monkeypatch.setitem(sys.modules, "backprop_tui.tui.start", start)
    monkeypatch.setattr(cli, "lacking", lambda: "")
    monkeypatch.delenv("TEXTUAL_FPS", raising=False)
    return requests


def test_the_app_is_asked_for_what_was_typed(opened):
    assert (
        cli.main(["--fps", "20", "xor", "--set", "layers.0.units=3", "--seed", "4", "--ascii", "--hide", "data,check"])
        == 143
    )
    assert opened == [AppRequest("xor", ("layers.0.units=3",), 4, 20, True, ("data", "check"))]
    assert os.environ["TEXTUAL_FPS"] == "1000"


def test_without_a_preset_the_gallery_opens(opened):
    assert cli.main([]) == 143
    assert opened == [AppRequest(None, (), None, None, False)]


def test_the_app_opens_on_nothing_that_it_cannot_run(opened, capsys):
    assert cli.main(["xor", "--set", "layers.0.units=0"]) == 2
    assert cli.main(["--set", "nonsense"]) == 2
    assert not opened
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_a_terminal_is_needed_on_both_sides(missing):
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, missing: subprocess.PIPE}
    with subprocess.Popen([*PROGRAM, presets.names()[0]], stderr=subprocess.PIPE, **streams) as process:
        out, err = process.communicate()
    os.close(theirs)
    os.close(ours)
    assert process.returncode == 2
    assert not out
    assert err.startswith(b"backprop-tui: the app needs a terminal")
    assert err.count(b"\n") == 1
    assert b"\x1b" not in err
