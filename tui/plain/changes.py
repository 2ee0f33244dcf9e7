"""Changes of a run by words: settings and weights, undone and done again; the same run anew, or another seed."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from backprop_tui.core.preset.hyper_parameters import hyper_parameters
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.symbols import ascii_symbols
from backprop_tui.tui.running.going import assignment
from backprop_tui.tui.running.hiding import hidden_change, refusal
from backprop_tui.tui.running.run_name import branch_label

from .op_answer import position_text
from .run import PlainRun
from .whole_number import whole_number

if TYPE_CHECKING:
    from backprop_tui.core.session.journal import Moment


def fixed(run: PlainRun) -> None:
    """Raises PresetError for a run that cannot be changed."""
    if run.session.fixed:
        raise PresetError(run.session.fixed)


def set_value(run: PlainRun, text: str) -> Iterator[str]:
    """`set optimizer.learning_rate = 0.3`, `W2[1,3] = 0.5`: from the next step on, as a branch where it has to be."""
    fixed(run)
    told = ascii_symbols(text)
    # Of a parameter's name and number the signs are read as they are told; what a setting is called has none.
    changes = assignment(told if "[" in told.partition("=")[0] else text, run.session.preset)
    if changes is None:
        raise PresetError(
            f"expected set NAME = VALUE, such as set optimizer.learning_rate = 0.3, found {text.strip()!r}; "
            "settings lists them"
        )
    if name := next((name for key in changes if (name := hidden_change(run.hide, key))), ""):
        raise PresetError(refusal(text.strip(), name))
    yield from changed(run, changes)


def changed(run: PlainRun, changes: Mapping[str, Any]) -> Iterator[str]:
    from backprop_tui.core.session.change import change

    old = run.session
    try:
        made = change(old, changes)
    except PresetError as problem:
        raise PresetError(str(problem).removeprefix(f"{old.preset.source}: ")) from None
    if made.session is old:
        yield f"{made.text[:1].upper()}{made.text[1:]}."
        return
    run.journal.record(old, made.what)
    if not made.keeps and len(run.branches) > 1:
        # It has no step of its own that would be lost.
        run.branches = [one for one in run.branches if one is not old or one is run.opened]
    yield from gone_over(run, made.session, made.text)


def gone_over(run: PlainRun, session: Session, text: str) -> Iterator[str]:
    """Another run in view, and what to say of it."""
    told = "; ".join(filter(None, (text, run.follow(session))))
    yield f"{told[:1].upper()}{told[1:]}."
    yield position_text(session)


def undo(run: PlainRun, text: str) -> Iterator[str]:
    fixed(run)
    yield from turned(run, run.journal.undo(run.session), "undone", "There is no change to undo.")


def redo(run: PlainRun, text: str) -> Iterator[str]:
    fixed(run)
    yield from turned(run, run.journal.redo(run.session), "done again", "There is no change to do again.")


def turned(run: PlainRun, moment: "Moment | None", done: str, nothing: str) -> Iterator[str]:
    if moment is None:
        yield nothing
        return
    yield from gone_over(run, moment.session, f"{done}: {moment.text}")


def restart(run: PlainRun, text: str) -> Iterator[str]:
    """The same run from its start."""
    yield from begun(run, run.session.seed, "the same run from its start")


def redraw(run: PlainRun, text: str) -> Iterator[str]:
    """A new run with another seed."""
    run.seeds += 1
    drawn = "start weights and order" if run.session.preset.training.start is None else "order"
    yield from begun(run, run.seeds, f"seed {run.seeds}: new {drawn}, the same data")


def begun(run: PlainRun, seed: int, text: str) -> Iterator[str]:
    fixed(run)
    session = run.session
    begin = Session(session.course.stretches[0].preset, session.dataset, seed)
    run.beside = {"": begin}
    run.variant = ""
    yield from gone_over(run, begin, text)


def runs(run: PlainRun, text: str) -> Iterator[str]:
    """`runs` lists the run as it was opened and its branches, `runs 2` goes over to one of them."""
    if text:
        if (number := whole_number(text, 1, len(run.branches))) is None:
            raise PresetError(f"expected a run from 1 to {len(run.branches)}, found {text!r}; runs lists them")
        chosen = run.branches[number - 1]
        yield from gone_over(run, chosen, f"run {text}")
        return
    for place, one in enumerate(run.branches, 1):
        seen = ", in view" if one is run.session else ""
        label = branch_label(one, run.branches[0])
        yield f"run {place}{seen}: {label}; at step {one.position.step:,}, {one.history.steps:,} steps known"
    yield "Type runs NUMBER to go over to one."


def settings(run: PlainRun, text: str) -> Iterator[str]:
    """Every setting as it is typed, and what it may be."""
    for one in hyper_parameters(run.session.preset):
        if hidden_change(run.hide, one.path) or (text and text.lower() not in one.path.lower()):
            continue
        choices = f"; one of {', '.join(one.choices)}" if one.choices else ""
        anew = "; takes a new run" if one.from_start else ""
        yield f"{one.path} = {one.text()}{choices}{anew}{f'; {one.unused}' if one.unused else ''}"
    yield "Type set NAME = VALUE to change one."


def variant(run: PlainRun, text: str) -> Iterator[str]:
    """`variant ReLU + He`: over to the run of a variant of the preset, at the same step; `variant` leads back."""
    from backprop_tui.core.compare.comparison import changed as with_changes

    first = run.opened
    preset = first.course.stretches[0].preset
    names = [one.name for one in preset.variants]
    if not text and not run.variant:
        yield f"The preset's variants: {'; '.join(names)}." if names else "The preset has no variants."
        return
    name = "" if text == preset.id else text
    if name not in run.beside:
        begun = [one for one in preset.variants if one.name.casefold().startswith(name.casefold())]
        found = next((one for one in begun if one.name.casefold() == name.casefold()), begun[0] if begun else None)
        if found is None:
            raise PresetError(f'there is no variant called "{text}"; those of {preset.id} are {"; ".join(names)}')
        name = found.name
        if name not in run.beside:
            run.beside[name] = Session(*with_changes(first, name, found.set), first.seed)
    here = run.session.position
    step = here.step if here.finished else here.step - 1
    run.beside[run.variant] = run.session
    run.variant, session = name, run.beside[name]
    session.seek(session.timeline.finish_of(step))
    yield from gone_over(run, session, f'the run of "{name}"' if name else "the preset's own run")
