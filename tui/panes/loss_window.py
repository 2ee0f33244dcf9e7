"""Which steps the plot of the losses shows: all, or a window of them that is zoomed and moved."""

from backprop_tui.core.value_class import dataclass

LEAST = 2
"""From the first to the last step of the smallest window."""


@dataclass(frozen=True, slots=True)
class Window:
    """The steps `first` … `last`; `following`: its end is the run's, with which it goes along."""

    first: int
    last: int
    following: bool = False

    def of(self, steps: int) -> "Window":
        """Where it lies in a run of so many steps, at least one, which may have become longer, or another."""
        size = self.last - self.first
        last = steps if self.following else min(self.last, steps)
        return Window(max(last - size, 1), max(last, 1), self.following)


def whole(steps: int) -> Window:
    return Window(1, max(steps, 1), following=True)


def zoomed(window: Window | None, steps: int, places: int, about: float) -> Window | None:
    """Half of the steps, `places` times, or twice as many where it is negative; step `about` stays where it is.

    None where that is the whole run.
    """
    now = (window or whole(steps)).of(steps)
    size = now.last - now.first
    wanted = max(round(size / 2.0**places), min(LEAST, steps - 1))
    if wanted >= steps - 1:
        return None
    share = (min(max(about, now.first), now.last) - now.first) / max(size, 1)
    return placed(round(about - share * wanted), wanted, steps)


def moved_by(window: Window | None, steps: int, by: float) -> Window | None:
    """So many steps later, or earlier, as far as there are any; the whole run stays."""
    if window is None:
        return None
    now = window.of(steps)
    return placed(round(now.first + by), now.last - now.first, steps)


def placed(first: int, size: int, steps: int) -> Window:
    """From `first` on, or as near to that as the run has room."""
    first = max(min(first, steps - size), 1)
    return Window(first, first + size, following=first + size >= steps)


def showing(window: Window | None, steps: int, step: int) -> Window | None:
    """The window moved no farther than it takes to have `step` in it."""
    if window is None:
        return None
    now = window.of(steps)
    return moved_by(window, steps, min(step - now.first, 0) + max(step - now.last, 0))
