"""The lines of this program that computed what was told, and the step as a program in PyTorch."""

from collections.abc import Iterator

from backprop_tui.core.chain_rule.source import excerpts
from backprop_tui.tui.running.export import program_text

from .run import PlainRun


def source(run: PlainRun, text: str) -> Iterator[str]:
    """The code of the op that has run; `source torch` has the step in PyTorch."""
    if text == "torch":
        yield from filter(None, program_text(run.session).splitlines())
        return
    session = run.session
    op = session.op or session.plan.ops[0]
    for excerpt in excerpts(op, session.plan):
        yield f"In {excerpt.file}, {excerpt.function}:"
        for line in excerpt.lines:
            yield f"line {line.number}{', called' if line.marked else ''}: {line.text}"
