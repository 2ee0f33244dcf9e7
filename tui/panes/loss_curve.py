"""What the plot of the losses shows: the run's losses, their mean and the test loss, over some of its steps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len

from backprop_tui.core.session.history import MEAN_SHARE
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import Look
from backprop_tui.tui.drawing.palette import FloatArray, mix
from backprop_tui.tui.drawing.series import Series

from .view import View


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
    last = float(max(session.history.steps, 1))
    return LossPicture(
        tuple(series(session, view.look)), view.log, 1.0, last, float(session.step), session.preset.title
    )


def series(session: Session, look: Look) -> list[Series]:
    """The batch loss of every step, its mean over the last steps where batches differ, and the test loss as measured.

    Without colours each has a letter, where there are several.
    """
    losses, palette = session.history.losses, look.palette
    steps, lows, highs = losses.series()
    if not len(steps):
        return []
    tested = session.history.evaluations.series(0) if session.dataset.test_size else None
    lettered = not look.color and not look.glyphs.ascii
    window = mean_steps(session)
    alone = window == 1 and tested is None

    def one(name: str, steps: FloatArray, low: FloatArray, high: FloatArray | None, color: str) -> Series:
        return Series(name, steps, low, high, color, name[0] if lettered and not alone else "")

    if window == 1:
        whole = session.trainer.steps_per_epoch == 1 and session.timeline.knows_epochs
        found = [one("train" if whole else "batch", steps, lows, highs, palette.train)]
    else:
        noise = mix(palette.train, palette.background, 0.5)
        found = [
            one("batch", steps, lows, highs, noise),
            one("mean", *losses.mean_series(window), None, palette.train),
        ]
    return found if tested is None else [*found, one("test", *tested, None, palette.test)]


def dated(found: Sequence[Series], log: bool, width: int) -> list[Series]:
    """The series with the moment of their losses in their names, where the legend has room for that."""
    moments = {"train": " before update", "batch": " before update", "test": " after it"}
    told = [replace(one, name=one.name + moments.get(one.name, "")) for one in found]
    used = sum(3 + cell_len(f"{one.letter}{one.name}") for one in told) + len("log" if log else "linear")
    return told if used <= width else list(found)


def mean_steps(session: Session) -> int:
    """Over how many steps the mean goes: an epoch, or a twentieth of the run where that is less; 1 for no mean."""
    share = max(1, session.history.steps // MEAN_SHARE)
    return min(session.trainer.steps_per_epoch, share) if session.timeline.knows_epochs else share
