"""The diagnosis of a headless run: train for some steps, and say what was found, for people or for programs."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from backprop_tui.core.diagnosis.findings import Finding
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.preset.json_number import number
from backprop_tui.core.preset.toml_text import inline
from backprop_tui.core.session.run import Goal, next_stop
from backprop_tui.core.session.session import Session

DEFAULT_STEPS = 500
INDENT = "  "


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of so many steps showed. `finite` is whether it ended with finite numbers."""

    title: str
    steps: int
    findings: tuple[Finding, ...]
    finite: bool


def diagnose(session: Session, steps: int | None = None, progress: Callable[[int], None] | None = None) -> Report:
    """Train a fresh session as its preset says, or for so many steps, and report its findings.

    It ends sooner where its numbers are not finite.
    """
    goal = goal_of(session, steps)
    while session.step < goal.steps and not session.diverged:
        session.advance(session.timeline.finish_of(next_stop(session, goal)))
        if progress is not None:
            progress(session.step)
        ended = goal.conditional and session.step % session.trainer.steps_per_epoch == 0
        if ended and goal.reached(session.evaluator.training()):
            break
    finite = not session.diverged
    done = session.step
    if not finite:
        session.stop_at_divergence()
        done = session.step
    return Report(session.preset.title, done, tuple(session.findings()), finite)


def goal_of(session: Session, steps: int | None = None) -> Goal:
    """When a diagnosis ends: as the preset says, or after so many steps."""
    return Goal.of(session.preset.training.stop, session.trainer.steps_per_epoch, steps, DEFAULT_STEPS)


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
        "remedies": [{"text": remedy.text, "set": remedy.set} for remedy in finding.remedies],
    }


def diagnose_text(report: Report, width: int | None = None) -> str:
    """The same for people, wrapped to `width` columns where there is one."""
    steps = f"{report.steps:,} {'step' if report.steps == 1 else 'steps'}"
    lines = [f"{report.title}: {steps}, {counted(len(report.findings))}"]
    for finding in report.findings:
        lines += ["", *finding_lines(finding, width)]
    return "\n".join(lines)


def counted(findings: int) -> str:
    return "no findings" if not findings else "1 finding" if findings == 1 else f"{findings:,} findings"


def finding_lines(finding: Finding, width: int | None = None) -> list[str]:
    """A finding: what, where and when; the evidence beside its rule; the cause; what helps, as one types it."""
    where = f" · layer {finding.layer}" if finding.layer is not None else ""
    gone = "" if finding.active else f" · gone at step {finding.cleared:,.0f}"
    lines = [f"{finding.severity}: {RULES[finding.rule].title}{where} · step {finding.step:,}{gone}"]
    parts = [("found", finding.evidence), ("rule", RULES[finding.rule].definition), ("cause", finding.cause)]
    for label, text in parts:
        lines += hanging(f"{INDENT}{label:6}", text, width)
    for remedy in finding.remedies:
        lines += hanging(f"{INDENT}{'try':6}", remedy.text, width)
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
