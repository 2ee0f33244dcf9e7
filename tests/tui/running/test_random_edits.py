"""Random edits of a run on its screen, playing and paused: no pane shows a stale number, undo brings back what was.

Whatever a person did, each pane shows what it shows on a fresh screen, of a fresh run at the same place, looked at in
the same way. What two screens of one place may differ in is what `look_alike` hands over.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import pytest
from rich.segment import Segment
from textual.strip import Strip

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.branches import MOST
from backprop_tui.core.session.journal import Journal, Moment
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.own_words import url_argument
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.drawn import Drawn
from backprop_tui.tui.panes.gradients import GradientsPane
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.running.arrangement import SETTINGS
from backprop_tui.tui.running.playback import FULL, SPEEDS
from backprop_tui.tui.settings.pane import SettingsPane
from backprop_tui.tui.training_screen import TrainingScreen

from ... import random_edits
from ...random_walks import digest
from ...share import share
from ..run_pilot import AppPilot, screen_of, until

URL = (
    "https://playground.tensorflow.org/#activation=relu&regularization=L2&batchSize=5&dataset=gauss&learningRate=0.1"
    "&regularizationRate=0.003&noise=20&networkShape=3,2&seed=0.4242&percTrainData=60&x=true&y=true&xTimesY=true"
)
RUNS = share(("xor", URL), ("circle", "xor", "spiral", "digits-8x8", "multigauss", "batch-norm", "residual", URL))
"""What is edited: presets by their names, and an experiment of the Playground."""
SIZES = share(((120, 36),), ((120, 36), (200, 50), (80, 24)))
STRETCHES = share(1, 5)
"""Stretches of one run, each of them of some acts, with a pause behind them at which everything is compared."""
ACTS = 4
"""Acts of a stretch at the most."""
SEEDS = range(share(1, 2 * 2000 // (len(RUNS) * STRETCHES * (ACTS + 1))))
FARTHEST = 600
"""Steps from which a run begins anew, since a fresh one has to come as far."""

KINDS = ("change", "change", "change", "turn", "control", "control", "view", "points", "move", "P")
"""What is done, and how often: each is the name of an act, or a key."""
MOVES = ("left", "right", "home", "end", "r", "R", "1", "2", "3", "4")
VIEWS = (*"wvmLlTDz", "tab", "shift+tab", "comma", "full_stop", "up", "down", "pagedown", "enter", "escape")
SPOTLIGHT = ("shift+up", "shift+down", "shift+left", "shift+right")
CONTROLS = ("up", "down", "down", "pagedown", "pageup", "plus", "minus", "plus", "minus", "enter", "escape")
POINTS = (*SPOTLIGHT, *"012", "enter", "delete")
TURNS = ("u", "u", "U")


class Watched(Journal):
    """A journal that sees to it that what it brings back is what was left, whatever has been done since."""

    def __init__(self) -> None:
        super().__init__()
        self.marks: list[str] = []
        self.undone: list[str] = []

    def record(self, before: Session, text: str) -> None:
        self.marks.append(digest(before))
        self.undone.clear()
        super().record(before, text)

    def undo(self, now: Session) -> Moment | None:
        return self.watched(super().undo, self.marks, self.undone, now)

    def redo(self, now: Session) -> Moment | None:
        return self.watched(super().redo, self.undone, self.marks, now)

    def watched(
        self, turn: Callable[[Session], Moment | None], source: list[str], other: list[str], now: Session
    ) -> Moment | None:
        left = digest(now)
        moment = turn(now)
        if moment is not None:
            assert digest(moment.session) == source.pop(), f"undo or redo of {moment.text} gives another state"
            other.append(left)
        return moment


@dataclass
class Hand:
    """A person at the keys of one run, every act of theirs drawn from `chance`; `told` are the acts so far."""

    pilot: AppPilot
    screen: TrainingScreen
    chance: random.Random
    told: list[str] = field(default_factory=list)
    compared: int = 0

    async def press(self, *keys: str) -> None:
        """Keys one after another; a page that one of them opens is left again."""
        for key in keys:
            self.told.append(key)
            await self.pilot.press(key)
            while self.pilot.app.screen is not self.screen:
                await self.pilot.press("escape")

    def change(self) -> None:
        """A change as the settings, a typed name or a lesson make it."""
        session = self.screen.session
        try:
            changes = random_edits.edit(session, self.chance)
        except PresetError:
            return
        self.told.append(f"{changes} at {session.count}: {self.screen.change(changes)}")

    async def control(self) -> None:
        """Some keys in the settings, which are opened before, or closed."""
        screen = self.screen
        if screen.side != SETTINGS or screen.current != SETTINGS or self.chance.random() < 0.1:
            await self.press("e")
        await self.press(*self.chance.choices(CONTROLS, k=4))

    async def points(self) -> None:
        """Points put in, moved and taken out; or an image begun, where there is one."""
        pane = self.screen.query_one(DataPane)
        await self.press("a")
        if pane.making:
            await self.press(*self.chance.choices(POINTS, k=4), "escape")
        if pane.making:
            await self.press("escape")

    async def act(self) -> None:
        """Something that a person does."""
        chance = self.chance
        match chance.choice(
            ("change", "change", "change", "turn", "control", "control", "view", "points", "move", "P")
        ):
            case "change":
                self.change()
            case "turn":
                await self.press(chance.choice(TURNS))
            case "control":
                await self.control()
            case "view":
                await self.press(*chance.choices((*VIEWS, *SPOTLIGHT), k=3))
            case "points":
                await self.points()
            case "move":
                await self.press(chance.choice(MOVES))
            case problem_type:
                await self.press(problem_type)
        if self.screen.playback.running:
            await asyncio.sleep(chance.choice((0, 0.01, 0.03)))

    async def stretch(self) -> None:
        """Some acts, while it plays at full speed or slowly, or paused; then a pause, at which all is compared."""
        screen = self.screen
        if screen.session.position.step > FARTHEST:
            await self.press("r")
        if self.chance.random() < 0.6:
            screen.view.speed = self.chance.choice((FULL, FULL, SPEEDS.index(1000), SPEEDS.index(30)))
            await self.press("space")
        for _ in range(self.chance.randrange(ACTS) + 1):
            await self.act()
        if screen.playback.running or screen.travelling is not None:
            await self.press("space")
        await self.compare()

    async def compare(self) -> None:
        """Everything that is in view with what a fresh screen of a fresh run shows."""
        await self.settled(self.screen)
        shown = shown_by(self.screen)
        async with fresh_screen(self) as fresh:
            await self.settled(fresh)
            expected = shown_by(fresh)
        assert list(shown) == list(expected), self.text("other panes are in view")
        for name, lines in expected.items():
            self.same(name, shown[name], lines)
        self.compared += 1

    async def settled(self, screen: TrainingScreen) -> None:
        """Until nothing is left to be drawn, nor a landscape to be worked out."""
        await self.pilot.pause()
        loss = screen.query_one(LossPane)
        if loss.display:
            await until(lambda: loss.landscape_wanted() is None and not loss.at_work)
            await self.pilot.pause()

    def same(self, name: str, shown: list[Strip], expected: list[Strip]) -> None:
        differing = [(one.text, other.text) for one, other in zip(shown, expected, strict=True) if one != other]
        if differing:
            texts = "\n".join(f"  shown |{one}|\n  fresh |{other}|" for one, other in differing)
            raise AssertionError(self.text(f"{name} is another than on a fresh screen:\n{texts}\n"))

    def text(self, problem: str) -> str:
        view = repr(self.screen.view).partition(", look=")[0]
        return f"{problem}\nat {self.screen.session.count}, {self.screen.size}, {view}\n" + "; ".join(self.told)


def shown_by(screen: TrainingScreen) -> dict[str, list[Strip]]:
    """What stands in each pane and line in view, and in its frame, as it was drawn last."""
    found = {}
    for pane in screen.query(Drawn):
        if pane.display:
            frame = [Strip([Segment(str(text or ""))]) for text in (pane.border_title, pane.border_subtitle)]
            found[pane.id or ""] = [*frame, *pane.lines]
    return found


@asynccontextmanager
async def fresh_screen(hand: Hand) -> AsyncIterator[TrainingScreen]:
    """A fresh screen over that of the hand, of a fresh run that has come as far, at the same place."""
    screen, session = hand.screen, hand.screen.session
    fresh = random_edits.fresh_run(session)
    fresh.seek(session.furthest)
    fresh.seek(session.count)
    other = TrainingScreen(fresh, 15)
    look_alike(other, screen)
    await hand.pilot.app.push_screen(other)
    await hand.pilot.pause()
    await same_places(hand.pilot, other, screen)
    yield other
    hand.pilot.app.pop_screen()
    await hand.pilot.pause()


def look_alike(other: TrainingScreen, screen: TrainingScreen) -> None:
    """Look at another run as at the first: the views, which runs there are, what was told last, and measured times."""
    other.view = replace(screen.view)
    other.playback.view = other.view
    other.branches = [other.session if run is screen.session else run for run in screen.branches]
    other.notice, other.journal = screen.notice, screen.journal
    other.session.timing = screen.session.timing


async def same_places(pilot: AppPilot, other: TrainingScreen, screen: TrainingScreen) -> None:
    """The same panes, and in each of them the same place: what is chosen there, and how far one has scrolled."""
    if screen.side == SETTINGS:
        await other.open_side(SETTINGS, lambda: SettingsPane(other))
        await pilot.pause()
        of, settings = screen.query_one(SettingsPane), other.query_one(SettingsPane)
        settings.chosen, settings.first, settings.sought = of.chosen, of.first, of.sought
        settings.picking, settings.choices, settings.message = of.picking, of.choices, of.message
    other.current, other.about, other.maximised = screen.current, screen.about, screen.maximised
    chain, of_chain = other.query_one(ChainRulePane), screen.query_one(ChainRulePane)
    chain.first, chain.factor = of_chain.first, of_chain.factor
    if isinstance(of_chain.key, tuple):
        chain.key = (id(other.session), *of_chain.key[1:])
    other.query_one(LossPane).chosen = screen.query_one(LossPane).chosen
    other.query_one(GradientsPane).scroll = screen.query_one(GradientsPane).scroll
    other.query_one(DataPane).first = screen.query_one(DataPane).first
    other.lay_out()
    other.pane(other.current).focus()


def session_of(name: str) -> Session:
    """A run of a preset, or of an experiment of the Playground."""
    return Session(*load(url_argument(name) if name == URL else name))


@asynccontextmanager
async def hand_at(name: str, chance: random.Random) -> AsyncIterator[Hand]:
    """Somebody at the keys of a run, on a terminal of some size."""
    async with BackpropApp(AppRequest(), session_of(name)).run_test(size=chance.choice(SIZES)) as pilot:
        await pilot.pause()
        yield Hand(pilot, screen_of(pilot), chance)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", RUNS, ids=[name[:12] for name in RUNS])
async def test_no_edit_leaves_a_stale_number_on_the_screen(name: str, seed: int) -> None:
    async with hand_at(name, random.Random(f"{name} {seed}")) as hand:
        journal = hand.screen.journal = Watched()
        for _ in range(STRETCHES):
            await hand.stretch()
        assert hand.compared == STRETCHES
        assert len(hand.screen.branches) <= MOST
        # Everything back to the first run.
        while journal.past:
            await hand.press("u")
        await hand.compare()


async def test_the_comparison_would_see_a_stale_number() -> None:
    async with hand_at("xor", random.Random(1)) as hand:
        await hand.compare()
        hand.screen.session.trainer.state.parameters[0] += 0.5
        hand.screen.show_all()
        with pytest.raises(AssertionError, match="is another than on a fresh screen"):
            await hand.compare()
