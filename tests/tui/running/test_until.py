"""Where full speed stops: chosen with a key, remembered, said below the panes, and gone on from with space."""

from pathlib import Path

import pytest

from backprop_tui.core.inquiry.full_speed import USUAL, Limits
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.config.config import config_of, read_config
from backprop_tui.tui.pages.prompt import Prompt
from backprop_tui.tui.running.playback import FULL
from backprop_tui.tui.running.until import remember, remembered
from backprop_tui.tui.training_screen import TrainingScreen


def test_it_is_remembered_and_what_cannot_be_read_is_the_usual() -> None:
    config = read_config()
    assert remembered(config) == USUAL
    assert remember(config, "finding or 5 epochs") == "full speed stops: finding or 5 epochs"
    assert remembered(config) == Limits(finding=True, epochs=5)
    config.write()
    assert remembered(read_config()) == Limits(finding=True, epochs=5)
    assert remember(config, "never") == "full speed goes on until space is pressed"
    assert remembered(config) == Limits()
    with pytest.raises(PresetError):
        remember(config, "soon")
    assert remembered(config) == Limits()
    assert remembered(config_of('full_speed_until = "tomorrow"', Path("config.toml"))) == USUAL


async def test_it_stops_says_why_and_space_goes_on() -> None:
    async with BackpropApp(AppRequest("vanishing")).run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, TrainingScreen)
        await pilot.press(*["plus"] * FULL)

        async def played() -> str:
            await pilot.press("space")
            while screen.playback.running:
                await pilot.pause()
            return screen.pane("counters").draw(120, 1)[0].text

        said = (await played()).strip()
        assert said.startswith(f"stopped at a new finding in step {screen.session.step}: vanishing gradient, layer 1")
        assert said.endswith("(space goes on, S: where it stops)")
        stopped = screen.session.epoch
        await pilot.press("S")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Prompt)
        await pilot.press(*["backspace"] * 40, *"4", "space", *"epochs", "enter")
        await pilot.pause()
        assert screen.notice == "full speed stops: 4 epochs"
        assert (await played()).startswith("stopped at 4 epochs more, as asked")
        assert screen.session.step == screen.session.trainer.steps_of_epochs(stopped + 4)
        await pilot.press("S", *"x", "enter")
        await pilot.pause()
        assert screen.notice.startswith('expected "stop", "finding", "5 epochs"')
        assert remembered(pilot.app.config) == Limits(epochs=4)  # type: ignore[attr-defined]
