"""What the plot of the losses shows: the run's losses, their mean and the test loss, over some of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rich.cells import cell_len

from backprop_tui.core.session.history import MEAN_SHARE, Extremes
from backprop_tui.core.session.replayed import ReplayedLosses
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.palette import FloatArray, mix
from backprop_tui.tui.drawing.series import Series

from .loss_window import Window, whole
from .overlay import OFF, Overlay, chosen
from .view import View

BATCHES = ("train", "batch")
"""What the series of the run's own losses may be called: of all examples, or of a batch."""
LEAST_MEAN = 2
"""Steps that a mean is worth drawing of."""
LETTERS = "ABCDE"
COLORS = (2, 6, 3, 8, 9)
"""The places in the palette's colours of classes of what is laid over: none is like those of the run itself."""


@dataclass(frozen=True, eq=False)
class LossPicture:
    """The curves over the steps from `first` to `last`, on a logarithmic axis where `log`; `cursor` is the run's step.

    Of a series the points from `first` to `last` are shown; those beyond lead its line to the edges.
    """

    series: tuple[Series, ...]
    log: bool
    first: float
    last: float
    cursor: float | None
    title: str


def loss_picture(session: Session, view: View) -> LossPicture:
    """What the loss pane shows of a run."""
    overlays = laid_over(view)
    shown = window_of(session, view, overlays)
    found = series(session, view, shown, overlays)
    return LossPicture(
        tuple(found), view.log, float(shown.first), float(shown.last), float(session.step), session.preset.title
    )


def laid_over(view: View) -> list[Overlay]:
    """The other runs in the picture; they are not asked for where there are to be none."""
    return [] if view.overlay == OFF else chosen(view.others(), view.overlay)


def longest(session: Session, overlays: Sequence[Overlay]) -> int:
    """How many steps there are of the run or of any that is laid over it, at least one."""
    return max(session.history.steps, 1, *(other.history.steps for other in overlays))


def window_of(session: Session, view: View, overlays: Sequence[Overlay]) -> Window:
    """The steps that are shown."""
    steps = longest(session, overlays)
    return whole(steps) if view.window is None else view.window.of(steps)


def series(session: Session, view: View, shown: Window, overlays: Sequence[Overlay] = ()) -> list[Series]:
    """The batch loss of every step, its mean over the last steps where batches differ, and the test loss as measured.

    Below them the same of other runs, by their means where there are such. Without colours each has a letter, where
    there are several.
    """
    losses, look = session.history.losses, view.look
    if not losses.count and not overlays:
        return []
    palette, window = look.palette, mean_steps(session, view)
    tested = session.history.evaluations.series(0) if session.dataset.test_size else None
    lettered = not look.color and not look.glyphs.ascii
    alone = window < LEAST_MEAN and tested is None and not overlays
    found = [overlaid(other, place, window, look) for place, other in enumerate(overlays)]
    entries, mean = entries_of(losses), mean_of(losses, window)
    if view.replayed is not None and view.replayed.of(session) and losses.count:
        entries = with_replayed(entries, view.replayed)
        mean = replayed_mean(view.replayed, window, shown) or mean
    if window < LEAST_MEAN:
        whole_set = session.trainer.steps_per_epoch == 1 and session.timeline.knows_epochs
        name = "train" if whole_set else "batch"
        own = entries.series(name, palette.train, name[0] if lettered and not alone else "")
        # The losses of batches are a band, in which the test loss would be lost.
        found.append(replace(own, behind=not whole_set))
    else:
        noise = mix(palette.train, palette.background, 0.5)
        letters = ("b", "m") if lettered else ("", "")
        found.append(replace(entries.series("batch", noise, letters[0]), behind=True))
        found.append(Series(f"mean of {mean.window:,}", mean.steps, mean.values, None, palette.train, letters[1]))
    if tested is not None:
        found.append(Series("test", *tested, None, palette.test, "t" if lettered else ""))
    return found


@dataclass(frozen=True, eq=False)
class Entries:
    """The first and the last step of each of the stretches that are known as one, and the least and greatest loss."""

    begins: FloatArray
    ends: FloatArray
    lows: FloatArray
    highs: FloatArray

    def series(self, name: str, color: str, letter: str) -> Series:
        alone = np.array_equal(self.begins, self.ends)
        return Series(name, self.ends, self.lows, self.highs, color, letter, None if alone else self.begins)


def entries_of(losses: Extremes, before: int = 0) -> Entries:
    """What is known of losses, of the steps from `before` + 1 on."""
    ends, lows, highs = losses.series()
    return Entries(losses.begins() + before, ends + before, lows, highs)


def with_replayed(known: Entries, replayed: ReplayedLosses) -> Entries:
    """The entries with those in the place of some that were worked out again, step by step or nearly so."""
    finer, before = replayed.losses, replayed.first - 1
    if not finer.count or finer.width >= known.ends[0] - known.begins[0] + 1:
        return known
    own, end = entries_of(finer, before), before + finer.count
    head, tail = known.begins <= before, known.ends > end
    # Of an entry of which a part was worked out again the rest lies between the same values.
    return Entries(
        np.concatenate([known.begins[head], own.begins, np.maximum(known.begins[tail], end + 1)]),
        np.concatenate([np.minimum(known.ends[head], before), own.ends, known.ends[tail]]),
        np.concatenate([known.lows[head], own.lows, known.lows[tail]]),
        np.concatenate([known.highs[head], own.highs, known.highs[tail]]),
    )


@dataclass(frozen=True, eq=False)
class Mean:
    """The means of the last `window` losses, or of all where there are fewer, at some steps."""

    steps: FloatArray
    values: FloatArray
    window: int


def mean_of(losses: Extremes, window: int) -> Mean:
    return Mean(*losses.mean_series(window), losses.mean_steps(window))


def replayed_mean(replayed: ReplayedLosses, window: int, shown: Window) -> Mean | None:
    """The means over fewer steps than the history knows as one, where they are worked out for all that is shown."""
    finer, before = replayed.losses, replayed.first - 1
    if not replayed.finished or window >= replayed.session.history.losses.width:
        return None
    mean = mean_of(finer, window)
    full = mean.steps >= (window if before else 1)
    steps, values = mean.steps[full] + before, mean.values[full]
    if not steps.size or steps[0] > shown.first or steps[-1] < min(shown.last, replayed.session.history.steps):
        return None
    return Mean(steps, values, mean.window)


def wanted_replay(session: Session, view: View, shown: Window, columns: int) -> tuple[int, int] | None:
    """The steps that are to be worked out again for a plot of so many columns; None where enough is known of them.

    Whole entries of the history, and before them what a mean takes into account.
    """
    width, steps = session.history.losses.width, session.history.steps
    if width == 1 or session.fixed or shown.first > steps:
        return None
    size = min(shown.last, steps) - shown.first + 1
    if size > columns * width:
        return None
    mean = mean_steps(session, view)
    begin = max(shown.first - (mean if LEAST_MEAN <= mean < width else 0), 1)
    first = (begin - 1) // width * width + 1
    return first, min(-(-shown.last // width) * width, steps)


def overlaid(other: Overlay, place: int, window: int, look: Look) -> Series:
    """The mean of another run's losses, or where there is none these themselves."""
    losses, letter = other.history.losses, LETTERS[place]
    color = look.palette.classes[COLORS[place]]
    if window >= LEAST_MEAN:
        return Series(other.name, *losses.mean_series(window), None, color, letter, fades=False)
    steps, lows, highs = losses.series()
    begins = None if losses.width == 1 else losses.begins()
    return Series(other.name, steps, lows, highs, color, letter, begins, fades=False)


def dated(found: Sequence[Series], log: bool, width: int) -> list[Series]:
    """The series with the moment of their losses in their names, where the legend has room for that."""
    moments = {"train": " before update", "batch": " before update", "test": " after it"}
    told = [replace(one, name=one.name + moments.get(one.name, "")) for one in found]
    used = sum(3 + cell_len(f"{one.letter}{one.name}") for one in told) + len("log" if log else "linear")
    return told if used <= width else list(found)


def mean_steps(session: Session, view: View) -> int:
    """Over how many steps the mean goes: as chosen, or an epoch, or a twentieth of the run where that is less.

    1 for no mean.
    """
    if view.smoothing is not None:
        return max(view.smoothing, 1)
    share = max(1, session.history.steps // MEAN_SHARE)
    return min(session.trainer.steps_per_epoch, share) if session.timeline.knows_epochs else share


def smoothings(session: Session) -> list[int | None]:
    """What there is to choose from: as usual, none, and tens of steps up to half of the run.

    Of fewer steps than the history knows as one there is no mean.
    """
    losses = session.history.losses
    means = [10**power for power in range(1, 12) if losses.width <= 10**power <= losses.count // 2]
    return [None, 0, *means]


def smoothing_text(session: Session, view: View) -> str:
    """What is smoothed, and over how many steps."""
    if view.smoothing is None:
        steps = mean_steps(session, view)
        if steps < LEAST_MEAN:
            whole_set = session.trainer.steps_per_epoch == 1 and session.timeline.knows_epochs
            return f"no mean of the losses: {'every step sees all examples' if whole_set else 'the run is short'}"
        usual = steps == session.trainer.steps_per_epoch and session.timeline.knows_epochs
        why = "an epoch" if usual else "a twentieth of the run"
        return f"mean of the last {session.history.losses.mean_steps(steps):,} batch losses, {why}"
    if not view.smoothing:
        return "no mean: the loss of every step as it is"
    steps = session.history.losses.mean_steps(view.smoothing)
    return f"mean of the last {steps:,} batch losses; each of these behind it"
