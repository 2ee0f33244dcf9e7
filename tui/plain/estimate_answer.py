"""Backpropagation against its alternatives in words, at equal cost in forward passes."""

from collections.abc import Iterator

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.proof.conclusion import conclusion
from backprop_tui.core.proof.contest import DEFAULT_BUDGET, Contest
from backprop_tui.core.proof.estimate_report import HEADINGS, costs, fairness, figures
from backprop_tui.core.training.trainer import Trainer

from .run import SLICE, PlainRun
from .whole_number import whole_number

MOST = 1_000_000


def estimate(run: PlainRun, text: str) -> Iterator[str]:
    """`estimate`, `estimate 500`: so many forward passes for each method, from the preset's start."""
    session = run.opened
    if session.fixed:
        raise PresetError(session.fixed)
    budget = whole_number(text, 1, MOST) if text else DEFAULT_BUDGET
    if budget is None:
        raise PresetError(f"expected a number of forward passes, such as estimate 500, found {text!r}")
    preset, dataset = session.course.stretches[0].preset, session.dataset
    contest = Contest(Trainer(preset, dataset, session.seed), dataset, budget)
    while not contest.advance(SLICE):
        continue
    outcome = contest.outcome
    yield from conclusion(outcome)
    yield f"{outcome.budget:,} forward passes of the whole training set for each method."
    yield fairness(outcome)
    for result in outcome.results:
        row = figures(result)
        told = [f"{title} {cell}" for title, cell in zip(HEADINGS[1:], row[1:], strict=True) if str(cell).strip()]
        yield f"{row[0]}: {', '.join(told)}"
    yield from costs(outcome)
