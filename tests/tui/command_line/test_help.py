"""Help of each command: eighty cells, what it heeds and nothing else, what its exit status says; the manual page."""

import re
import shlex
import shutil
import subprocess
from argparse import SUPPRESS
from pathlib import Path

import pytest

from backprop_tui.tui import cli
from backprop_tui.tui.command_line import command_words
from backprop_tui.tui.command_line.command_words import (
    COMMANDS,
    COMMON,
    EXAMPLES,
    FAILURES,
    OPEN,
    UNHEEDED,
    statuses,
)
from backprop_tui.tui.command_line.manual import manual, roff
from backprop_tui.tui.command_line.options import WITH_VALUE, build, options_of, parse
from backprop_tui.tui.output.pacing import USUAL_AFAR

KEPT = Path(__file__).parents[3] / "docs" / "backprop-tui.1"
VALUES = {"--seed": ["3"], "--set": ["seed=3"], "--fps": ["5"], "--ascii": []}
Printed = pytest.CaptureFixture[str]


@pytest.mark.parametrize("columns", ["80", "200", "60"])
@pytest.mark.parametrize("command", [OPEN, *COMMANDS])
def test_no_line_of_help_is_wider_than_the_screen_or_eighty(
    command: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    lines = build(command).format_help().splitlines()
    assert max(map(len, lines)) < min(80, int(columns))


@pytest.mark.parametrize("command", [OPEN, *COMMANDS])
def test_help_says_what_each_exit_status_means(command: str) -> None:
    told = " ".join(build(command).format_help().partition("exit status:")[2].split())
    for status, meaning in statuses(command).items():
        assert f"{status} {meaning}" in told
    assert ("1" in statuses(command)) == (command in FAILURES)


def test_exit_statuses_are_told_of_no_command_that_there_is_not() -> None:
    for table in (FAILURES, UNHEEDED, EXAMPLES):
        assert set(table) <= {OPEN, *COMMANDS}


@pytest.mark.parametrize("command", [OPEN, *COMMANDS])
def test_a_common_option_is_in_the_help_of_what_heeds_it(command: str) -> None:
    found = re.findall(r"^  (--[a-z]+)", build(command).format_help(), re.MULTILINE)
    assert {name for name in COMMON if name in found} == set(COMMON) - set(UNHEEDED.get(command, ()))


LINES = {
    "list": ["list"],
    "show": ["show", "xor"],
    "train": ["train", "xor", "--steps", "1", "--json"],
    "explain": ["explain", "linear-neuron"],
    "check": ["check", "linear-neuron"],
    "diagnose": ["diagnose", "xor", "--steps", "1", "--no-measure"],
    "compare": ["compare", "xor", "linear-neuron", "--steps", "1"],
    "estimate": ["estimate", "linear-neuron", "--budget", "2", "--json"],
    "predict": ["predict", "xor", "--inputs", "points.csv", "--steps", "1"],
    "check-preset": ["check-preset", "xor"],
    "completion": ["completion", "fish"],
    "config": ["config"],
    "help": ["help", "data"],
    "version": ["version"],
}
MEASURED = re.compile(r'"(seconds|steps_per_second)": [^,}]+')


def test_an_option_that_changes_nothing_is_taken_and_said_to_do_so(
    capsys: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text("x1,x2\n0.5,1\n")
    assert set(LINES) == set(UNHEEDED)
    for command, line in LINES.items():
        assert cli.main(line) == 0
        without = capsys.readouterr()
        given = [word for name in UNHEEDED[command] for word in (name, *VALUES[name])]
        assert cli.main([*line, *given]) == 0
        found = capsys.readouterr()
        assert MEASURED.sub("", found.out) == MEASURED.sub("", without.out), command
        told = [line for line in found.err.splitlines() if "changes nothing" in line]
        assert [line.split()[1] for line in told] == list(UNHEEDED[command])


def test_an_option_that_is_heeded_is_not_spoken_of(capsys: Printed) -> None:
    assert cli.main(["list", "--ascii"]) == 0
    assert cli.main(["train", "xor", "--steps", "1", "--json", "--ascii", "--seed", "3"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["list", "--steps", "3"], "no option --steps of list; --steps is of train, diagnose, compare, sweep, predict"),
        (["train", "xor", "--step", "3"], 'did you mean "--steps"?; --step is of explain, check'),
        (["xor", "--budget", "3"], "no option --budget; --budget is of estimate"),
        (["check", "xor", "--nothing"], "no option --nothing of check"),
    ],
)
def test_an_option_of_another_command_is_said_to_be_one(line: list[str], said: str, capsys: Printed) -> None:
    assert cli.main(line) == 2
    assert said in capsys.readouterr().err


def test_every_example_is_a_line_that_is_understood() -> None:
    assert set(EXAMPLES) >= {OPEN, *COMMANDS} - {"version"}
    for command, examples in EXAMPLES.items():
        for line in examples:
            words = shlex.split(re.sub(r"^eval \"\$\((.*)\)\"$", r"\1", line).partition(" | ")[0].partition(" > ")[0])
            assert words[0] == "backprop-tui"
            _, options = parse(words[1:])
            assert command in (options.command, OPEN)


def test_all_options_with_a_value_are_known_before_the_command_is() -> None:
    takes, alone = set(), set()
    for command in (OPEN, *COMMANDS):
        for action in build(command)._actions:
            (alone if action.nargs == 0 else takes).update(action.option_strings)
    assert {name for name in takes if "_" not in name} == set(WITH_VALUE)
    assert not takes & alone


# The manual page


def test_the_manual_page_is_the_one_in_docs(capsys: Printed) -> None:
    """Written anew with `backprop-tui help man > docs/backprop-tui.1`."""
    assert cli.main(["help", "man"]) == 0
    assert capsys.readouterr().out == KEPT.read_text(encoding="ascii")


def test_it_has_every_command_and_every_option() -> None:
    page = manual()
    assert page.isascii()
    for command in (OPEN, *COMMANDS):
        assert command == OPEN or f".SS {roff(command)}\n" in page
        for name in options_of(build(command)):
            assert "_" in name or f"\\fB{roff(name)}\\fR" in page
    for status, meaning in (("2", command_words.WRONG_USAGE), ("129", command_words.SIGNALLED)):
        assert f"{status}\\fR\n{roff(meaning)}" in page


def test_what_it_says_of_pictures_over_ssh_is_so() -> None:
    assert f"the app draws {USUAL_AFAR} pictures a second" in manual()


def formatted(source: str) -> tuple[str, str]:
    """What groff prints, in one line, and what it complains of."""
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed")
    command = [groff, "-ww", "-man", "-Tutf8", "-P-cbou", "-rLL=10000n"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8", check=True)
    return " ".join(done.stdout.split()), done.stderr


def test_man_has_nothing_to_complain_of_and_what_can_be_copied_is_what_is_typed() -> None:
    page, complaints = formatted(manual())
    assert complaints == ""
    for examples in EXAMPLES.values():
        assert all(line in page for line in examples)
    assert "--set training.start=FILE.npz" in page


def test_signs_that_mean_something_to_man_are_shown() -> None:
    texts = ["'quoted' \"twice\"", ".begins", r"a\fBb\e \n(.x \*[y]", "-1 -- x^2 ~ `code`", "W⁽²⁾₁,₃ × η 𝛿", "'"]
    source = "\n".join(("." + 'TH A 1 "" "" ""', ".SH B", *(line for text in texts for line in (".PP", roff(text)))))
    page, complaints = formatted(source)
    assert complaints == ""
    assert all(text in page for text in texts)


def test_what_help_says_nothing_of_stands_nowhere() -> None:
    hidden = [action for action in build("list")._actions if action.help == SUPPRESS]
    assert len(hidden) == 3
    assert "--fps" not in build("list").format_help()
