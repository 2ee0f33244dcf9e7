"""docs/playground.md: the rows of its tables are walked through, by default each second walk."""

from pathlib import Path

import pytest

from ..share import share
from .walk import Walk, follow, name, on_screen, printed, rows, walks

PAGE = (Path(__file__).parents[2] / "docs" / "playground.md").read_text(encoding="utf-8")
TABLES = PAGE[PAGE.index("## Control by control") :]
ROWS = list(rows(TABLES))


@pytest.mark.parametrize("walk", on_screen(walks(ROWS), True)[:: share(2, 1)], ids=name)
async def test_what_the_rows_say_stands_on_the_screen(walk: Walk, monkeypatch: pytest.MonkeyPatch) -> None:
    await follow(walk, monkeypatch)


@pytest.mark.parametrize("walk", on_screen(walks(ROWS), False), ids=lambda walk: walk.open)
def test_what_the_rows_say_is_what_a_command_prints(walk: Walk, capsys: pytest.CaptureFixture[str]) -> None:
    printed(walk, capsys)
