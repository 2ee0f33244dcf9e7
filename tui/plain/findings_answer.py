"""What was found wrong with the run, the root cause first, and what came of the remedies when they were tried."""

from collections.abc import Iterator

from backprop_tui.core.compare.findings_report import Report, counted, finding_lines, measured
from backprop_tui.core.diagnosis.roots import joined
from backprop_tui.core.diagnosis.rules import RULES

from .run import PlainRun
from .said import plainly


def diagnose(run: PlainRun, text: str) -> Iterator[str]:
    """The findings of the run up to here."""
    found = joined(run.session.findings())
    yield f"Up to step {run.session.step:,}: {counted(len(found))}."
    for each in found:
        yield from told(finding_lines(each.finding, None, each.follows))
    if any(each.finding.remedies for each in found) and not run.session.fixed:
        yield "Type remedies to have what may help tried; set, as told, tries it on this run."


def remedies(run: PlainRun, text: str) -> Iterator[str]:
    """The findings again, each remedy tried on the same data and seed before it is offered."""
    session = run.session
    if session.fixed:
        yield f"{session.fixed[:1].upper()}{session.fixed[1:]}."
        return
    found = tuple(each.finding for each in joined(session.findings()))
    if not found:
        yield f"Up to step {session.step:,}: no findings, and nothing to try."
        return
    report = measured(Report(session.preset.title, session.step, found, not session.diverged), session.twin())
    yield f"Up to step {session.step:,}: {counted(len(report.findings))}."
    for each in joined(report.findings):
        yield from told(finding_lines(each.finding, None, each.follows))
    if report.left_out:
        yield f"{report.left_out} more remedies were not tried: the time was up."


def told(lines: list[str]) -> Iterator[str]:
    """The lines of a finding without what aligns them, a setting as it is typed here."""
    for line in lines:
        text = " ".join(line.split())
        for label in ("found", "rule", "cause", "from", "try", "tried"):
            if line.startswith(f"  {label:6}"):
                text = f"{label}: {line[8:].strip()}"
        if text.startswith("--set "):
            path, _, value = text.removeprefix("--set ").partition("=")
            text = f"type: set {path} = {value}"
        yield plainly(text)


def new_findings(run: PlainRun) -> Iterator[str]:
    """What has been found wrong since it was last told of, each once."""
    if "diagnosis" in run.hide:
        return
    for finding in run.session.findings():
        key = (finding.rule, finding.layer, finding.step)
        if finding.active and key not in run.told:
            run.told.add(key)
            title, where = RULES[finding.rule].title, "" if finding.layer is None else f", layer {finding.layer}"
            yield f"Found: {finding.severity}, {title}{where}, step {finding.step:,}. Type diagnose."
