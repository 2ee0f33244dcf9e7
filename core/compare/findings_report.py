"""The diagnosis of a headless run: train for some steps, and say what was found, for people or for programs."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from textwrap import wrap
from time import perf_counter, process_time
from types import MappingProxyType
from typing import Any

from backprop_tui.core.diagnosis.findings import SEVERITIES, Finding, Remedy, Severity
from backprop_tui.core.diagnosis.roots import joined
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.core.session.run import Goal, next_stop
from backprop_tui.core.session.session import Session
from backprop_tui.core.value_class import dataclass

from .trials import Trials

DEFAULT_STEPS = 500
BUDGET = 20.0
"""Seconds of computing that remedies are tried for: a busy machine tries as many as an idle one, if it has the time."""
PATIENCE = 3
"""How many times as many seconds may go by."""
INDENT = "  "


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of so many steps showed. `finite` is whether it ended with finite numbers."""

    title: str
    steps: int
    findings: tuple[Finding, ...]
    finite: bool
    left_out: int = 0
    """Remedies that were not tried, as the time was up."""


def diagnose(session: Session, steps: int | None = None, progress: Callable[[int], None] | None = None) -> Report:
    """Train a fresh session as its preset says, or for so many steps, and report its findings.

    It ends sooner where its numbers are not finite.
    """
    goal = goal_of(session, steps)
    while session.step < goal.steps and not session.diverged:
        session.advance(session.timeline.finish_of(next_stop(session, goal)))
        if progress is not None:
            progress(session.step)
        ended = goal.conditional and session.trainer.place_of(session.step)[1] == 0
        if ended and goal.reached(session.evaluator.training()):
            break
    finite = not session.diverged
    done = session.step
    if not finite:
        session.stop_at_divergence()
        done = session.step
    found = tuple(each.finding for each in joined(session.findings()))
    return Report(session.preset.title, done, found, finite)


def measured(
    report: Report, session: Session, seconds: float = BUDGET, progress: Callable[[int, int], None] | None = None
) -> Report:
    """The same report, with the remedies tried, as far as the time goes, and those left out that nobody offers."""
    trials = Trials(session, report.findings)
    deadline, latest = process_time() + seconds, perf_counter() + PATIENCE * seconds
    for state in trials.run():
        if progress is not None:
            progress(state.done, state.of)
        if process_time() >= deadline or perf_counter() >= latest:
            trials.stop()
            break
    # What is no fault after all stands behind what is one.
    found = tuple(each.finding for each in joined(trials.measured_findings()))
    return replace(report, findings=found, left_out=max(0, trials.planned - trials.done))


def goal_of(session: Session, steps: int | None = None) -> Goal:
    """When a diagnosis ends: as the preset says, or after so many steps."""
    trainer, stop = session.trainer, session.preset.training.stop
    return Goal.of(stop, trainer.steps_per_epoch, steps, DEFAULT_STEPS, slots_before=trainer.slots_before)


def stands(report: Report, severity: Severity) -> bool:
    """Whether something at least as grave as this was found, and is still there."""
    least = SEVERITIES.index(severity)
    return any(finding.active and SEVERITIES.index(finding.severity) >= least for finding in report.findings)


def diagnose_json(report: Report) -> dict[str, Any]:
    """What `diagnose --json` prints."""
    return {"findings": [finding_json(finding) for finding in report.findings]}


def finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "step": finding.step,
        "layer": finding.layer,
        "evidence": finding.evidence,
        "threshold": number(finding.threshold),
        "cause": finding.cause,
        "remedies": [remedy_json(remedy) for remedy in finding.remedies],
    }


def remedy_json(remedy: Remedy) -> dict[str, Any]:
    tried = remedy.measured
    figures = None if tried is None else {"steps": tried.steps, "loss": number(tried.loss), "clears": tried.clears}
    return {"text": remedy.text, "set": remedy.set, "measured": figures, "helps": remedy.helps}


def diagnose_text(
    report: Report, width: int | None = None, definitions: Mapping[str, str] = MappingProxyType({})
) -> str:
    """The same for people, wrapped to `width` columns where there is one.

    `definitions`: those of rules that mean something else where the report comes from.
    """
    steps = f"{report.steps:,} {'step' if report.steps == 1 else 'steps'}"
    lines = [f"{report.title}: {steps}, {counted(len(report.findings))}"]
    for each in joined(report.findings):
        definition = definitions.get(each.finding.rule, RULES[each.finding.rule].definition)
        lines += ["", *finding_lines(each.finding, width, each.follows, definition)]
    if report.left_out:
        lines += ["", f"{report.left_out} more remedies were not tried: the time was up."]
    return "\n".join(lines)


def counted(findings: int) -> str:
    return "no findings" if not findings else "1 finding" if findings == 1 else f"{findings:,} findings"


def finding_lines(
    finding: Finding, width: int | None = None, follows: Finding | None = None, definition: str | None = None
) -> list[str]:
    """A finding: what, where and when; the evidence beside its rule; the cause; what helps, as one types it."""
    where = f" · layer {finding.layer}" if finding.layer is not None else ""
    gone = "" if finding.active else f" · gone at step {finding.cleared:,.0f}"
    lines = [f"{finding.severity}: {RULES[finding.rule].title}{where} · step {finding.step:,}{gone}"]
    if follows is not None:
        lines += hanging(f"{INDENT}{'from':6}", f"what stands above: {RULES[follows.rule].title}", width)
    parts = [
        ("found", finding.evidence),
        ("rule", definition or RULES[finding.rule].definition),
        ("cause", finding.cause),
    ]
    for label, text in parts:
        lines += hanging(f"{INDENT}{label:6}", text, width)
    for remedy in finding.remedies:
        lines += remedy_lines(remedy, width)
    return lines


def remedy_lines(remedy: Remedy, width: int | None) -> list[str]:
    """What may help, what came of it, and how one types it; what does not help is only told."""
    label = "tried" if remedy.helps is False else "try"
    lines = hanging(f"{INDENT}{label:6}", remedy.text, width)
    if remedy.measured is not None:
        no = "does not help: " if not remedy.helps else ""
        lines += hanging(f"{INDENT}{'':6}", no + remedy.measured.says, width)
    if remedy.helps is not False:
        lines += [f"{INDENT}{'':6}--set {setting(path, value)}" for path, value in remedy.set.items()]
    return lines


def setting(path: str, value: object) -> str:
    """`optimizer.learning_rate=0.01`, as an option takes it."""
    text = value if isinstance(value, str) else inline(value)
    return f"{path}={text}"


def hanging(label: str, text: str, width: int | None) -> list[str]:
    """The text behind its label, its further lines under the first."""
    if width is None:
        return [label + text]
    return wrap(text, width, initial_indent=label, subsequent_indent=" " * len(label))
