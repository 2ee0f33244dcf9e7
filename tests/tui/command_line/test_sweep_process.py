"""`sweep` as a process: what it starts, how it ends, and what is opened at its end."""

import json
import os
import pty
import shlex
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

SHELL = shutil.which("bash")


@pytest.fixture
def program(tmp_path):
    """The program as pip installs it: a script in a folder of its own."""
    script = tmp_path / "bin" / "backprop-tui"
    script.parent.mkdir()
    body = "import sys\nfrom backprop_tui.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
    script.write_text(body)
    return [sys.executable, str(script)]


def test_a_file_of_the_present_folder_that_is_called_as_a_module_is_not_run(program, tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    for name in ("random", "selectors", "numpy"):
        (here / f"{name}.py").write_text("raise SystemExit('this is not the standard library')\n")
    words = ["sweep", "xor", "--seeds", "2", "--steps", "3"]
    done = subprocess.run([*program, *words], cwd=here, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the best: backprop-tui xor" in done.stdout


# How it ends

SLOW = ["sweep", "xor", "--vary", "training.stop={steps=9},{steps=1000000000}", "--jobs", "2", "--seeds", "2"]


def processes_below(pid: int) -> list[list[int]]:
    """The processes that a process has started, those that these have, and so on."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True).stdout
    parents = [tuple(map(int, line.split())) for line in listed.splitlines()[1:]]
    levels = [[pid]]
    while levels[-1]:
        levels.append([child for child, parent in parents if parent in levels[-1]])
    return levels[1:]


def at_work(pid: int) -> list[int]:
    """All processes of a sweep, once its two runs without end are at work, long after those that end are done."""
    while True:
        levels = processes_below(pid)
        if len([each for level in levels[1:] for each in level if seconds_of(each) > 0.25]) == 2:
            return [each for level in levels for each in level]
        time.sleep(0.05)


def wait_until_gone(pids: list[int]) -> None:
    while any(os.path.exists(f"/proc/{pid}") for pid in pids):
        time.sleep(0.02)


def under_way(program: list[str], *words: str) -> tuple[subprocess.Popen[str], list[int]]:
    """A sweep of which some runs are done and others never will be, and its processes."""
    process = subprocess.Popen([*program, *SLOW, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return process, at_work(process.pid)


def seconds_of(pid: int) -> float:
    """The processor time that a process has taken."""
    try:
        with open(f"/proc/{pid}/stat") as stream:
            fields = stream.read().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


needs_proc = pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="this system has no /proc")


@needs_proc
def test_a_signal_shows_what_is_done_and_leaves_no_process(program):
    process, others = under_way(program, "--json")
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert (process.returncode, err) == (143, "")
    found = json.loads(out)
    assert found["runs"] == {"planned": 4, "done": 2}
    assert [len(each["runs"]) for each in found["settings"]] == [2]
    wait_until_gone(others)


@needs_proc
def test_its_processes_end_when_it_is_killed(program):
    process, others = under_way(program)
    process.kill()
    process.communicate()
    wait_until_gone(others)


class Terminal:
    """A program on a terminal, by what it writes there."""

    def __init__(self, command: list[str]) -> None:
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLUMNS="120", LINES="36")
            os.execv(command[0], command)
        self.said = ""

    def until(self, text: str) -> str:
        """Wait until it has written a text; what it has written since the last."""
        while text not in self.said:
            try:
                read = os.read(self.file, 65536)
            except OSError:
                read = b""
            assert read, f"it ended, and has said {self.said!r}"
            self.said += read.decode(errors="replace")
        before, _, self.said = self.said.partition(text)
        return before

    def type(self, text: str) -> None:
        os.write(self.file, text.encode())

    def status(self) -> int:
        """Its exit status, once it has ended; what it writes until then is read."""
        with suppress(OSError):
            while os.read(self.file, 65536):
                pass
        os.close(self.file)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


ASKED = "enter opens the best in the app, a number that row, q ends: "


def test_a_row_is_opened_in_the_app(program):
    terminal = Terminal([*program, "sweep", "xor", "--vary", "title='First one','Second one'", "--steps", "3"])
    terminal.until(ASKED)
    terminal.type("2\r")
    # Both have the same losses, and stand as they were given.
    terminal.until("\x1b[?1049h")
    terminal.until("Second one")
    terminal.type("q")
    assert terminal.status() == 0


def test_ctrl_c_at_the_end_is_no_choice(program):
    terminal = Terminal([*program, "sweep", "xor", "--seeds", "2", "--steps", "3"])
    terminal.until(ASKED)
    terminal.type("\x03")
    assert terminal.status() == 130


@needs_proc
@pytest.mark.skipif(SHELL is None, reason="there is no bash here")
def test_ctrl_z_stops_its_processes_too_and_fg_goes_on(program):
    shell = Terminal([SHELL, "--noprofile", "--norc", "-i"])
    shell.type(f"{shlex.join([*program, *SLOW])}\r")
    while not (levels := processes_below(shell.pid)) or not levels[0]:
        time.sleep(0.02)
    others = at_work(levels[0][0])
    workers = processes_below(levels[0][0])[1]
    shell.type("\x1a")
    for pid in [levels[0][0], *workers]:
        while state_of(pid) != "T":
            time.sleep(0.02)
    shell.type("fg\r")
    for pid in workers:
        while state_of(pid) == "T":
            time.sleep(0.02)
    shell.type("\x03")
    assert "2 of 4 runs done" in shell.until("best first")
    wait_until_gone(others)
    shell.type("exit 7\r")
    assert shell.status() == 7


def state_of(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as stream:
        return stream.read().rpartition(")")[2].split()[0]
