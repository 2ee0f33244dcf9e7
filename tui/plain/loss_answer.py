"""The losses of a run in words: the first, the last and the lowest, those of the test set, and any of them by step."""

import re
from collections.abc import Iterator

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.drawing.numbers import format_count

from .run import PlainRun
from .said import exact, said

LATEST = 10
"""Losses that are told without being asked for."""
MOST = 10_000
RANGE = re.compile(r"(?P<first>[0-9]{1,12})(?:\s*(?:to|-|…)\s*|\s+)(?P<last>[0-9]{1,12})")


def losses(run: PlainRun, text: str) -> Iterator[str]:
    """`loss`, `loss 1 to 20`: what the losses of all steps come to, and those of some."""
    if text:
        found = RANGE.fullmatch(text)
        if found is None or not 1 <= int(found["first"]) <= int(found["last"]):
            raise PresetError(f"expected loss, or loss 1 to 20 for these steps, found {text!r}")
        first, last = int(found["first"]), min(int(found["last"]), int(found["first"]) + MOST - 1)
        yield from some(run, first, last)
        return
    yield from losses_text(run)
    count = run.session.history.steps
    yield from some(run, max(1, count - LATEST + 1), count)


def losses_text(run: PlainRun) -> Iterator[str]:
    """First, last and lowest loss, and what the network is worth on the whole data as it stands."""
    session = run.session
    history = session.history.losses
    if not history.count:
        yield "No step is finished yet, so there is no loss."
    else:
        steps, lows, highs = history.series()
        count = format_count(history.count)
        count += " step" if history.count == 1 else " steps"
        yield f"Of {count} the loss of the batch of the last is {exact(float(highs[-1]))}."
        if history.width == 1:
            yield f"Of the first it was {exact(float(lows[0]))}."
        for highest, word in ((False, "lowest"), (True, "highest")):
            if (found := history.extreme(highest=highest)) is not None:
                where = f"step {found[0][0]:,}" if len(found[0]) == 1 else f"steps {found[0][0]:,} to {found[0][-1]:,}"
                yield f"The {word}: {exact(found[1])} in {where}."
        if steps[-1] != history.count:
            yield f"Known up to step {int(steps[-1]):,}."
    evaluated = session.evaluate()
    for name, part in (("training", evaluated.training), ("test", evaluated.test)):
        if part is not None:
            accuracy = "" if part.accuracy is None else f", accuracy {said(part.accuracy)}"
            yield f"The whole {name} part after step {session.step:,}: ℒ = {exact(part.loss)}{accuracy}."


def some(run: PlainRun, first: int, last: int) -> Iterator[str]:
    """The loss of each of these steps, as far as it is known: of a long run the least and the greatest of several."""
    ends, lows, highs = run.session.history.losses.series()
    begins = run.session.history.losses.begins()
    told = False
    for begin, end, low, high in zip(begins, ends, lows, highs, strict=True):
        if end < first or begin > last:
            continue
        told = True
        if begin == end:
            yield f"step {int(end):,}: ℒ = {exact(float(high))}"
        else:
            yield f"steps {int(begin):,} to {int(end):,}: ℒ from {exact(float(low))} to {exact(float(high))}"
    if not told and last >= first:
        yield f"No loss of these steps is known: the run has {format_count(run.session.history.steps)} steps so far."
