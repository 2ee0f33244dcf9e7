"""`backprop-tui help`: the pages of docs/, those that are made from tables, and that these are the files in docs/."""

import re
from pathlib import Path

import pytest

from backprop_tui import docs
from backprop_tui.core.lessons.action import KINDS, LINK, action_of
from backprop_tui.core.lessons.lesson import AFTER_STEPS, FUNCTIONS, OF_A_STEP, PLACEHOLDER
from backprop_tui.core.preset.reference import preset_page
from backprop_tui.tui.cli import main
from backprop_tui.tui.command_line.command_words import COMMANDS
from backprop_tui.tui.command_line.page_text import page_text
from backprop_tui.tui.help_pages import keys_page, plain_page

DOCS = Path(__file__).parents[2] / "docs"


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["help", *arguments]) == 0
    found = capsys.readouterr()
    assert found.err == ""
    return found.out


def test_help_alone_names_every_page_and_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys)
    assert sorted(path.stem for path in DOCS.glob("*.md")) == docs.names()
    assert {"preset", "lesson", "keys", "exit-status", "verify", "recording"} <= set(docs.names())
    for name in docs.names():
        heading = docs.text(name).splitlines()[0].removeprefix("# ").replace("`", "")
        assert re.search(rf"^  {name} +{re.escape(heading)}$", found, re.MULTILINE)
    assert all(command in found for command in COMMANDS)


@pytest.mark.parametrize("name", [name for name in docs.names() if name not in ("preset", "keys", "plain")])
def test_on_a_pipe_a_page_is_the_file(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert said(capsys, name) == (DOCS / f"{name}.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "page"), [("preset", preset_page), ("keys", keys_page), ("plain", plain_page)])
def test_a_page_that_is_made_is_the_one_in_docs(capsys: pytest.CaptureFixture[str], name: str, page: object) -> None:
    """Written anew with `backprop-tui help preset > docs/preset.md`, and so for keys."""
    assert callable(page)
    assert said(capsys, name).rstrip("\n") == page().rstrip("\n")
    assert (DOCS / f"{name}.md").read_text(encoding="utf-8") == said(capsys, name)


def test_keys_are_called_what_is_printed_on_them() -> None:
    keys = re.findall(r"^\| `([^|]+)` \|", keys_page(), re.MULTILINE)
    assert {"[", "]", ",", ".", ":", "?", "page up"} <= set(keys)
    assert not [key for key in keys if "_" in key]


def test_a_command_has_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    found = said(capsys, "train")
    assert found.startswith("usage: backprop-tui train")


@pytest.mark.parametrize(("typed", "near"), [("prest", "preset"), ("key", "keys"), ("trian", "train")])
def test_a_slip_is_answered_with_the_nearest(capsys: pytest.CaptureFixture[str], typed: str, near: str) -> None:
    assert main(["help", typed]) == 2
    assert capsys.readouterr().err == f'backprop-tui: there is no help on "{typed}"; did you mean "{near}"?\n'


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("name", docs.names())
def test_on_a_terminal_no_word_is_lost_and_lines_fit(name: str, width: int) -> None:
    page = re.sub(r"^\|.*\n", "", docs.text(name), flags=re.MULTILINE)
    lines = page_text(page, width).splitlines()
    kept = [line for line in lines if not line.startswith("    ")]
    assert all(len(line) <= width or " " not in line.strip().removeprefix("- ") for line in kept)
    marks = re.compile(r"^(#+|=+|-+|```\w*)$")
    words = [word for word in " ".join(page.splitlines()).split() if not marks.match(word)]
    assert [word for word in " ".join(lines).split() if not marks.match(word)] == words


def test_the_page_of_lessons_names_every_placeholder_and_link() -> None:
    page = docs.text("lesson")
    for name in (*OF_A_STEP, *AFTER_STEPS, *KINDS):
        assert f"`{name}`" in page, name
    for name in FUNCTIONS:
        assert f"`{name}(…)`" in page, name
    examples = re.findall(r"`(\{[^`]+\})`", page)
    assert len(examples) > 8
    assert all(PLACEHOLDER.fullmatch(text.replace("@step", "@1")) for text in examples)
    links = {action.kind for link in LINK.finditer(page) if (action := action_of(link["label"], link["target"]))}
    assert links == set(KINDS)


TABLE = "| key | does |\n| --- | :-: |\n| `a` | adds \\| takes |\n| `longer` | x |\n"


def test_a_table_stands_in_columns_where_there_is_room() -> None:
    assert page_text(TABLE, 40).splitlines() == ["key       does", "`a`       adds | takes", "`longer`  x"]


def test_a_table_without_room_is_a_list_of_its_rows() -> None:
    words = " ".join(["word"] * 12)
    lines = page_text(f"| what | how | key |\n| --- | --- | --- |\n| `a` | {words} | {words} end |\n", 40).splitlines()
    assert lines[0] == "- `a`"
    assert lines[1].startswith("  how: word word")
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).split()) == f"- `a` how: {words} key: {words} end"


def test_an_empty_cell_takes_no_line() -> None:
    table = f"| what | how | key |\n| --- | --- | --- |\n| `{'a' * 30}` | | {'x' * 30} |\n"
    assert page_text(table, 40).splitlines() == [f"- `{'a' * 30}`", f"  key: {'x' * 30}"]


@pytest.mark.parametrize("name", docs.names())
def test_tables_of_every_page_fit(name: str) -> None:
    for line in page_text(docs.text(name), 80).splitlines():
        assert not line.startswith("|")
