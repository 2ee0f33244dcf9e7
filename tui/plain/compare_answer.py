"""The preset beside its variants, trained in lockstep, run by run in words."""

from collections.abc import Iterator

from backprop_tui.core.compare.report import HEADINGS, cells, comparison_of
from backprop_tui.core.compare.report import compare as compared
from backprop_tui.core.preset.schema import PresetError

from .run import PlainRun
from .whole_number import whole_number

MOST = 100_000
"""Steps of one answer: nobody could stop it but by ctrl+c."""


def compare(run: PlainRun, text: str) -> Iterator[str]:
    """`compare`, `compare 200`: all runs up to the step in view, or for so many steps."""
    session = run.opened
    if session.fixed:
        raise PresetError(session.fixed)
    preset = session.course.stretches[0].preset
    if not preset.variants:
        yield "The preset has no variants to compare it with."
        return
    count = text.removesuffix("steps").removesuffix("step").strip()
    steps = whole_number(count, 1, MOST) if count else max(run.session.step, 1)
    if steps is None:
        raise PresetError(f"expected compare, or compare 200 steps, at most {MOST:,}, found {text!r}")
    result = compared(comparison_of([(preset, session.dataset)]), steps)
    yield f"{len(result.runs)} runs in lockstep, {result.steps:,} step{'' if result.steps == 1 else 's'} each:"
    for one in result.runs:
        told = [f"{title} {cell}" for title, cell in zip(HEADINGS[1:], cells(one)[1:], strict=True) if cell]
        yield f"{one.name}: {', '.join(told)}"
        if one.not_finite is not None:
            yield f"{one.name}: not finite in step {one.not_finite}; its figures are of step {one.steps}"
    yield "Type variant NAME to go over to one of them."
