"""Random edits of runs, and whether the preset, the command line and the URL made of each open the same experiment.

`python -m tests.random_shares --runs 200` makes as many as one likes; the tests make a share of the same.
"""

import argparse
import os
import random
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from backprop_tui.core.playground.experiment import not_reproduced, read_url
from backprop_tui.core.preset.point_edits import choices, with_point, without_example
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.toml_text import toml_text
from backprop_tui.core.recording.own_run import reopen
from backprop_tui.core.recording.reader import open_recording
from backprop_tui.core.recording.recorder import Recorder
from backprop_tui.core.session.change import change
from backprop_tui.core.session.edits import Edit
from backprop_tui.core.session.session import Session
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.command_line.options import parse
from backprop_tui.tui.command_line.own_words import OwnWords, url_argument
from backprop_tui.tui.running.keep import keep
from backprop_tui.tui.running.run_state import command_line, playground_url, preset_text

from . import random_edits, random_walks

EDITS = 6
"""Edits of one run."""
FARTHEST = 12
"""Steps from the start that a run goes to."""
COMPARED = 7
"""Steps whose states are compared."""
POINTS = "a,b,kind\n" + "".join(f"{n / 7:.3f},{(n * n) % 5},{'red' if n % 3 else 'blue'}\n" for n in range(40))


def names() -> list[str]:
    """Where runs begin: presets, networks of our own in files, experiments of the Playground, somebody's own data.

    And what goes on from kept weights, and from a recording.
    """
    return [*random_edits.names(), *(f"url {number}" for number in range(8)), "data", "kept", "recorded"]


def argument_of(name: str, chance: random.Random) -> str:
    """What is typed to open it; what is not built in is written into the present folder."""
    if name in random_walks.OWN:
        path = Path(f"{name} of mine.toml")
        path.write_text(toml_text(random_walks.OWN[name]))
        return str(path)
    if name == "data":
        Path("mine points.csv").write_text(POINTS)
        return OwnWords("mine points.csv", ("kind",)).argument
    if name.startswith("url"):
        kind = chance.choice(("circle", "xor", "gauss", "spiral"))
        shape = ",".join(str(chance.randint(1, 4)) for _ in range(chance.randint(0, 2)))
        url = f"dataset={kind}&networkShape={shape}&seed=0.{chance.randint(0, 99999)}&batchSize={chance.randint(1, 30)}"
        more = ("problem=regression", "initZero=true", "regularization=L1&regularizationRate=0.01", "noise=35", "")
        share = f"percTrainData={chance.choice((10, 30, 50, 90))}"
        return url_argument(f"{url}&{share}&{chance.choice(more)}")
    return name


def begun(name: str, chance: random.Random) -> Session:
    """The run that is to be edited."""
    if name not in ("kept", "recorded"):
        return Session(*load(argument_of(name, chance)), chance.choice((None, None, 5)))
    session = Session(*load(chance.choice(("moons", "residual", "xor"))), chance.choice((None, 5)))
    session.advance(session.timeline.finish_of(chance.randint(1, 9)))
    if name == "kept":
        Path("kept.npz").unlink(missing_ok=True)
        keep(session, "kept.npz")
        return Session(*load(session.preset.id, settings=["training.start=kept.npz"]))
    Path("mine.backprop").unlink(missing_ok=True)
    with Recorder(session.branch("optimizer.learning_rate", 0.02), "mine.backprop"):
        pass
    return reopen(open_recording("mine.backprop"))


def points(session: Session, chance: random.Random) -> dict[str, object]:
    """A point more, or one less. Raises PresetError where there can be none."""
    dataset, data = session.dataset, session.preset.data
    if dataset.domain is None or chance.random() < 0.4:
        if dataset.numbers is None:
            raise PresetError("no points")
        return dict(without_example(dataset, data, chance.randrange(dataset.size)))
    target = chance.choice(choices(dataset, data) or [None])
    if target is None:
        raise PresetError("no targets")
    return dict(with_point(data, chance.uniform(-6, 6), chance.uniform(-6, 6), target.target))


def of_playground(session: Session, chance: random.Random) -> dict[str, object]:
    """What the Playground has a control for, so that a URL is possible still."""
    match chance.randrange(5):
        case 0:
            return {"optimizer.learning_rate": chance.choice((0.00001, 0.03, 0.1, 1 / 3, 2.0, 10.0))}
        case 1:
            return {"data.noise": chance.choice((0.05, 0.15, 0.29, 1 / 7, 0.5))}
        case 2:
            return {"data.train_ratio": chance.choice((0.1, 0.29, 1 / 3, 0.57, 0.9))}
        case 3:
            return {"training.batch_size": chance.choice((0, 1, 7, 10, 25, 1000))}
    return {f"optimizer.{chance.choice(('l1', 'l2'))}": chance.choice((0.0, 0.001, 0.3))}


def shared_of_command(command: str) -> Session:
    """The session that a command line opens."""
    words = shlex.split(command)
    assert words[0] == "backprop-tui"
    _, options = parse(words[1:])
    return Session(*load(options.preset, settings=options.set, seed=options.seed))


def can_be_said(edit: Edit, session: Session) -> bool:
    """Whether a preset can have it: a change before step 1, but for a parameter of one of several equal layers."""
    layer = int(re.findall(r"\d+", edit.name)[0]) if edit.of_parameter else 0
    places = [layer.table_index for layer in session.preset.layers]
    alone = not layer or (places.count(places[layer - 1]) == 1 and session.preset.training.start is None)
    return edit.step == 0 and alone


def meant(session: Session) -> Session:
    """The run that has from its start on what this one has got until here, made by the session's own way of edits."""
    first = session.course.stretches[0].preset
    settings = [edit for edit in session.edits if edit.step <= session.step and not edit.of_parameter]
    own = [edit for edit in session.edits if edit.of_parameter and can_be_said(edit, session)]
    return Session(first, session.dataset, session.seed, (*(replace(e, step=0) for e in settings), *own))


def states(session: Session) -> list[bytes]:
    """Parameters, moments and statistics at the first step boundaries."""
    found = []
    for step in range(COMPARED):
        session.seek(session.timeline.finish_of(step) if step else 0)
        state = session.trainer.state
        found.append(state.vectors.tobytes() + state.statistics.tobytes())
    return found


@dataclass
class Shared:
    """One run with its edits, shared again and again; `urls` counts those of the Playground that open the very same."""

    name: str
    seed: int
    session: Session
    told: list[str] = field(default_factory=list)
    same: int = 0
    urls: int = 0
    refused: int = 0

    def fail(self, problem: str) -> None:
        raise AssertionError(f"{self.name}, run {self.seed}: {problem}; " + "; ".join(self.told))

    def check(self) -> None:
        """Each way that there is opens the run that is meant; where nothing is told, that is the run itself."""
        session = self.session
        wanted = states(meant(session))
        text, untold = preset_text(session, Path.cwd())
        made = [edit for edit in session.edits if edit.step <= session.step]
        of_edits = [text for text in untold if not text.startswith(("the variant", "the file"))]
        if len(of_edits) != sum(not can_be_said(edit, session) for edit in made):
            self.fail(f"edits {made}, told {untold}")
        Path("made.toml").write_text(text)
        if states(Session(*load("made.toml"))) != wanted:
            self.fail(f"its preset is another run: {text}")
        try:
            command, also = command_line(session)
        except PresetError as problem:
            if "no longer those of --data" not in str(problem) or session.preset.data.kind == "csv":
                raise
            return
        if also != [text for text in untold if not text.startswith("the file")]:
            self.fail(f"the command line tells {also}, the preset {untold}")
        if states(shared_of_command(command)) != wanted:
            self.fail(f"its command line is another run: {command}")
        self.same += 1
        try:
            url, notes = playground_url(session)
        except PresetError as problem:
            if "cannot have it" not in str(problem):
                raise
            return
        # What its own program does otherwise is told too, and is no matter of the URL.
        there = not_reproduced(read_url(url)[0])
        if [note for note in notes if note not in untold and note not in there]:
            return
        if states(Session(*load(url_argument(url)))) != wanted:
            self.fail(f"its URL is another run, and that is not told: {url}")
        self.urls += 1


def shares(name: str, seed: int, count: int = EDITS) -> Shared:
    """So many edits of the run of `name`, drawn from `seed`; raises AssertionError where something is not the same."""
    chance = random.Random(f"{name} {seed}")
    done = Shared(name, seed, begun(name, chance))
    done.check()
    usual = [random_edits.edit] if name[:3] != "url" else [of_playground, of_playground, random_edits.edit]
    for _ in range(count):
        try:
            made = change(done.session, chance.choice((*usual, *usual, points))(done.session, chance))
        except PresetError:
            done.refused += 1
            continue
        done.session = made.session
        done.told.append(f"{made.what} at {done.session.step}")
        done.check()
        if chance.random() < 0.5:
            random_walks.move(done.session, chance, FARTHEST)
            done.check()
    return done


def runs(count: int) -> Iterator[tuple[str, int]]:
    """So many runs, spread over everything that there is."""
    choice = names()
    for number in range(count):
        yield choice[number % len(choice)], number


def main() -> int:
    parser = argparse.ArgumentParser(description="Random edits of runs, shared in three ways and opened again.")
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--go-on", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        same = urls = 0
        for name, seed in list(runs(options.first + options.runs))[options.first :]:
            try:
                done = shares(name, seed)
                same, urls = same + done.same, urls + done.urls
            except Exception as problem:
                if not options.go_on:
                    raise
                print(type(problem).__name__, str(problem)[:1500], flush=True)
    print(f"{same} presets and command lines, {urls} URLs: all of them open the same experiment")
    return 0


if __name__ == "__main__":
    sys.exit(main())
