"""Breakpoints by words: what a run can be made to stop at, and which of these are set."""

from collections.abc import Iterator

from backprop_tui.core.inquiry.breakpoints import KINDS, Breakpoint
from backprop_tui.core.inquiry.watch import unavailable
from backprop_tui.core.preset.schema import PresetError, suggestion

from .run import PlainRun
from .said import said

OFF = ("off", "none", "remove")


def breakpoints(run: PlainRun, text: str) -> Iterator[str]:
    """`breakpoints` lists them; `break loss_rises`, `break gradient_below 0.001` sets one, `… off` takes it out."""
    if not text:
        yield from listed(run)
        return
    name, *rest = text.replace(" = ", " ").split()
    kind = name if name in KINDS else next((key for key, one in KINDS.items() if text.startswith(one.title)), None)
    if kind is None:
        raise PresetError(f'expected a breakpoint such as loss_rises, found "{name}"{suggestion(name, list(KINDS))}')
    if name not in KINDS:
        rest = text.removeprefix(KINDS[kind].title).split()
    others = tuple(one for one in run.view.breakpoints if one.kind != kind)
    if rest and rest[0] in OFF:
        run.view.breakpoints = others
        yield f"No longer a breakpoint: {KINDS[kind].title}."
        return
    if (why := unavailable(kind, run.session)) is not None:
        raise PresetError(f"{KINDS[kind].title}: {why}")
    try:
        number = float(rest[0].replace("−", "-")) if rest else None
        made = Breakpoint(kind, number)
    except ValueError as problem:
        wrong = "could not convert" in str(problem)
        raise PresetError(f"expected a number, found {rest[0]!r}" if wrong else str(problem)) from None
    run.view.breakpoints = (*others, made)
    yield f"A breakpoint: {made.text()}. right and play stop where it holds."


def listed(run: PlainRun) -> Iterator[str]:
    """Every kind: whether it is set, its number, and what it means."""
    set_ones = {one.kind: one for one in run.view.breakpoints}
    for name, kind in KINDS.items():
        state = f"set: {set_ones[name].text()}" if name in set_ones else "not set"
        number = "" if kind.default is None else f", takes a number, {said(kind.default)} unless told"
        why = unavailable(name, run.session)
        yield f"{name}, {state}{number}. {kind.explanation}{'' if why is None else f' Not here: {why}.'}"
    yield "Type break NAME to set one, break NAME off to take it out."
