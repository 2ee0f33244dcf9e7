"""`compare` without the app: several runs in lockstep to a common last step, and the result as JSON and as text."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

from backprop_tui.core.ops.expression import signed
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.run import REPORT_STEPS, Goal
from backprop_tui.core.session.session import Session
from backprop_tui.core.training.evaluation import Evaluated
from backprop_tui.core.value_class import dataclass

from .compared_run import ComparedRun
from .comparison import MOST_RUNS, Comparison, check_memory
from .figures import RunFigures, figures, findings


@dataclass(frozen=True, slots=True)
class RunResult:
    """What came of one run: `first` before step 1, `last` after its last step.

    `best_loss` is the lowest of these and of those at the ends of epochs; `not_finite` the step in which its numbers
    ceased to be finite, `steps` are those before.
    """

    name: str
    steps: int
    first: Evaluated
    last: RunFigures
    best_loss: float
    not_finite: int | None


@dataclass(frozen=True, slots=True)
class ComparisonResult:
    """`steps` that all runs have done, but those that became non-finite."""

    steps: int
    runs: tuple[RunResult, ...]


def comparison_of(presets: Sequence[tuple[Preset, Dataset]]) -> Comparison:
    """One preset beside its variants, or several presets. Raises PresetError for what cannot run, or for too many."""
    preset, dataset = presets[0]
    if len(presets) > 1:
        check_number(len(presets), "presets")
        check_memory(presets)
        return Comparison([(preset.id, Session(preset, dataset)) for preset, dataset in presets])
    check_number(1 + len(preset.variants), f"{preset.source} and its {len(preset.variants)} variants")
    comparison = Comparison([(preset.id, Session(preset, dataset))])
    for variant in preset.variants:
        comparison.add_changes(variant.name, variant.set)
    return comparison


def check_number(count: int, what: str) -> None:
    if count > MOST_RUNS:
        raise PresetError(f"compare: expected at most {MOST_RUNS} runs, found {count} ({what}); leave some out")


def compare(
    comparison: Comparison, steps: int | None = None, progress: Callable[[int, float], None] | None = None
) -> ComparisonResult:
    """Train fresh runs in lockstep for `steps` steps, or until the first stop condition of one of them holds.

    All end at the same step, since only there can they be compared; a run that becomes non-finite ends before.
    `progress` is told steps done and the batch loss of the first run now and then.
    """
    goals = [goal_of(run, steps) for run in comparison.runs]
    limit = limit_of(comparison, steps)
    firsts = [run.session.evaluate() for run in comparison.runs]
    for run, goal in zip(comparison.runs, goals, strict=True):
        run.aim(goal)
    while comparison.finished_steps < limit and not comparison.over:
        lead = comparison.lead.session
        comparison.go(lead.timeline.finish_of(next_stop(comparison, limit)))
        comparison.finish()
        if progress is not None:
            progress(comparison.finished_steps, lead.plan.loss())
        if steps is None and any(run.reached is not None for run in comparison.runs):
            break
    results = tuple(map(result, comparison.runs, firsts))
    return ComparisonResult(max(run.steps for run in results), results)


def limit_of(comparison: Comparison, steps: int | None) -> int:
    """The most steps that `compare` will take."""
    return min(goal_of(run, steps).steps for run in comparison.runs)


def goal_of(run: ComparedRun, steps: int | None) -> Goal:
    """The goal of a run's own preset. `steps` overrides where it ends, not what is noted of its conditions."""
    stop = run.session.preset.training.stop
    if steps is not None:
        return Goal(steps, "steps", stop.loss_below, stop.accuracy_above)
    trainer = run.session.trainer
    return Goal.of(stop, trainer.steps_per_epoch, slots_before=trainer.slots_before)


def next_stop(comparison: Comparison, limit: int) -> int:
    """The next step at which all runs wait for each other: the end of an epoch of one, or some way towards it."""
    trainers = [run.session.trainer for run in comparison.runs if not run.stopped]
    done = comparison.finished_steps
    ends = (trainer.steps_of_epochs(trainer.place_of(done)[0] + 1) for trainer in trainers)
    return min(limit, done + REPORT_STEPS, *ends)


def result(run: ComparedRun, first: Evaluated) -> RunResult:
    """What came of a run; of one that became non-finite, as its last whole step left it, with what was found of it."""
    session = run.session
    not_finite = session.position.step if run.stopped else None
    found = findings(session)
    session.seek(session.timeline.finish_of(session.step))
    last = replace(figures(run), findings=found)
    losses = (first.training.loss, last.evaluated.training.loss, run.best)
    best = min(filter(isfinite, losses), default=first.training.loss)
    return RunResult(run.name, session.step, first, last, best, not_finite)


def compare_json(result: ComparisonResult) -> dict[str, Any]:
    """What `compare --json` prints."""
    return {"steps": result.steps, "runs": [run_json(run) for run in result.runs]}


def run_json(run: RunResult) -> dict[str, Any]:
    last = run.last.evaluated
    return {
        "name": run.name,
        "loss": {
            "first": number(run.first.training.loss),
            "last": number(last.training.loss),
            "best": number(run.best_loss),
        },
        "accuracy": number(last.training.accuracy),
        "test_accuracy": None if last.test is None else number(last.test.accuracy),
        "gradient_ratio": number(run.last.gradient_ratio),
        "findings": list(run.last.findings),
    }


HEADINGS = (
    "run",
    "first loss",
    "last",
    "best",
    "accuracy",
    "test",
    "‖dW⁽¹⁾‖/‖dW⁽ᴸ⁾‖",
    "inactive",
    "goal at",
    "findings",
)


def compare_text(result: ComparisonResult) -> str:
    """A table for people; columns that are empty for every run are left out."""
    rows = [HEADINGS, *(cells(run) for run in result.runs)]
    columns = [column for column in zip(*rows, strict=True) if any(column[1:])]
    widths = [max(map(len, column)) for column in columns]
    # Words are aligned on the left, numbers on the right.
    left = [column[0] in ("run", "findings") for column in columns]
    runs, steps = (len(result.runs), "run"), (result.steps, "step")
    lines = [" in lockstep, ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in (runs, steps)), ""]
    for row in zip(*columns, strict=True):
        fitted = [
            text.ljust(width) if is_left else text.rjust(width)
            for text, width, is_left in zip(row, widths, left, strict=True)
        ]
        lines.append("  ".join(fitted).rstrip())
    lines += [
        f"{run.name}: not finite in step {run.not_finite}; its figures are of step {run.steps}"
        for run in result.runs
        if run.not_finite is not None
    ]
    return "\n".join(lines)


def cells(run: RunResult) -> tuple[str, ...]:
    last = run.last
    test = None if last.evaluated.test is None else last.evaluated.test.accuracy
    inactive = "" if last.inactive is None else f"{last.inactive[0]} of {last.inactive[1]}"
    return (
        run.name,
        form(run.first.training.loss),
        form(last.evaluated.training.loss),
        form(run.best_loss),
        form(last.evaluated.training.accuracy, 4),
        form(test, 4),
        form(last.gradient_ratio, 3),
        inactive,
        "" if last.reached is None else f"{last.reached:,}",
        ", ".join(last.findings),
    )


def form(value: float | None, digits: int = 6) -> str:
    """So many significant digits, with a true minus sign; what there is none of is blank."""
    return "" if value is None else signed(f"{value:.{digits}g}")
