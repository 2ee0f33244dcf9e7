"""Worksheets on the command line: a folder for a class, in few digits where they are to be done by hand."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
from errno import ENOSPC
from pathlib import Path

import pytest

from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.typesetting import Typesetting, can_typeset, typeset

from .said import said

NUMBER = re.compile(r"(?<![\w.⁽₀-₉])\d+(?:\.\d+)?(?:e[-−+]?\d+)?(?![\w⁾])")
needs_latex = pytest.mark.skipif(not can_typeset(), reason="there is no pdflatex")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def classroom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty sheets of `by-hand`, in numbers of two digits."""
    folder = tmp_path_factory.mktemp("school") / "class"
    assert main(["explain", "by-hand", "--worksheet", "--students", "30", "--digits", "2", "--out", str(folder)]) == 0
    return folder


def texts(folder: Path) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in sorted(folder.iterdir())]


def numbers_of(text: str) -> set[str]:
    """The numbers of three digits or more: shorter ones are indices, and in the fixed words of rules."""
    return {found for found in NUMBER.findall(text) if len(re.sub(r"\D", "", found)) > 2}


def test_thirty_sheets_and_thirty_keys_are_all_different(classroom: Path) -> None:
    sheets, keys = texts(classroom / "sheets"), texts(classroom / "keys")
    assert len(set(sheets)) == len(set(keys)) == 30
    # Beside number and seed the numbers that are given differ.
    assert len({sheet.split("\n", 4)[4] for sheet in sheets}) == 30
    assert sorted(path.name for path in (classroom / "sheets").iterdir()) == [f"{n:02}.txt" for n in range(1, 31)]


def test_no_computed_number_is_on_any_sheet(classroom: Path) -> None:
    """In none of thirty sheets is there a number of its own key, or of another's, that is not given on it."""
    everything_computed = set()
    pairs = list(zip(texts(classroom / "sheets"), texts(classroom / "keys"), strict=True))
    for _, key in pairs:
        given, answers = key.split("\nForward pass\n")
        everything_computed |= numbers_of(answers) - numbers_of(given)
    assert len(everything_computed) > 1000
    for sheet, key in pairs:
        given = key.split("\nForward pass\n")[0].split("\nGiven\n")[1]
        assert numbers_of(sheet) & everything_computed <= numbers_of(given)
        assert "Answers" not in sheet


def test_every_given_number_has_two_digits(classroom: Path) -> None:
    for sheet in texts(classroom / "sheets"):
        given = sheet.split("\nGiven\n")[1].split("\nForward pass\n")[0].replace("−", "-")
        numbers = re.findall(r"(?<=[=\[\s])-?\d+(?:\.\d+)?(?=[\s\].])", given)
        assert len(numbers) > 30
        assert max(len(number.replace(".", "").lstrip("-0")) for number in numbers) == 2


def test_all_of_them_stand_in_one_file_too_a_page_break_before_each(classroom: Path) -> None:
    for kind in ("sheets", "keys"):
        whole = (classroom / f"{kind}.txt").read_text(encoding="utf-8")
        assert whole.split("\f") == texts(classroom / kind)


def test_the_roster_says_who_has_which(classroom: Path) -> None:
    with (classroom / "roster.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["number"]) for row in rows] == list(range(1, 31))
    for row in rows:
        sheet = (classroom / row["sheet"]).read_text(encoding="utf-8")
        assert f"Sheet: {row['number']} of 30   Seed: {row['seed']}\n" in sheet
        assert row["name"] == ""
        assert (classroom / row["key"]).is_file()


def test_the_preset_of_a_sheet_gives_its_key(classroom: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And is one that `verify` can be handed the work to."""
    solved = said(capsys, "explain", classroom / "presets" / "17.toml", "--worksheet").split("\nAnswers\n=======\n")[1]
    key = (classroom / "keys" / "17.txt").read_text(encoding="utf-8")
    assert key.endswith(solved)
    assert said(capsys, "check", classroom / "presets" / "17.toml", "--json").startswith('{"passed": true')


def test_a_list_of_names_puts_them_on_the_sheets(capsys: pytest.CaptureFixture[str]) -> None:
    Path("names.csv").write_text("id,name\n1,Ada Lovelace\n2,Łukasz Nowak\n", encoding="utf-8")
    out = said(
        capsys, "explain", "tour", "--worksheet", "--students", "names.csv", "--format", "markdown", "--seed", 40
    )
    assert "tour-worksheets: 2 sheets and 2 keys, a sheet of about 3 pages, a key of about 3 pages\n" in out
    first, second = texts(Path("tour-worksheets/sheets"))
    assert "\nName: Ada Lovelace   Sheet: 1 of 2   Seed: 40\n" in first
    assert "\nName: Łukasz Nowak   Sheet: 2 of 2   Seed: " in second
    assert "1,Ada Lovelace,40,sheets/01.md,keys/01.md,presets/01.toml" in Path("tour-worksheets/roster.csv").read_text()


def test_a_folder_that_could_be_taken_for_an_option_is_said_so_that_it_opens(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = said(capsys, "explain", "tour", "--worksheet", "--students", 1, "--out", "./-class")
    assert "what each is of: backprop-tui ./-class/presets/01.toml opens the first\n" in out


def test_in_ascii_a_name_loses_its_accents_or_is_left_to_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    Path("names.txt").write_text("Zoë Müller\n李雷\n", encoding="utf-8")
    said(capsys, "explain", "tour", "--worksheet", "--students", "names.txt", "--ascii")
    first, second = texts(Path("tour-worksheets/sheets"))
    assert first.isascii()
    assert second.isascii()
    assert "\nName: Zoe Muller   Sheet: 1 of 2" in first
    assert f"\nName: {'_' * 32}   Sheet: 2 of 2" in second
    assert "2,李雷,2," in Path("tour-worksheets/roster.csv").read_text(encoding="utf-8")


def test_the_sheet_of_a_seed_is_the_one_that_is_made_alone(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "explain", "first-steps", "--worksheet", "--students", 1, "--seed", 7, "--digits", 1)
    alone = said(capsys, "explain", "first-steps", "--worksheet", "--seed", 7, "--digits", 1)
    (sheet,) = texts(Path("first-steps-worksheets/sheets"))
    assert sheet.replace(f"Name: {'_' * 32}   Sheet: 1 of 1   Seed: 7\n", "") == alone.split("\n\nAnswers\n")[0]


def test_nothing_is_written_over_and_nothing_is_left_of_what_is_not_made(capsys: pytest.CaptureFixture[str]) -> None:
    order = ("explain", "first-steps", "--worksheet", "--students", 2)
    said(capsys, *order)
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    message = said(capsys, *order, "--seed", 50, status=2)
    assert "first-steps-worksheets is there already, and nothing is written over; --out FOLDER names another" in message
    said(capsys, "explain", "vanishing", "--worksheet", "--students", 3, status=2)
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before
    assert [path.name for path in Path().iterdir()] == ["first-steps-worksheets"]


def test_a_folder_that_takes_no_files_is_said_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a full disk says so, after some of the files."""
    written = []

    def full(path: Path, content: bytes) -> None:
        written.append(path)
        if len(written) == 3:
            raise OSError(ENOSPC, "No space left on device", str(path))
        path.open("wb").close()

    monkeypatch.setattr(Path, "write_bytes", full)
    message = said(capsys, "explain", "tour", "--worksheet", "--students", 2, "--out", "class", status=2)
    assert message == "backprop-tui: class cannot be written: No space left on device\n"
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--students", "3"], "--students is of worksheets: add --worksheet"),
        (["--digits", "2"], "--digits is of worksheets: add --worksheet"),
        (["--worksheet", "--out", "class"], "--out is where the sheets of a class go: add --students N"),
        (["--worksheet", "--digits", "0"], "expected a whole number from 1 to 9, found"),
        (["--worksheet", "--digits", "2", "--step", "3"], "--digits is of step 1"),
        (["--worksheet", "--students", "2", "--format", "json"], "leave out --worksheet or --format json"),
        (["--worksheet", "--students", "0"], "--students: expected a class of 1 to 500, found 0"),
        (["--worksheet", "--students", "names.txt"], "there is no such file; expected a number of students"),
        (["--worksheet", "--students", "2", "--out", "no/class"], "makes the folder class in no, which is no folder"),
        (["--worksheet", "--students", "2", "--weight", "W9[1,1]"], "--weight"),
        (["--worksheet", "--student", "2"], 'there is no option --student of explain; did you mean "--students"?'),
    ],
)
def test_what_cannot_be_is_said_in_a_line(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert message in said(capsys, "explain", "first-steps", *words, status=2)
    assert list(Path().iterdir()) == []


def test_a_recording_has_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "train", "tour", "--steps", 3, "--record", "run.backprop")
    message = said(capsys, "explain", "run.backprop", "--worksheet", "--students", 2, status=2)
    assert "--students takes a preset, and run.backprop is a recording, which has its numbers" in message


def test_what_is_too_long_says_its_pages_and_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    message = said(capsys, "explain", "multigauss", "--worksheet", "--students", 30, "--format", "latex", status=2)
    pages, of_all = re.findall(r"about ([\d,]+) pages, and 30 of them ([\d,]+);", message)[0]
    assert 45 < int(pages) < 70
    assert int(of_all.replace(",", "")) == 30 * int(pages)
    assert re.search(r"--weight 'W3\[1,1\]' --set training\.batch_size=1 makes it about 1\d pages", message)
    message = said(capsys, "explain", "three-or-eight", "--worksheet", status=2)
    assert "more than 2000 numbers, on over 33 pages; take fewer units, fewer inputs, or another preset" in message


def test_answers_that_are_no_numbers_are_not_made(capsys: pytest.CaptureFixture[str]) -> None:
    rate = ("--set", "optimizer.learning_rate=1e200")
    message = said(capsys, "explain", "tour", *rate, "--worksheet", "--students", 2, "--step", 5, status=2)
    assert re.search(
        r"the answers of seed 1 are no numbers: \S+ is not finite: .*; take an earlier --step, or", message
    )
    assert list(Path().iterdir()) == []


def heed_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo-terminals")
def test_ctrl_c_leaves_nothing_behind() -> None:
    ours, theirs = os.openpty()
    words = ("explain", "moons", "--worksheet", "--students", "500", "--format", "latex")
    command = [sys.executable, "-m", "backprop_tui", *words]
    streams = {"stdout": subprocess.PIPE, "stderr": theirs, "stdin": subprocess.DEVNULL}
    # Whatever the tests are run under: a signal that is ignored from the start stays ignored.
    with subprocess.Popen(command, **streams, preexec_fn=heed_signals) as process:  # type: ignore[call-overload]
        os.close(theirs)
        seen = b""
        while b"/500 students" not in seen:
            seen += os.read(ours, 4096)
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        assert process.stdout is not None
        assert process.stdout.read() == b""
    os.close(ours)
    assert list(Path().iterdir()) == []


def test_one_sheet_that_is_long_is_printed_and_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "vanishing", "--worksheet"]) == 0
    out, err = capsys.readouterr()
    assert out.count("\nAnswers\n=======\n") == 1
    pages = int(re.findall(r"this sheet has about (\d+) pages without its answers; ", err)[0])
    assert pages >= len(out.split("\nAnswers\n")[0].splitlines()) / 60


@needs_latex
def test_the_latex_of_a_class_is_compiled(capsys: pytest.CaptureFixture[str]) -> None:
    Path("names.txt").write_text("Ada\nŁukasz_O’Neil & 100%\n李雷\n", encoding="utf-8")
    order = ("--worksheet", "--students", "names.txt", "--format", "latex", "--digits", 2)
    out = said(capsys, "explain", "xor", *order, "--out", "class")
    for kind in ("sheets", "keys"):
        assert Path(f"class/{kind}.pdf").read_bytes().startswith(b"%PDF")
        (pages,) = re.findall(
            rf"{kind}\.tex, {kind}\.pdf +all {kind} behind each other, for the printer, (\d+) pages", out
        )
        # Each takes an even number of pages, so that none begins on another's back.
        assert int(pages) % 2 == 0
        # What one is said to have agrees with what all have.
        assert f"a {kind[:-1]} of about {round(int(pages) / 3)} pages" in out
        assert typeset(Path(f"class/{kind}/02.tex").read_text())[1] % 2 == 0


@needs_latex
def test_what_latex_cannot_make_is_said_and_nothing_is_left() -> None:
    with Typesetting("\\documentclass{article}\\begin{document}\\nosuchthing\\end{document}") as typesetting:
        with pytest.raises(ValueError, match=r"^! Undefined control sequence"):
            typesetting.result()
        assert typesetting.folder.is_dir()
    assert not typesetting.folder.exists()


def test_without_latex_there_are_no_pdfs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert ".pdf" not in said(capsys, "explain", "tour", "--worksheet", "--students", 2, "--format", "latex")
    assert sorted(path.name for path in Path("tour-worksheets").iterdir()) == [
        "keys",
        "keys.tex",
        "presets",
        "roster.csv",
        "sheets",
        "sheets.tex",
    ]
