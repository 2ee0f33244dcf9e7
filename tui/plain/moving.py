"""Moving through time by words: forward, back, to a step, to an op, and playing."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from backprop_tui.core.inquiry.full_speed import FullSpeed, Limits
from backprop_tui.core.inquiry.watch import Watch
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.timeline import UNITS, Unit
from backprop_tui.tui.drawing.numbers import format_count
from backprop_tui.tui.running.going import destination
from backprop_tui.tui.running.until import remembered

from .findings_answer import new_findings
from .op_answer import position_answer, position_text
from .run import SLICE, PlainRun, unit_of
from .wait import Wait
from .whole_number import whole_number

COUNTED = re.compile(r"(?:(?P<count>[0-9][0-9,]{0,11})\b)?\s*(?P<unit>[a-z]+)?")
MOST_PRESSES = 1_000_000
LONGEST_PLAY, UNBOUND_PLAY = 100_000, 1_000
"""Steps that playing without a number goes on for, of a preset that says where it stops, and of one that does not."""


def unit_named(word: str) -> Unit | None:
    """The unit that a word means; None for another word."""
    with suppress(PresetError):
        return unit_of(word)
    return None


def counted(text: str, usual: Unit) -> tuple[int, Unit]:
    """`3 steps`, `3`, `step` as a number and a unit. Raises PresetError for what says neither."""
    found = COUNTED.fullmatch(text.strip().lower())
    unit = usual if found is None or found["unit"] is None else unit_named(found["unit"])
    count = 1 if found is None or found["count"] is None else int(found["count"].replace(",", ""))
    if found is None or unit is None or not 1 <= count <= MOST_PRESSES:
        raise PresetError(f"expected a number and a unit ({', '.join(UNITS)}), such as 3 steps, found {text.strip()!r}")
    return count, unit


def forward(run: PlainRun, text: str) -> Iterator[str]:
    """`right`, `right 3`, `right 3 steps`: so many stops on, or to a breakpoint before."""
    count, unit = counted(text, run.view.unit)
    session = run.session
    if session.at_end:
        yield "Here the recording ends: back goes back."
        return
    target = session.count
    for _ in range(count):
        target = session.timeline.after(target, unit)
    yield from gone(run, run.go(target, watching=True))


def back(run: PlainRun, text: str) -> Iterator[str]:
    """`back`, `back 3 steps`: so many stops back."""
    count, unit = counted(text, run.view.unit)
    session, target = run.session, run.session.count
    if target == 0:
        yield "This is the start of the run."
    for _ in range(count):
        if target == 0:
            break
        target = session.timeline.before(target, unit)
    yield from gone(run, run.go(target))


def gone(run: PlainRun, note: str) -> Iterator[str]:
    """What there is to say where a move has led, and before it of the way."""
    if note:
        yield f"{note.rstrip('.')}."
    if "chain_rule" in run.hide:
        yield position_text(run.session)
    else:
        yield from position_answer(run)
    yield from new_findings(run)


def set_unit(run: PlainRun, unit: Unit) -> Iterator[str]:
    """Have one right be one of these."""
    run.view.unit = unit
    yield f"One right is one {unit} from now on."


def to_op(run: PlainRun, text: str) -> Iterator[str]:
    """To right behind an op of the step in hand, by its number; `return` comes back."""
    session = run.session
    count = len(session.plan.ops)
    if (number := whole_number(text, 1, count)) is None:
        raise PresetError(f"expected an op of this step from 1 to {count}, found {text!r}")
    base, _ = session.timeline.split(session.count)
    if session.op is None:
        base = session.count
    run.places.append(session.count)
    kept = run.places
    note = run.go(base + number + 1)
    run.places = kept
    yield from gone(run, note)


def come_back(run: PlainRun, text: str) -> Iterator[str]:
    """Back to where a number was followed from."""
    if not run.places:
        yield "There is nowhere to return to: op with a number goes to an op, and return comes back."
        return
    kept = run.places
    note = run.go(kept.pop())
    run.places = kept
    yield from gone(run, note)


def go_to(run: PlainRun, text: str) -> Iterator[str]:
    """`step 10`, `epoch 3`, `lowest`: to the end of a step or an epoch, or to the lowest loss so far."""
    if not text:
        raise PresetError("expected where to go: step 12, epoch 3, lowest, highest, W2[1,3], a2[3] or example 5")
    found = destination(text, run.session, run.spotlight)
    if isinstance(found, int):
        yield from gone(run, run.go(found))
        return
    run.view.spotlight = found
    from .numbers_answer import spotlight_answer

    yield from spotlight_answer(run)


def home(run: PlainRun, text: str) -> Iterator[str]:
    yield from gone(run, run.go(0))


def end(run: PlainRun, text: str) -> Iterator[str]:
    yield from gone(run, run.go(run.session.furthest))


def play(run: PlainRun, text: str) -> Iterator[str]:
    """`play 100`, `play 3 epochs`: at full speed; without a number to the preset's stop, or a finding that is new."""
    session = run.session
    before = session.step
    if session.at_end:
        yield "Here the recording ends: back goes back."
        return
    if session.diverged:
        yield "The numbers are lost: back goes to where they are not."
        return
    if text:
        count, unit = counted(text, "step")
        if unit not in ("step", "epoch"):
            raise PresetError(f"play takes steps or epochs, such as play 100 steps; right {text} goes by {unit}s")
        last = session.step + count
        if unit == "epoch":
            last = session.trainer.steps_of_epochs(session.epoch + count)
        note = run.play(last)
    else:
        note = play_to_stop(run)
    yield from played(run, before, note)


class ToStop(FullSpeed):
    """Full speed as on the screen, but no further than the end of step `bound`: nobody is there to stop it."""

    def __init__(self, watch: Watch, asked: Limits) -> None:
        super().__init__(watch, asked)
        self.steps = LONGEST_PLAY if self.goal is not None or asked.epochs is not None else UNBOUND_PLAY
        self.bound = self.session.step + self.steps

    def next_look(self) -> int | None:
        found = super().next_look()
        return self.bound if found is None else min(found, self.bound)

    def look(self) -> str:
        over = self.session.step >= self.bound
        return super().look() or (f"{self.steps:,} steps more, as nothing else has ended it" if over else "")


def play_to_stop(run: PlainRun) -> str:
    """At full speed until what was asked for ends it."""
    session, asked = run.session, remembered(run.config)
    asked = replace(asked, finding=False) if "diagnosis" in run.hide else asked
    run.question = None
    watch = Watch(session, run.view.breakpoints, run.spotlight)
    leg = ToStop(watch, asked)
    wait = Wait(session, None)
    while not session.diverged and not session.at_end:
        if leg.play(SLICE):
            break
        wait.go_on()
    reason = f"stopped at {leg.reason}" if leg.reason else ""
    return "; ".join(filter(None, (run.arrived(watch), reason, run.recorder.take())))


def played(run: PlainRun, before: int, note: str) -> Iterator[str]:
    """How far it was trained, what came of it, and why it ended."""
    from .loss_answer import losses_text

    session = run.session
    done = session.step - before
    yield f"{format_count(max(done, 0))} step{'' if done == 1 else 's'} trained. {position_text(session)}"
    if note:
        yield f"{note[:1].upper()}{note[1:].rstrip('.')}."
    if "loss" not in run.hide:
        yield from losses_text(run)
    yield from new_findings(run)
