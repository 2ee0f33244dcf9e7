"""When a pane is drawn: before it is painted for the first time, when its room changes, and not again for nothing."""

import asyncio

from textual.app import App, ComposeResult
from textual.strip import Strip

from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.strips import line, text_of
from backprop_tui.tui.panes.drawn import Drawn


class Counted(Drawn):
    """Shows what it is told, and counts how often it is drawn."""

    look = Look()
    said, draws = "first", 0

    def draw(self, width: int, height: int) -> list[Strip]:
        self.draws += 1
        return [line([(self.said, None)], width)]


class Little(App[None]):
    """One such pane."""

    CSS = "Counted { height: 5; width: 20; border: round white; }"

    def compose(self) -> ComposeResult:
        yield Counted("Pane")


def test_it_is_drawn_once_for_its_first_room_and_again_for_another() -> None:
    async def main() -> None:
        app = Little()
        async with app.run_test(size=(40, 10)) as pilot:
            pane = app.query_one(Counted)
            await pilot.pause()
            assert pane.draws == 1
            assert text_of(pane.lines[0]).strip() == "first"
            assert len(pane.lines) == 3
            pane.styles.height = 7
            await pilot.pause()
            assert (pane.draws, len(pane.lines)) == (2, 5)

    asyncio.run(main())


def test_what_changed_while_it_was_hidden_is_drawn_when_it_comes_back() -> None:
    async def main() -> None:
        app = Little()
        async with app.run_test(size=(40, 10)) as pilot:
            pane = app.query_one(Counted)
            await pilot.pause()
            pane.display = False
            await pilot.pause()
            pane.said = "second"
            pane.update()
            assert text_of(pane.lines[0]).strip() == "first"
            pane.display = True
            await pilot.pause()
            pane.update()
            await pilot.pause()
            assert text_of(pane.lines[0]).strip() == "second"

    asyncio.run(main())
