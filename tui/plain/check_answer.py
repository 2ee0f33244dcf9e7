"""The gradient check in words: backpropagation's gradient of the batch in view against central differences."""

from collections.abc import Iterator

from backprop_tui.core.proof.check_report import LEGEND, VERDICTS, counted, entry_lines, remarks, sample_line, short
from backprop_tui.core.proof.gradient_check import GradientCheck, check_entry

from .run import SLICE, PlainRun


def check(run: PlainRun, text: str) -> Iterator[str]:
    """Every parameter array, the worst entry, and the one in the spotlight."""
    session, spotlight = run.session, run.spotlight
    rehearsal = session.rehearse()
    own = check_entry(rehearsal, spotlight.parameter, spotlight.layer, spotlight.index)
    checking = GradientCheck(rehearsal)
    while not checking.advance(SLICE):
        continue
    result = checking.result()
    yield f"Gradient check: {'passed' if result.passed else 'FAILED'}."
    yield (
        "Backpropagation against central differences of the loss, in float64: "
        f"{counted(result.examples, 'example')}, ℒ = {short(result.loss)}, {sample_line(result)}."
    )
    for parameter in result.parameters:
        band = f", {parameter.worst.band}" if parameter.worst.kind in ("passed", "failed") else ""
        yield (
            f"{parameter.name}: {parameter.checked:,} of {parameter.total:,} entries, relative error "
            f"{short(parameter.relative_error)}{band}: {VERDICTS[parameter.worst.kind]}"
        )
    yield f"{LEGEND}."
    yield from sentences(entry_lines(own, "In the spotlight"))
    if result.worst is not None:
        yield from sentences(entry_lines(result.worst, "Worst"))
    yield from remarks(result)


def sentences(lines: list[str]) -> Iterator[str]:
    """The numbers of an entry, parted by commas."""
    for line in lines:
        yield ", ".join(part.strip() for part in line.split("  ") if part.strip())
