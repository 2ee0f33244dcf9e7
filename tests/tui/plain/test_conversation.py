"""Plain mode on its streams: pipes, a terminal, an end of either; nothing but text, and no textual."""

import os
import pty
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-m", "backprop_tui"]
ESCAPES = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")


def piped(words: bytes, *arguments: str, folder: Path | None = None, **environment: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a conversation by pipes."""
    done = subprocess.run(
        [*PROGRAM, *arguments, "--plain"],
        input=words,
        capture_output=True,
        cwd=folder,
        env=os.environ | environment,
        check=False,
    )
    assert not ESCAPES.search(done.stdout)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_a_pipe_is_answered_with_nothing_but_answers_to_its_end() -> None:
    status, out, err = piped(b"right\n\n# a remark\nW1[1,1]\n", "first-steps", "--ascii", TERM="dumb")
    assert (status, err) == (0, "")
    assert out.isascii()
    greeting, first, second, end = out.split("\n\n")
    assert greeting.startswith("First steps: one update of a 2-2-1 network, number by number.\n")
    assert first.startswith("Step 1, epoch 1, op 1 of 13: forward, layer 1 of 2, Z.\nRule: Z1 = W1 X + b1.\n")
    assert second.splitlines()[1] == "W1[1,1] = 0.15"
    assert (">" in second, end) == (False, "")


def test_quit_ends_it_before_the_rest_is_read_and_bytes_that_are_no_text_are_a_word_that_there_is_not() -> None:
    status, out, _ = piped(b"\xff\xfe\x00\n" + b"a" * 20_001 + b"\nquit\nright\n", "first-steps")
    answers = out.split("\n\n")
    assert status == 0
    assert answers[1].startswith("There is no word ")
    assert answers[2] == "The line is longer than 10,000 characters; nothing of it was done."
    assert len(answers) == 4


def test_without_a_preset_there_are_the_presets() -> None:
    status, out, _ = piped(b"presets\nright\nopen linear-neuron\nright\n")
    answers = out.split("\n\n")
    assert status == 0
    assert answers[0].startswith("No preset is open.")
    assert "\nxor: " in answers[1]
    assert "There is no preset" in answers[2]
    assert answers[4].startswith("Step 1, epoch 1, op 1 of ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nothing",), "there is no preset"),
        (("xor", "--set", "seed=x"), "seed"),
        (("train", "xor"), "--plain is the app as lines of text: train is that already, leave it out"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_said(arguments: tuple[str, ...], said: str) -> None:
    status, out, err = piped(b"right\n", *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_data_of_ones_own_and_a_url_are_told(tmp_path: Path) -> None:
    rows = [f"{i % 7},{i % 3},{'yes' if i % 2 else 'no'}" for i in range(40)]
    (tmp_path / "own.csv").write_text("length,width,kind\n" + "\n".join(rows) + "\n")
    status, out, _ = piped(b"data\nmeasures\n", "--data", "own.csv", folder=tmp_path)
    assert status == 0
    assert 'input 1 "length": X₁,₁ = ' in out
    assert "\nyes: recall " in out
    status, out, _ = piped(b"right\n", "--url", "#activation=tanh&networkShape=3&seed=0.5")
    assert status == 0
    assert "epoch 1 is finished" in out


def test_a_reader_that_goes_away_ends_it() -> None:
    with subprocess.Popen(
        [*PROGRAM, "first-steps", "--plain"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write(b"right\n" * 50)
            process.stdin.flush()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
        with suppress(BrokenPipeError):
            process.stdin.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_told_and_ends_it() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*PROGRAM, "first-steps", "--plain"], input=b"right\n", stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (done.returncode, done.stderr) == (2, b"backprop-tui: standard output: No space left on device\n")


def on_terminal(typed: bytes, kind: str = "dumb", end: bytes = b"quit\n") -> tuple[int, bytes]:
    """Exit status and all that was written to a terminal on which this was typed."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"TERM": kind}
    with subprocess.Popen(
        [*PROGRAM, "first-steps", "--plain"], stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
        start_new_session=True, preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    ) as process:  # fmt: skip
        os.close(theirs)
        said = b""
        for words in (typed, end):
            while not said.endswith(b"> "):
                said += os.read(ours, 4096)
            os.write(ours, words)
            said += b"|"
        with suppress(OSError):
            while chunk := os.read(ours, 4096):
                said += chunk
        status = process.wait(60)
    os.close(ours)
    return status, said


def test_a_dumb_terminal_has_a_prompt_and_no_codes() -> None:
    status, said = on_terminal(b"right\n")
    assert status == 0
    assert b"\x1b" not in said
    assert said.count(b"> ") == 2
    assert "Rule: Z⁽¹⁾ = W⁽¹⁾ X + b⁽¹⁾.".encode() in said


def test_the_end_of_the_input_ends_it_on_a_line_of_its_own() -> None:
    status, said = on_terminal(b"right\n", "xterm-256color", b"\x04")
    assert status == 0
    assert said.endswith(b"\r\n")
    assert b"\x1b" not in said


def test_ctrl_c_ends_it_with_the_status_of_a_signal() -> None:
    status, _ = on_terminal(b"right\n", end=b"\x03")
    assert status == 128 + signal.SIGINT


def test_textual_is_not_imported(tmp_path: Path) -> None:
    words = "right\npaths\ndecay\ndepth\nwhat if\nweights\nloss\ndata\ndiagnose\nlesson\ncheck\nhelp\nplay 3\nshare\n"
    code = (
        "import sys, backprop_tui.tui.cli as cli; status = cli.main(['first-steps', '--plain']); "
        "print(status, [name for name in sys.modules if name.partition('.')[0] == 'textual'], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], input=words.encode(), capture_output=True, check=False)
    assert done.stderr.decode() == "0 []\n"
