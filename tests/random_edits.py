"""Random edits of runs, by the one way to change them, with undo and redo; every state against that of a fresh run.

`python -m tests.random_edits --edits 2000` makes as many as one likes; the tests make a share of the same.
"""

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from backprop_tui.core.preset import structure
from backprop_tui.core.preset.data_table import FEATURES, GENERATED_SETS
from backprop_tui.core.preset.hyper_parameters import hyper_parameters, stepped
from backprop_tui.core.preset.preset import load_preset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import ACTIVATIONS, Preset
from backprop_tui.core.session.change import Change, change
from backprop_tui.core.session.journal import Journal
from backprop_tui.core.session.session import Session

from . import random_walks

Changes = dict[str, Any]
LARGEST = 2000
"""Parameters of the networks that are edited: of larger ones a fresh run takes long."""
FARTHEST = 25
"""Steps from the start that a run goes to."""
EDITS = 10
"""Edits of one run."""


def names() -> list[str]:
    """What is edited: everything that is walked through, but large networks and runs that go on from a file."""
    found = []
    for name in random_walks.names():
        preset, dataset = random_walks.loaded(name)
        small = dataset.inputs.size <= 100 * LARGEST and sum(layer.units for layer in preset.layers) <= 400
        if small and preset.training.start is None:
            found.append(name)
    return found


def setting(session: Session, chance: random.Random) -> Changes:
    """One or two settings, up or down or to another choice."""
    found = {}
    for parameter in chance.sample(hyper_parameters(session.preset), chance.choice((1, 1, 1, 2))):
        value = chance.choice(parameter.choices) if parameter.choices else stepped(parameter, chance.choice((1, -1)))
        found[parameter.path] = 7 if parameter.name == "samples" and isinstance(value, int) and value > 999 else value
    return found


def parameter(session: Session, chance: random.Random) -> Changes:
    layer = chance.choice(session.trainer.layers)
    symbol, values = chance.choice(list(layer.parameters(session.trainer.state.parameters).items()))
    index = ",".join(str(chance.randrange(size) + 1) for size in values.shape)
    return {f"{symbol}{layer.number}[{index}]": chance.choice((0.0, -1.25, 1e6, chance.gauss(0, 1)))}


def layers(session: Session, chance: random.Random) -> Changes:
    """A layer more, less, or elsewhere; a setting of all hidden ones, or of one of a repeated table."""
    preset, hidden = session.preset, len(session.preset.layers) - 1
    match chance.randrange(5):
        case 0:
            return structure.add_layer(preset, chance.randrange(min(hidden, 12) + 1))
        case 1:
            return structure.remove_layer(preset, chance.randrange(hidden + 1))
        case 2:
            return structure.move_layer(preset, chance.randrange(hidden + 1), chance.randrange(hidden + 1))
        case 3:
            return structure.hidden_setting(preset, "activation", chance.choice(ACTIVATIONS))
    number = chance.randrange(hidden + 1) + 1
    return structure.layer_settings(preset, number, {"units": chance.randrange(1, 6), "batch_norm": True})


def data(session: Session, chance: random.Random) -> Changes:
    """Other data, another type of problem, a feature more or less, other chance."""
    preset, numbers = session.preset, session.dataset.target_kind == "real"
    match chance.randrange(5):
        case 0:
            return {**structure.data_set(preset, chance.choice(GENERATED_SETS), numbers=numbers), "data.samples": 30}
        case 1:
            return {**structure.problem_type(preset, numbers=numbers), "data.samples": 30}
        case 2:
            return structure.toggle_feature(preset, chance.choice(FEATURES))
        case 3:
            return structure.new_data(preset, session.seed)
    return structure.new_start(preset, session.seed)


def edit(session: Session, chance: random.Random) -> Changes:
    """What a person might change next. Raises PresetError for what there is nothing to change of."""
    return chance.choice((setting, setting, setting, parameter, layers, data))(session, chance)


@dataclass
class Edited:
    """A run with its journal; `marks` are what it showed where it was left, the last last, `undone` those after."""

    name: str
    seed: int
    session: Session
    journal: Journal = field(default_factory=Journal)
    marks: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    refused: int = 0

    def fail(self, problem: str) -> None:
        raise AssertionError(f"{self.name}, edits {self.seed}: {problem}; " + "; ".join(self.told))

    def make(self, changes: Changes) -> Change | None:
        """Change the run; where it can be, the state is that of a fresh run."""
        try:
            made = change(self.session, changes)
        except PresetError:
            self.refused += 1
            return None
        self.told.append(f"{changes} at {self.session.count}: {made.text}")
        if made.session is self.session:
            return made
        self.marks.append(random_walks.digest(self.session))
        self.undone.clear()
        self.journal.record(self.session, made.what)
        self.session = made.session
        return made

    def turn(self, chance: random.Random) -> None:
        """Undo or redo; the run shows what it showed where it was left."""
        back = chance.random() < 0.6
        now = random_walks.digest(self.session)
        moment = (self.journal.undo if back else self.journal.redo)(self.session)
        if moment is None:
            return
        self.told.append(f"{'undo' if back else 'redo'} {moment.text}")
        source, other = (self.marks, self.undone) if back else (self.undone, self.marks)
        self.session = moment.session
        if random_walks.digest(self.session) != source.pop():
            self.fail("it is not what was left")
        other.append(now)

    def check(self) -> None:
        """The run shows what a fresh one does that is given the same file, seed, edits and place."""
        session = self.session
        fresh = fresh_run(session)
        if random_walks.digest(fresh) != random_walks.digest(session):
            self.fail(f"a fresh run shows other numbers at {session.count}")


def fresh_run(session: Session) -> Session:
    """Another run of the table that this one began with, at its place."""
    first: Preset = session.course.stretches[0].preset
    preset, dataset = load_preset(first.table, first.source, first.base, first.id)
    fresh = Session(preset, dataset, session.seed, session.edits)
    fresh.advance(session.count)
    return fresh


def edits(name: str, seed: int, count: int = EDITS) -> Edited:
    """So many edits of the run of `name`, all of them drawn from `seed`; raises AssertionError for a wrong number."""
    chance = random.Random(f"{name} {seed}")
    done = Edited(name, seed, Session(*random_walks.loaded(name)))
    for _ in range(count):
        if chance.random() < 0.25:
            done.turn(chance)
        else:
            try:
                done.make(edit(done.session, chance))
            except PresetError:
                done.refused += 1
        done.check()
        random_walks.move(done.session, chance, FARTHEST)
    return done


def runs(count: int) -> Iterator[tuple[str, int]]:
    """So many edits in all, as runs of EDITS of them, spread over everything that is edited."""
    choice = names()
    for number in range(-(-count // EDITS)):
        yield choice[number % len(choice)], number


def main() -> int:
    parser = argparse.ArgumentParser(description="Random edits of runs, against fresh runs.")
    parser.add_argument("--edits", type=int, default=2000)
    options = parser.parse_args()
    done = [edits(name, seed) for name, seed in runs(options.edits)]
    refused = sum(each.refused for each in done)
    print(f"{len(done) * EDITS} edits, {refused} of them refused: every state is that of a fresh run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
