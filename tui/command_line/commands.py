"""The commands that work without the app. Each takes the options and returns the exit status."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from math import nan
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from .console import complain, emit, in_ascii
from .gallery_text import gallery_text
from .loading import gallery, is_recording, load, recording_of, step_of, tell_notes
from .options import UsageError
from .predicting import predict
from .sessions import session_at_step, session_of
from .showing import show
from .worksheets import check_worksheet, shorter, tell_length, worksheets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backprop_tui.core.compare.findings_report import Report as DiagnosisReport
    from backprop_tui.core.session.session import Session
    from backprop_tui.core.verify.report import Report

PROGRESS_SECONDS = 0.1
WRONG_USAGE = 2
LISTED = ("id", "title", "summary", "tags")


def list_presets(options: Namespace) -> int:
    """`list`: every built-in preset."""
    entries = gallery()
    if options.json:
        emit_json([{name: value for name, value in asdict(entry).items() if name in LISTED} for entry in entries])
    else:
        # Whoever says how wide lines may be is heard, whoever reads them.
        width = get_terminal_size().columns if os.environ.get("COLUMNS", "").isdecimal() else columns()
        emit_text(gallery_text(entries, width), options)
    return 0


def train(options: Namespace) -> int:
    """`train`: a run without the app; 1 where it became non-finite."""
    from backprop_tui.core.compare.run_json import train_json
    from backprop_tui.core.session.run import Goal
    from backprop_tui.core.session.run import train as run
    from backprop_tui.core.training.limits import check_printed

    from .loss_file import check_table, losses_of
    from .progress import Progress
    from .saving import check_saved, save, sequential_of
    from .training_text import training_text

    check_saved(options)
    check_table(options)
    session = session_of(options)
    if options.format == "torch":
        sequential_of(session)
    if options.json:
        check_printed(session.preset, session.trainer.state.parameters.size)
    trainer, stop = session.trainer, session.preset.training.stop
    goal = Goal.of(stop, trainer.steps_per_epoch, options.steps, begun=session.step, slots_before=trainer.slots_before)
    write_losses = losses_of(options, session)
    with recorded(session, options.record) as take, Progress(goal.steps) as progress:

        def tell(step: int, loss: float) -> None:
            progress(step, loss)
            take()

        result = run(session, goal, tell)
    written = [save(options, session), write_losses()]
    rows = [row for told, _ in written for row in told]
    not_saved = [problem for _, problem in written if problem]
    if options.json:
        emit_json(train_json(session, result))
    else:
        emit_text(training_text(session, result, rows), options)
    for problem in not_saved:
        complain(problem)
    if result.stopped_by != "not_finite":
        return WRONG_USAGE if not_saved else 0
    # Before the first update no learning rate has done anything.
    updated = result.steps > 0 or (session.fault is not None and session.fault.op.phase == "update")
    advice = "; a smaller learning rate may help" if updated else ""
    if session.diverged or session.fault is not None:
        complain_of_halt(session, advice)
    else:
        complain(f"training became non-finite: the loss of the training set after step {result.steps}{advice}")
    return 1


def explain(options: Namespace) -> int:
    """`explain`: the worked solution of a step, of one weight in it, or a worksheet."""
    check_worksheet(options)
    if options.students is not None:
        emit_text(worksheets(options), options)
        return 0

    from backprop_tui.core.chain_rule.spotlight import Spotlight
    from backprop_tui.core.preset.parameter_name import parameter_name
    from backprop_tui.core.preset.schema import Place
    from backprop_tui.core.session.session import Session
    from backprop_tui.core.worked.class_sheets import Task
    from backprop_tui.core.worked.document import solution_document
    from backprop_tui.core.worked.exercise import TooWideError
    from backprop_tui.core.worked.few_digits import few_digits
    from backprop_tui.core.worked.worksheet import redrawn

    from .progress import Progress

    session = session_at_step(options)
    preset, dataset = session.preset, session.dataset
    weight = preset.view.spotlight if options.weight is None else options.weight
    name = parameter_name(weight, preset.layers, len(dataset.inputs), Place("--weight"))
    if options.worksheet and options.seed is not None:
        session = Session(redrawn(preset, dataset), dataset)
    if options.digits is not None:
        session = Session(*few_digits(session.preset, dataset, options.digits))
    go_to(session, session.timeline.finish_of(options.step) - 1, options.step)
    with Progress(2 * len(session.plan.ops) * (1 + options.worksheet), "ops") as progress:
        try:
            document = solution_document(
                session,
                options.step,
                Spotlight.named(name, session.preset.view.example - 1),
                options.format,
                derive=options.weight is not None,
                worksheet=options.worksheet,
                tell=progress,
            )
        except TooWideError as problem:
            raise problem.advised(shorter(options, Task(options.step, options.weight))) from None
    emit_text(document, options)
    if options.worksheet:
        tell_length(document, options)
    session.stop_at_fault()
    if session.diverged:
        complain_of_halt(session)
    return 0


def check(options: Namespace) -> int:
    """`check`: the gradient check of a step; 1 where it fails."""
    from backprop_tui.core.proof.check_report import check_json, check_text
    from backprop_tui.core.proof.gradient_check import GradientCheck

    from .progress import Progress

    session = session_at_step(options)
    # To the start of the step, where its batch is laid and its parameters are not changed yet.
    go_to(session, session.timeline.finish_of(options.step - 1) + 1, options.step)
    gradient_check = GradientCheck(session.rehearse(), session.seed)
    with Progress(len(gradient_check.chosen), "parameters") as progress:
        while not gradient_check.advance(PROGRESS_SECONDS):
            progress(len(gradient_check.verdicts))
    result = gradient_check.result()
    if options.json:
        emit_json(check_json(result))
    else:
        emit_text(check_text(result), options)
    session.stop_at_fault()
    if session.diverged:
        complain_of_halt(session)
    return 0 if result.passed else 1


def diagnose(options: Namespace) -> int:
    """`diagnose`: what is wrong with a run, with evidence, cause and remedies; 1 where it is as bad as --fail-on."""
    report, definitions = recorded_report(options) or (run_report(options), {})
    from backprop_tui.core.compare.findings_report import diagnose_json, diagnose_text, stands

    if options.json:
        emit_json(diagnose_json(report))
    else:
        emit_text(diagnose_text(report, columns(), definitions), options)
    return 1 if options.fail_on is not None and stands(report, options.fail_on) else 0


def recorded_report(options: Namespace) -> "tuple[DiagnosisReport, Mapping[str, str]] | None":
    """The report of a recording of somebody's own training, and what its rules mean there; None for anything else."""
    if not is_recording(options.preset):
        return None
    recording = recording_of(options.preset)
    if recording.origin == "preset":
        return None
    if options.set or options.seed is not None:
        raise UsageError(f"{options.preset} is a recording: leave out --set and --seed")
    from backprop_tui.core.recording.recorded_diagnosis import DEFINITIONS, diagnose_recording

    return diagnose_recording(recording, options.steps), DEFINITIONS


def run_report(options: Namespace) -> "DiagnosisReport":
    """Train a preset, or look at a recorded run of one as far as it goes, and try what helps."""
    from backprop_tui.core.compare.findings_report import diagnose as run
    from backprop_tui.core.compare.findings_report import goal_of, measured

    from .progress import Progress

    session, steps = session_of(options), options.steps
    if is_recording(options.preset):
        steps = session.step if steps is None else steps
        session.seek(min(session.count, session.timeline.finish_of(steps)))
    with Progress(goal_of(session, steps).steps) as progress:
        report = run(session, steps, lambda step: progress(step, session.plan.loss()))
    if options.measure and report.findings:
        with Progress(1, "remedies") as progress:
            report = measured(report, session, progress=progress.towards)
    return report


def compare(options: Namespace) -> int:
    """`compare`: several runs in lockstep."""
    from backprop_tui.core.compare.report import check_number, compare_json, compare_text, comparison_of, limit_of
    from backprop_tui.core.compare.report import compare as run

    from .progress import Progress

    if len(options.presets) > 1:
        check_number(len(options.presets), "presets")
    loaded = [load(preset, settings=options.set, seed=options.seed, told=True) for preset in options.presets]
    comparison = comparison_of(loaded)
    known = {note for _, dataset in loaded for note in dataset.notes}
    told = [(run.name, note) for run in comparison.runs for note in run.session.dataset.notes if note not in known]
    tell_notes([f"{name}: {note}" for name, note in told])
    with Progress(limit_of(comparison, options.steps)) as progress:
        result = run(comparison, options.steps, progress)
    if options.json:
        emit_json(compare_json(result))
    else:
        emit_text(compare_text(result), options)
    return 0


def estimate(options: Namespace) -> int:
    """`estimate`: backpropagation against its alternatives."""
    from backprop_tui.core.proof.contest import DEFAULT_BUDGET, Contest
    from backprop_tui.core.proof.estimate_report import estimate_json, estimate_text
    from backprop_tui.core.training.trainer import Trainer

    from .progress import Progress

    preset, dataset = load(options.preset, settings=options.set, seed=options.seed, told=True)
    budget = DEFAULT_BUDGET if options.budget is None else options.budget
    contest = Contest(Trainer(preset, dataset, preset.run_seed), dataset, budget)
    passes = budget * len(contest.methods)
    with Progress(passes, "passes") as progress:
        while not contest.advance(PROGRESS_SECONDS):
            points = next(reversed(contest.traces.values()), ())
            progress(round(contest.progress * passes), points[-1][1] if points else nan)
    if options.json:
        emit_json(estimate_json(contest.outcome))
    else:
        emit_text(estimate_text(contest.outcome), options)
    return 0


@contextmanager
def recorded(session: "Session", path: str | None) -> Iterator[Callable[[], None]]:
    """What is to be called now and then while the session is recorded at `path`; nothing is, where that is None."""
    if path is None:
        yield lambda: None
        return
    from backprop_tui.core.recording.recorder import Recorder

    try:
        recorder = Recorder(session, path)
    except FileExistsError:
        raise UsageError(f"--record writes a new file, and {path} is there already") from None

    def take() -> None:
        try:
            recorder.take()
        except OSError as problem:
            # The training is worth more than its recording, which has what was written until now.
            complain(f"{path}: {problem.strerror}; the recording ends here")
            recorder.stop()

    try:
        yield take
    finally:
        try:
            recorder.close()
        except OSError as problem:
            complain(f"{path}: {problem.strerror}; the recording is not complete")


def go_to(session: "Session", count: int, step: int) -> None:
    """Run on to the position after `count` events, in `step`."""
    from .progress import Progress

    session.depart(count)
    with Progress(step) as progress:
        while not session.approach(count, PROGRESS_SECONDS):
            progress(session.step, session.plan.loss())


def complain_of_halt(session: "Session", advice: str = "") -> None:
    """Say where training halts, in the words of every command."""
    from backprop_tui.core.session.halt import halted_by

    complain(f"training became non-finite: {halted_by(session)}{advice}")


def columns() -> int | None:
    """The width of the terminal that results go to; None where they go to a file or a pipe."""
    return get_terminal_size().columns if sys.stdout is not None and sys.stdout.isatty() else None


def report_on(options: Namespace) -> "Report":
    """The report on the step that `verify` was given."""
    from backprop_tui.core.verify.verify import verify as verified

    given = load(options.preset, settings=options.set, seed=options.seed) if options.preset else None
    source, name = step_of(options.file)
    return verified(
        source,
        name=name,
        preset=given,
        sets=() if given else tuple(options.set),
        activations=None if options.activations is None else " ".join(options.activations),
        loss_kind=options.loss_kind,
        optimizer=options.optimizer,
        learning_rate=options.learning_rate,
    )


def verify(options: Namespace) -> int:
    """`verify`: what is right and what is wrong in a step that somebody's own code computed; 1 where something is."""
    report = report_on(options)
    if options.json:
        emit_json(report.to_dict())
    else:
        emit_text(str(report), options)
    return 0 if report.passed else 1


HEADLESS: dict[str, Callable[[Namespace], int]] = {
    "list": list_presets,
    "show": show,
    "train": train,
    "explain": explain,
    "check": check,
    "diagnose": diagnose,
    "compare": compare,
    "estimate": estimate,
    "predict": predict,
    "verify": verify,
}


def emit_json(document: Any) -> None:
    """One JSON document; raises ValueError for a number that strict JSON has not."""
    emit(json.dumps(document, allow_nan=False))


def emit_text(text: str, options: Namespace) -> None:
    """Lines of text, in plain ASCII if that was asked for."""
    emit(in_ascii(text) if options.ascii else text)
