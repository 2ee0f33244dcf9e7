"""Random walks through runs, with changes of settings and weights on the way, against straight runs to every place.

`python tests/random_walks.py --walks 5000` walks as many as one likes; the tests walk a few hundred of the same.
"""

import argparse
import hashlib
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from backprop_tui import presets
from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import LOSSES, OPTIMIZERS, RELU_FAMILY, Preset
from backprop_tui.core.session.course import NewRunNeededError
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.history import History
from backprop_tui.core.session.session import Session
from backprop_tui.core.session.timeline import UNITS

Table = dict[str, Any]
HIDDEN = ("identity", "sigmoid", "tanh", *RELU_FAMILY)
MOVES = 15
LARGE = 5000
"""Parameters from which a walk has a third fewer moves."""
FARTHEST = 60
"""Steps from the start that a walk goes to at the most; a long one goes farther."""
LONG_EVERY, LONG = 45, 600
SPIRAL = {"kind": "spiral", "samples": 40, "train_ratio": 0.9}
"""36 training examples: batches of 5 leave a last one of 1; the test set is so small that it is measured often."""


def network(hidden: list[Table], output: str, optimizer: str, batch: int, data: Table | None = None) -> Table:
    return {
        "title": "Walked",
        "data": data or SPIRAL,
        "layers": [*hidden, {"units": 1, "activation": output}],
        "optimizer": {"kind": optimizer, "learning_rate": 0.05},
        "training": {"batch_size": batch},
    }


OWN: dict[str, Table] = {
    "batch norm": network([{"units": 4, "activation": "relu", "batch_norm": True, "repeat": 2}], "sigmoid", "sgd", 5),
    "dropout": network([{"units": 6, "activation": "tanh", "dropout": 0.3, "repeat": 2}], "sigmoid", "adam", 5),
    "residual": network([{"units": 2, "activation": "relu", "residual": True, "repeat": 3}], "tanh", "nesterov", 4),
    "everything": network(
        [{"units": 2, "activation": "gelu", "residual": True, "dropout": 0.2, "batch_norm": True, "repeat": 3}],
        "sigmoid",
        "adamw",
        5,
    ),
    "clipped": network([{"units": 3, "activation": "sigmoid"}], "identity", "rmsprop", 0)
    | {"optimizer": {"kind": "rmsprop", "learning_rate": 0.02, "l1": 0.01, "l2": 0.02, "clip_norm": 0.3}},
    "float32": network([{"units": 3, "activation": "silu", "bias": False}], "tanh", "momentum", 7)
    | {"training": {"batch_size": 7, "dtype": "float32", "drop_last": True}},
}


def names() -> list[str]:
    """Everything that is walked through: every built-in preset, and networks with what these have not."""
    return [*presets.names(), *OWN]


@cache
def loaded(name: str) -> tuple[Preset, Dataset]:
    table = OWN[name] if name in OWN else parse(presets.text(name), name)
    # No run depends on the variants, and each change of a setting would check them all again.
    table = {key: value for key, value in table.items() if key != "variants"}
    return load_preset(table, name, presets.folder(), name)


# What is there to be seen at a place


def digest(session: Session) -> str:
    """Of all that a session shows at its place: position, op, settings, state, and what this step has computed."""
    found = hashlib.sha256()
    op = None if session.op is None else (session.op.phase, session.op.name, session.op.layer, session.op.place)
    layers = [(layer.activation, layer.dropout, layer.slope) for layer in session.preset.layers]
    settings = (session.preset.optimizer, session.preset.training, session.preset.loss, layers)
    found.update(repr((session.position, session.step, session.epoch, op, settings)).encode())
    state = session.trainer.state
    found.update(state.vectors.tobytes() + state.statistics.tobytes())
    for (symbol, layer), quantity in session.plan.quantities.items():
        if session.computed(quantity):
            found.update(f"{symbol} {layer} {quantity.array.shape}".encode() + quantity.array.tobytes())
    found.update(repr(session.measure()).encode())
    return found.hexdigest()


def same_curves(branch: History, straight: History) -> bool:
    """Whether a branch has the curves of a straight run: losses, gradient norms and ratios, test losses.

    One that began in a run which had come farther has those that this run had thinned by then: fewer, and the same.
    """
    if branch.steps != straight.steps:
        return False
    for one, other in ((branch.gradients, straight.gradients), (branch.evaluations, straight.evaluations)):
        rows = dict(zip(other.steps, other.rows, strict=True))
        coarse = range(other.first, branch.steps + 1, one.stride)
        expected = other.steps if one.stride == other.stride else [step for step in other.steps if step in coarse]
        if one.stride < other.stride or one.steps != expected:
            return False
        if any(row.tobytes() != rows[step].tobytes() for step, row in zip(one.steps, one.rows, strict=True)):
            return False
    one, other = branch.losses, straight.losses
    lows, highs = other.lows[: other.full], other.highs[: other.full]
    if one.width == other.width and one.rest.tobytes() != other.rest.tobytes():
        return False
    factor = one.width // other.width
    lows, highs = (row[: one.full * factor].reshape(one.full, factor) for row in (lows, highs))
    return factor >= 1 and (
        one.lows[: one.full].tobytes() == lows.min(axis=1).tobytes()
        and one.highs[: one.full].tobytes() == highs.max(axis=1).tobytes()
    )


# Walking


@dataclass
class Walk:
    """One walk of a run and its branches; `found` is what was seen, by the edits of the branch and the place."""

    name: str
    seed: int
    branches: list[Session] = field(default_factory=list)
    found: dict[tuple[tuple[Edit, ...], int], str] = field(default_factory=dict)
    refused: int = 0
    told: list[str] = field(default_factory=list)

    def note(self, session: Session) -> None:
        """What a place shows is what it showed before."""
        key = (session.edits, session.count)
        now = digest(session)
        if self.found.setdefault(key, now) != now:
            raise AssertionError(self.text(f"step {session.position.step} shows other numbers than before"))

    def text(self, problem: str) -> str:
        return f"{self.name}, walk {self.seed}: {problem}; " + "; ".join(self.told)


def changes(session: Session, chance: random.Random) -> tuple[str, Any]:
    """A change of a setting, or of a parameter, as a person might make it; not all of them can be made on the way."""
    layer = chance.randrange(len(session.preset.layers))
    table = session.preset.layers[layer].table_index
    optimizer = session.preset.optimizer
    choices: list[tuple[str, Any]] = [
        ("optimizer.learning_rate", optimizer.learning_rate * chance.choice((0.1, 0.5, 2.0, 3.0, 1e9))),
        ("optimizer.kind", chance.choice(OPTIMIZERS)),
        ("optimizer.momentum", chance.choice((0.0, 0.5, 0.99))),
        ("optimizer.beta1", chance.choice((0.0, 0.5, 0.99))),
        ("optimizer.l2", chance.choice((0.0, 0.01, 0.1))),
        ("optimizer.l1", chance.choice((0.0, 0.001))),
        ("optimizer.weight_decay", chance.choice((0.0, 0.01))),
        ("optimizer.clip_norm", chance.choice((0.01, 1.0))),
        ("optimizer.clip_value", chance.choice((0.001, 0.1))),
        ("optimizer.train_biases", not optimizer.train_biases),
        ("optimizer.ema", not optimizer.ema),
        ("loss.kind", chance.choice(LOSSES)),
        ("training.shuffle", not session.preset.training.shuffle),
        ("training.batch_size", chance.choice((1, 3, session.trainer.batch_size))),
        (f"layers.{table}.activation", chance.choice(HIDDEN)),
        (f"layers.{table}.dropout", chance.choice((0.1, 0.5))),
        (f"layers.{table}.slope", 0.2),
        ("data.noise", 0.4),
        ("seed", 99),
    ]
    if chance.random() < 0.4:
        built = session.trainer.layers[layer]
        symbol, values = chance.choice(list(built.parameters(session.trainer.state.parameters).items()))
        index = ",".join(str(chance.randrange(size) + 1) for size in values.shape)
        return f"{symbol}{layer + 1}[{index}]", chance.choice((0.0, 0.5, -1.25, chance.gauss(0, 1)))
    return chance.choice(choices)


def move(session: Session, chance: random.Random, farthest: int) -> str:
    """One move in time; in words."""
    how, unit = chance.random(), chance.choice(UNITS)
    end = session.timeline.finish_of(farthest)
    if how < 0.4 and session.timeline.after(session.count, unit) <= end:
        session.forward(unit)
        return f"forward {unit}"
    if how < 0.75:
        session.back(unit)
        return f"back {unit}"
    count = chance.randrange(min(session.furthest + 3 * session.timeline.length, end) + 1)
    if how < 0.9:
        session.seek(count)
    else:
        # In slices, as the screen goes.
        session.depart(count)
        while not session.approach(count, 1e-4):
            pass
    return f"seek {count}"


def walk(name: str, seed: int) -> Walk:
    """A walk through the run of `name`, all of it drawn from `seed`; raises AssertionError where a number differs."""
    chance = random.Random(f"{name} {seed}")
    preset, dataset = loaded(name)
    own = chance.randrange(3)
    first = Session(preset, dataset, own)
    if chance.random() < 0.2:
        first.snapshots.budget = 1
    done = Walk(name, seed, [first])
    session = first
    farthest = LONG if seed % LONG_EVERY == 0 and dataset.size <= 100 else FARTHEST
    moves = 2 * MOVES // 3 if first.trainer.state.parameters.size > LARGE else MOVES
    for _ in range(moves):
        how = chance.random()
        if how < 0.2:
            changed, value = changes(session, chance)
            try:
                session = session.branch(changed, value)
            except NewRunNeededError:
                done.refused += 1
            except PresetError:
                continue
            else:
                done.branches.append(session)
                done.told.append(f"step {session.step}: {changed} = {value}")
        elif how < 0.3:
            place = chance.randrange(len(done.branches))
            session = done.branches[place]
            done.told.append(f"over to branch {place} at {session.count}")
        else:
            done.told.append(move(session, chance, farthest))
        done.note(session)
    compare(done, preset, dataset, own)
    return done


def compare(done: Walk, preset: Preset, dataset: Dataset, seed: int) -> None:
    """Every place of the walk, its curves and its snapshots, with straight runs of the same edits."""
    for edits in {edits for edits, _ in done.found}:
        branches = [branch for branch in done.branches if branch.edits == edits]
        places = {count for found, count in done.found if found == edits}
        straight = Session(preset, dataset, seed, edits)
        ends = {branch.furthest for branch in branches}
        finish = straight.timeline.finish_of
        kept = {finish(step) for branch in branches for step in branch.snapshots.steps}
        for count in sorted(places | ends | kept):
            # Forward alone, by nothing but its own events.
            straight.advance(count)
            if count in places and digest(straight) != done.found[edits, count]:
                raise AssertionError(done.text(f"{edits} at {count} differs from a straight run"))
            for branch in branches:
                check_branch(done, branch, straight)


def check_branch(done: Walk, branch: Session, straight: Session) -> None:
    """The snapshot that a branch kept here, and its curves where it has come no farther."""
    if straight.at_boundary and straight.step in branch.snapshots.steps:
        state = branch.snapshots.nearest(straight.step)
        if state != straight.trainer.state:
            raise AssertionError(done.text(f"the snapshot of step {state.step} is another"))
    if straight.count != branch.furthest:
        return
    if not same_curves(branch.history, straight.history):
        raise AssertionError(done.text(f"the curves up to {branch.furthest} differ"))
    if branch.not_finite_step != straight.not_finite_step:
        raise AssertionError(done.text(f"not finite from {branch.not_finite_step}, not {straight.not_finite_step}"))


def walks(count: int, first: int = 0) -> Iterator[tuple[str, int]]:
    """So many walks, spread over everything there is to walk through."""
    choice = names()
    for number in range(first, first + count):
        yield choice[number % len(choice)], number


def main() -> int:
    parser = argparse.ArgumentParser(description="Random walks through runs, against straight runs.")
    parser.add_argument("--walks", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="the number of the first walk")
    options = parser.parse_args()
    places = branches = 0
    for name, seed in walks(options.walks, options.first):
        done = walk(name, seed)
        places, branches = places + len(done.found), branches + len(done.branches) - 1
    print(f"{options.walks} walks, {branches} branches, {places} places: every number is that of a straight run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
