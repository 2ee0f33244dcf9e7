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


class Rows(Drawn):
    """Shows its rows, tells a view below, and notes which rows are painted."""

    look = Look()
    rows: tuple[str, ...] = ("one", "two", "three")
    view = "first"

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.painted: list[int] = []

    def draw(self, width: int, height: int) -> list[Strip]:
        self.name_view("v", self.view, ("first", "second"))
        return [line([(row, None)], width) for row in self.rows]

    def render_line(self, y: int) -> Strip:
        self.painted.append(y)
        return super().render_line(y)


class Rowed(App[None]):
    CSS = "Rows { height: 5; width: 40; border: round white; }"

    def compose(self) -> ComposeResult:
        yield Rows("Pane")


def test_only_rows_that_changed_are_painted_again_and_the_frame_where_another_view_is_told() -> None:
    async def main() -> None:
        app = Rowed()
        async with app.run_test(size=(60, 10)) as pilot:
            pane = app.query_one(Rows)
            await pilot.pause()

            async def painted() -> list[int]:
                pane.painted.clear()
                pane.update()
                await pilot.pause()
                app.screen._compositor.render_strips()
                return sorted(set(pane.painted))

            await painted()
            assert await painted() == []
            pane.rows = ("one", "2", "three")
            assert await painted() == [1]
            assert "first 1/2" in (pane.border_subtitle or "")
            pane.view = "second"
            assert await painted() == [0, 1, 2]
            assert "second 2/2" in (pane.border_subtitle or "")

    asyncio.run(main())
