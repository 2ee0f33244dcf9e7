"""The page that asks for an answer."""

import asyncio

from textual.widgets import Label

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.pages.prompt import Field, Prompt


def test_a_prompt_whose_parts_are_going_shows_no_answer() -> None:
    async def steps() -> None:
        app = BackpropApp(AppRequest("xor"))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            prompt = Prompt("Into which file?", "FILE", "a" * 200)
            app.push_screen(prompt)
            await pilot.pause()
            assert prompt.query_one("#prompt-whole", Label).display, "the field has no room for it"
            await prompt.query_one("#prompt-whole").remove()
            prompt.show_whole()
            await prompt.query_one(Field).remove()
            prompt.show_whole()

    asyncio.run(steps())
