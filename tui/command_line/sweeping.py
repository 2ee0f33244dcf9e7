"""`sweep`: every combination of some settings and several seeds, several runs at a time, as a table."""

import json
import shlex
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from backprop_tui import presets
from backprop_tui.core.value_class import dataclass

from .console import complain, emit, in_ascii
from .leaving import ending_by_itself
from .loading import FILES, PresetText, find, from_here, is_recording, is_set, tell_notes
from .options import UsageError
from .own_words import is_own, is_url
from .progress import Progress
from .terminal import lacking

if TYPE_CHECKING:
    from backprop_tui.core.sweep.grid import Settings
    from backprop_tui.core.sweep.job import Folder, Outcome
    from backprop_tui.core.sweep.sweep import Sweep

MOST_SHOWN = 100
"""Settings that a terminal is shown."""
FAILED = 1
OF_DATA = ("data", "training.dtype")
"""Beginnings of settings that hold before somebody's own data are read."""
LEAVE = ("q", "quit", "exit")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What of a sweep is to be opened in the app: its settings, behind those of the command line, and its seed."""

    settings: tuple[str, ...]
    seed: int | None


def sweep(options: Namespace) -> int | Chosen:
    """`sweep`: the exit status, or what is to be opened in the app."""
    if options.dask is None:
        from backprop_tui.core.sweep.processes import context

        # What the processes need is imported while this one is still about the preset.
        context()
    planned = planned_sweep(options)
    tell_notes(planned.notes)
    outcomes: dict[int, Outcome] = {}
    with ending_by_itself() as asked:
        with Progress(len(planned.jobs), "runs") as progress:
            for job, outcome in outcomes_of(options, planned, asked.__bool__, progress):
                outcomes[job] = outcome
        if asked:
            # What asks may be that the terminal is gone.
            with suppress(OSError):
                show(options, planned, outcomes)
            return asked.status
    show(options, planned, outcomes)
    if all(outcome.problem for outcome in outcomes.values()):
        complain(f"no run came to an end: {next(iter(outcomes.values())).problem}")
        return FAILED
    return 0 if options.json or not can_ask() else choice(options, planned, outcomes)


def planned_sweep(options: Namespace) -> "Sweep":
    """What was asked for, checked. Raises UsageError or PresetError."""
    from backprop_tui.core.sweep.grid import combinations, read_axis
    from backprop_tui.core.sweep.sweep import sweep_of

    if is_recording(options.preset):
        raise UsageError(
            f"{options.preset} is a recorded run, which has its settings: print its preset with backprop-tui show and "
            "sweep that"
        )
    axes = [read_axis(text) for text in options.vary]
    if not axes and options.seeds == 1:
        raise UsageError(
            "sweep needs what is to be varied, for example --vary optimizer.learning_rate=0.03,0.1,0.3, or --seeds 5"
        )
    if any(group_of(key) == "variants" for axis in axes for key in axis.keys):
        raise UsageError("--vary: variants are runs of their own; backprop-tui compare trains them beside each other")
    if options.seed is not None and any(key == "seed" for axis in axes for key in axis.keys):
        raise UsageError("--seed: seed is varied by --vary; leave out one of them")
    settings = combinations(axes, options.seeds)
    found = find(options.preset, settings=options.set, seed=options.seed)
    tables = [table_of(options, found, chosen) for chosen in settings]
    reread = is_own(options.preset) and any(of_data(setting) for setting in settings[0])
    with Progress(len(settings), "settings") as progress:
        planned = sweep_of(
            origin_of(options, found, tables, settings[0], reread=reread),
            axes,
            settings,
            tables,
            seeds=options.seeds,
            steps=options.steps,
            by=options.by,
            notes=found.notes,
            tell=progress,
        )
    if options.jobs is not None:
        planned.check_memory(min(options.jobs, len(planned.jobs)))
    return planned


def of_data(setting: str) -> bool:
    return setting.strip().startswith(OF_DATA)


def table_of(options: Namespace, found: PresetText, chosen: "Settings") -> dict[str, Any]:
    """The table of one combination; it has no variants, which are runs of their own."""
    from backprop_tui.core.preset.settings import apply_setting

    if is_own(options.preset) and any(of_data(setting) for setting in chosen):
        # What suits somebody's own data is found out of them as they are to be read.
        table = find(options.preset, settings=[*options.set, *chosen], seed=options.seed).table
    else:
        # What is not changed is shared by all tables: it may hold many examples.
        changed = {group: found.table[group] for group in map(group_of, chosen) if group in found.table}
        for setting in chosen:
            changed = from_here(apply_setting(changed, setting, "--vary"), setting)
        table = {**found.table, **changed}
    return {name: value for name, value in table.items() if name != "variants"}


def group_of(setting: str) -> str:
    """The key at the top of a preset in which a setting changes something."""
    return setting.partition("=")[0].partition(".")[0].strip()


def origin_of(
    options: Namespace, found: PresetText, tables: Sequence[dict[str, Any]], chosen: "Settings", *, reread: bool
) -> Any:
    """Where the files of the preset are, also for another process."""
    from backprop_tui.core.sweep.job import nowhere
    from backprop_tui.core.sweep.sweep import Origin

    folder: Folder = nowhere
    if options.preset in presets.names():
        folder = presets.folder
    elif isinstance(found.base, Path):
        folder = partial(Path, found.base.resolve())
    elif options.dask is not None:
        # Workers of a cluster have present folders of their own.
        folder = partial(Path, Path.cwd())
    varied = {str(table[group][key]) for group, key in FILES if is_set(f"{group}.{key}", chosen) for table in tables}
    return Origin(found.id, found.source, folder, (*found.typed, *sorted(varied)), None if reread else found.read)


def outcomes_of(
    options: Namespace, planned: "Sweep", stopped: Callable[[], bool], tell: Callable[[float], None]
) -> "Iterator[tuple[int, Outcome]]":
    """The runs, as they end: in processes of this machine, or by the scheduler that was named."""
    if options.dask is not None:
        from backprop_tui.core.sweep.cluster import outcomes

        return outcomes(options.dask, planned.jobs, stopped, tell)
    from backprop_tui.core.sweep.processes import Processes, processors

    usual = min(processors(), planned.most_at_once)
    number = min(options.jobs or usual, len(planned.jobs))
    return Processes(number).outcomes(planned.jobs, stopped, tell)


def show(options: Namespace, planned: "Sweep", outcomes: "dict[int, Outcome]") -> None:
    """Print the table, or the document."""
    from backprop_tui.core.sweep.report import sweep_json, sweep_text
    from backprop_tui.core.sweep.standing import standings

    if options.json:
        emit(json.dumps(sweep_json(planned, outcomes), allow_nan=False))
        return
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    width, most = (get_terminal_size().columns, MOST_SHOWN) if on_terminal else (None, None)
    text = sweep_text(planned, outcomes, width, most)
    first = next((standing for standing in standings(planned, outcomes) if standing.runs), None)
    if first is not None and planned.measure is not None:
        text += f"\n\nthe best: {command(options, chosen_of(options, planned, first))}"
    emit(in_ascii(text) if options.ascii else text)


def chosen_of(options: Namespace, planned: "Sweep", standing: Any) -> Chosen:
    seed = standing.best(planned.measure) if planned.seeds > 1 else options.seed
    return Chosen(standing.settings, seed)


def command(options: Namespace, chosen: Chosen) -> str:
    """The command line that opens what was chosen."""
    named = options.preset if is_own(options.preset) or is_url(options.preset) else shlex.quote(options.preset)
    words = [word for setting in (*options.set, *chosen.settings) for word in ("--set", setting)]
    words += [] if chosen.seed is None else ["--seed", str(chosen.seed)]
    return " ".join(["backprop-tui", named, *map(shlex.quote, words)])


# What is opened at the end


def can_ask() -> bool:
    """Whether somebody is there to say what is to be opened, on a terminal in which the app can be drawn."""
    return sys.stderr is not None and sys.stderr.isatty() and not lacking()


def choice(options: Namespace, planned: "Sweep", outcomes: "dict[int, Outcome]") -> int | Chosen:
    """Ask what of the table is to be opened."""
    from backprop_tui.core.sweep.standing import standings

    rows = [standing for standing in standings(planned, outcomes) if standing.runs][:MOST_SHOWN]
    what = "the best" if planned.measure is not None else "the first"
    asked = f"enter opens {what} in the app, a number that row, q ends: "
    while True:
        sys.stderr.write(asked)
        sys.stderr.flush()
        line = sys.stdin.readline()
        answer = line.strip()
        if not line or answer.lower() in LEAVE:
            if not line:
                sys.stderr.write("\n")
            return 0
        if not answer or (answer.isascii() and answer.isdigit() and 1 <= int(answer[:9]) <= len(rows)):
            return chosen_of(options, planned, rows[int(answer or 1) - 1])
        complain(f"expected a number from 1 to {len(rows)}, enter or q, found {answer!r}")
