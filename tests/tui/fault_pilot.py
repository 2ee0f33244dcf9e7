"""An app that something of is made to fail, and what shows that the rest goes on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.gradients import GradientsPane
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.weights import WeightsPane
from backprop_tui.tui.training_screen import TrainingScreen

from .run_pilot import until

AppPilot = Pilot[None]
PANES = (WeightsPane, ChainRulePane, LossPane, GradientsPane, DataPane)


@asynccontextmanager
async def running(preset: str | None) -> AsyncIterator[tuple[AppPilot, BackpropApp]]:
    app = BackpropApp(AppRequest(preset))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        yield pilot, app


def fail(*_: Any, **__: Any) -> Any:
    raise LookupError("put in by the test")


async def fail_later(*_: Any) -> None:
    await asyncio.sleep(0)
    fail()


def training(app: BackpropApp) -> TrainingScreen:
    screen = app.screen
    assert isinstance(screen, TrainingScreen)
    return screen


async def goes_on(pilot: AppPilot, app: BackpropApp) -> None:
    """The run answers keys, opens pages and closes them, and shows every pane."""
    screen = training(app)
    await pilot.press("home", "1", "right")
    await until(lambda: screen.session.count == 2)
    await pilot.press("t")
    await until(lambda: app.screen is not screen)
    await pilot.press("escape")
    await until(lambda: app.screen is screen)
    for pane in PANES:
        assert not any("not drawn" in strip.text for strip in screen.query_one(pane).lines)
    assert app._exception is None


def text_in(pane: Drawn) -> str:
    return " ".join(" ".join(strip.text.strip() for strip in pane.lines).split())
