"""An app that sends its terminal the cells which changed, so many times a second at the most.

This is the one place that knows how Textual hands over what it has painted: `App._display` is given each update of its
compositor, of 8.2, whole rows or the strips of what changed. These are taken into the cells of a picture, and sent when
a picture is due. Where an update is none of these, or cannot be read, Textual sends it in its own way, and all else.
"""

import sys
from asyncio import TimerHandle, get_running_loop
from contextlib import suppress
from time import perf_counter
from typing import Any

from rich.color import ColorSystem
from textual import events
from textual.app import App
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from .cells import Cells, Clusters
from .changed_cells import codes_between
from .pacing import Pacing
from .style_codes import StyleCodes

try:
    from textual._ansi_sequences import SYNC_END
    from textual._compositor import ChopsUpdate, LayoutUpdate
except ImportError:
    SYNC_END = ""
    ChopsUpdate = LayoutUpdate = None  # type: ignore[assignment, misc]

COLOR_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
    "windows": ColorSystem.WINDOWS,
}
MOST_CLUSTERS = 1 << 16
LATER = 0.02
"""Seconds after which it is seen again whether the terminal has taken what was sent."""


class SparingApp(App[None]):
    """`fps` pictures a second at the most, and of each what is not there yet."""

    def __init__(self, fps: float) -> None:
        super().__init__()
        self.pacing = Pacing(fps)
        self.sparing = ChopsUpdate is not None and sys.platform != "win32"
        self.wanted: Cells | None = None
        self.shown: Cells | None = None
        self.cursor: tuple[int, int] | None = None
        self.sending: TimerHandle | None = None

    # From Textual

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if renderable is None or not self.takes_cells():
            super()._display(screen, renderable)
            return
        try:
            self.take(screen, renderable)
        except (AttributeError, TypeError, ValueError, LookupError):
            self.sparing = False
            super()._display(screen, screen._compositor.render_update(full=True, screen_stack=self._background_screens))
            return
        self.send_when_due()
        self.post_display_hook()

    def takes_cells(self) -> bool:
        """Whether there is a terminal which can be sent cells, now."""
        driver = self._driver
        ready = self._running and not self._closed and not self._batch_count and not self.is_headless
        return self.sparing and ready and driver is not None and not driver.is_inline

    def take(self, screen: Screen[Any], update: Any) -> None:
        """Take an update of Textual's into the picture that is wanted. Raises what comes of one that is otherwise."""
        width, height = screen.size
        wanted = self.wanted
        fits = wanted is not None and (wanted.width, wanted.height) == (width, height) and not self.outgrown(wanted)
        if wanted is None or not fits:
            codes, clusters = StyleCodes(COLOR_SYSTEMS[self.console.color_system or "truecolor"]), Clusters()
            wanted = self.wanted = Cells(width, height, codes, clusters)
            self.shown = Cells(width, height, codes, clusters)
            if not isinstance(update, LayoutUpdate):
                update = screen._compositor.render_update(full=True, screen_stack=self._background_screens)
        if isinstance(update, LayoutUpdate):
            take_rows(update, wanted)
        elif isinstance(update, ChopsUpdate):
            take_strips(update, wanted)
        else:
            raise TypeError(update)

    def outgrown(self, wanted: Cells) -> bool:
        """Whether so many styles and characters have been seen that they should be numbered anew."""
        return wanted.codes.full or len(wanted.clusters.texts) > MOST_CLUSTERS

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Resize):
            self.forget_shown()
        elif isinstance(event, events.InputEvent) and not event.is_forwarded and is_pressed(event):
            self.pacing.pressed = perf_counter()
            if self.sending is not None:
                self.send_when_due()
        await super().on_event(event)

    # To the terminal

    def forget_shown(self) -> None:
        """Send the whole picture again, since the terminal may show something else."""
        if self.shown is not None:
            self.shown.forget()
            self.send_when_due()

    def sent_within(self, region: Region) -> int:
        """Bytes, nearly, that were sent for this part of the screen since it was last begun to count."""
        return 0 if self.shown is None else int(self.shown.sent[within(region)].sum())

    def count_anew(self, region: Region) -> None:
        """Begin to count anew what is sent for this part of the screen."""
        if self.shown is not None:
            self.shown.sent[within(region)] = 0

    def send_when_due(self) -> None:
        """Send what has changed, now or as soon as may be."""
        now = perf_counter()
        due = self.pacing.due(now)
        if self.sending is not None:
            self.sending.cancel()
            self.sending = None
        if due > now:
            self.sending = get_running_loop().call_later(due - now, self.send_when_due)
        elif self.is_far_behind(now):
            self.sending = get_running_loop().call_later(LATER, self.send_when_due)
        else:
            self.send()

    def is_far_behind(self, now: float) -> bool:
        """Whether the terminal has not come to the last pictures yet, as far as its driver knows."""
        ask = getattr(self._driver, "far_behind", None)
        return ask is not None and ask(pressed=self.pacing.answers_key(now))

    @property
    def line_rate(self) -> float | None:
        """Bytes a second that the line to the terminal carries, where it is known to be slow."""
        return getattr(self._driver, "line_rate", None)

    def send(self) -> None:
        """Send what has changed."""
        if self.wanted is None or self.shown is None or self._driver is None or not self.takes_cells():
            return
        codes = codes_between(self.shown, self.wanted)
        x, y = self.screen.outer_size.clamp_offset(self.cursor_position)
        if codes or self.cursor != (x, y):
            self.cursor = x, y
            self._begin_update()
            write = getattr(self._driver, "write_picture", self._driver.write)
            # The mark of its end comes with it, so that nothing is asked within a picture that is held back.
            end = SYNC_END if self._sync_available else ""
            write(f"{codes}\x1b[{y + 1};{x + 1}H{end}")
            self._driver.flush()
            self.pacing.sent = perf_counter()


def is_pressed(event: events.InputEvent) -> bool:
    """Whether it is a key, or the mouse with a button: what is waited for."""
    return not isinstance(event, events.MouseMove) or bool(event.button)


def within(region: Region) -> tuple[slice, slice]:
    """Rows and columns of a part of the screen."""
    return slice(region.y, region.bottom), slice(region.x, region.right)


def take_rows(update: "LayoutUpdate", wanted: Cells) -> None:
    """Whole rows."""
    x, y, _, _ = update.region
    for row, strips in enumerate(update.strips, y):
        column = x
        for strip in strips:
            wanted.write(column, row, strip)
            column += strip.cell_length
            forget_parts(strip)


def take_strips(update: "ChopsUpdate", wanted: Cells) -> None:
    """What of each row has changed, with what else is painted of the widgets in which that is."""
    for y, begin, end in update.spans:
        for (x, strip), stop in zip(update.chops[y].items(), update.chop_ends[y], strict=False):
            if strip is not None and x < end and stop > begin:
                wanted.write(x, y, strip)
                forget_parts(strip)


def forget_parts(strip: Strip) -> None:
    """Let go what a strip was divided into, which may be itself: so it goes as soon as another is in its place."""
    with suppress(AttributeError):
        strip._divide_cache.clear()
