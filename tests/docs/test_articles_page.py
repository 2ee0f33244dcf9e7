"""docs/articles.md: the rows of its tables are walked through, at its size; by default each second walk."""

import re

import pytest

from backprop_tui import docs

from ..share import share
from .walk import Row, Walk, follow, name, on_screen, presses, printed, rows, walks

PAGE = docs.text("articles")
STATEMENTS = {"000": 14, "001": 19, "002": 75, "003": 24, "004": 11}
"""How many statements each article is cut into."""
ROWS = list(rows(PAGE))


@pytest.mark.parametrize("walk", on_screen(walks(ROWS), True)[:: share(2, 1)], ids=name)
async def test_what_the_rows_say_stands_on_the_screen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    await follow(walk, monkeypatch)


@pytest.mark.parametrize("walk", on_screen(walks(ROWS), False), ids=lambda walk: walk.open)
def test_what_the_rows_say_is_what_a_command_prints(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    printed(walk, capsys)


def test_the_rows_of_an_article_are_sorted() -> None:
    sections = re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]
    assert [section[:4].rstrip(":") for section in sections[:-1]] == ["000", "001", "002", "003", "004", "M: M"]
    for section in sections[:-1]:
        ids = [row.id for row in rows(section)]
        assert ids == sorted(ids)
        assert all(name.startswith(section[:3].rstrip(": ").partition(":")[0]) for name in ids)


def test_every_statement_has_a_row_or_a_reason_why_not() -> None:
    tables, _, reasons = PAGE.partition("## Rows with nothing to show\n")
    shown, explained = {row.id for row in rows(tables)} - {"M"}, set(re.findall(r"\b\d{3}-\d{2}\b", reasons))
    assert not shown & explained
    counted = {f"{article}-{place:02}" for article, last in STATEMENTS.items() for place in range(1, last + 1)}
    assert shown | explained == counted


@pytest.mark.parametrize(
    ("written", "pressed"),
    [
        ("→ ←×2 shift+→ ctrl+p", ["right", "left", "left", "shift+right", "ctrl+p"]),
        (': "go 3" enter', ["colon", "g", "o", "space", "3", "enter"]),
        ("+ - ? , . R", ["plus", "minus", "question_mark", "comma", "full_stop", "R"]),
        ("", []),
    ],
)
def test_keys_are_read_as_they_are_written(written: str, pressed: list[str]) -> None:
    assert list(presses(written)) == pressed


def test_a_row_is_read_cell_by_cell() -> None:
    (row,) = rows(r"| 1-2 | \|x\| is large | `xor --seed 3` | | see `\|x\| 3` and `a  b` |")
    assert row == Row("1-2", "|x| is large", "xor --seed 3", "", ("|x| 3", "a b"))
    assert row.words == ["xor", "--seed", "3"]


@pytest.mark.parametrize("line", ["| 1 | says | `xor` | |", "| 1 | says | xor | | `a` |", "| 1 | says | `xor` | | a |"])
def test_a_row_that_looks_for_nothing_or_lacks_a_cell_is_none(line: str) -> None:
    with pytest.raises(ValueError, match=r"expected|looks for nothing"):
        list(rows(line))
