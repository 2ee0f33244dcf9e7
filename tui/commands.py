"""The commands that work without the app. Each takes the options and returns the exit status."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from dataclasses import asdict
from shutil import get_terminal_size
from typing import Any

from .console import complain, emit
from .loading import find, gallery, load
from .result_text import gallery_text, training_text

LISTED = ("id", "title", "summary", "tags")


def list_presets(options: Namespace) -> int:
    """`list`: every built-in preset."""
    entries = gallery()
    if options.json:
        emit_json([{name: value for name, value in asdict(entry).items() if name in LISTED} for entry in entries])
    else:
        on_terminal = sys.stdout is not None and sys.stdout.isatty()
        emit_text(gallery_text(entries, get_terminal_size().columns if on_terminal else None), options)
    return 0


def show(options: Namespace) -> int:
    """`show`: the preset's TOML as it stands, or, with changes, without its comments."""
    from backprop_tui.core.preset import from_table
    from backprop_tui.core.toml_text import toml_text

    found = find(options.preset, settings=options.set, seed=options.seed)
    from_table(found.table, found.source, found.base, found.id)
    emit(toml_text(found.table) if found.changed else found.text)
    return 0


def train(options: Namespace) -> int:
    """`train`: a run without the app; 1 where it became non-finite."""
    from backprop_tui.core.report import train_json
    from backprop_tui.core.run import Goal
    from backprop_tui.core.run import train as run
    from backprop_tui.core.session import Session

    from .progress import Progress

    session = Session(*load(options.preset, settings=options.set, seed=options.seed))
    goal = Goal.of(session.preset.training.stop, session.trainer.steps_per_epoch, options.steps)
    with Progress(goal.steps) as progress:
        result = run(session, goal, progress)
    if options.json:
        emit_json(train_json(session, result))
    else:
        emit_text(training_text(session, result), options)
    if result.stopped_by != "not_finite":
        return 0
    complain(f"training became non-finite by step {result.steps}; a smaller learning rate may help")
    return 1


def explain(options: Namespace) -> int:
    """`explain`: the worked solution of a step."""
    from backprop_tui.core.parameter_name import parameter_name
    from backprop_tui.core.report import explain_json, explain_text
    from backprop_tui.core.schema import Place
    from backprop_tui.core.session import Session
    from backprop_tui.core.spotlight import Spotlight

    preset, dataset = load(options.preset, settings=options.set, seed=options.seed)
    weight = preset.view.spotlight if options.weight is None else options.weight
    name = parameter_name(weight, preset.layers, len(dataset.inputs), Place("--weight"))
    session = Session(preset, dataset)
    if options.format == "json":
        emit_json(explain_json(session, options.step))
    else:
        emit_text(explain_text(session, options.step, Spotlight.named(name, preset.view.example - 1)), options)
    return 0


HEADLESS: dict[str, Callable[[Namespace], int]] = {
    "list": list_presets,
    "show": show,
    "train": train,
    "explain": explain,
}


def emit_json(document: Any) -> None:
    """One JSON document; raises ValueError for a number that strict JSON has not."""
    emit(json.dumps(document, allow_nan=False))


def emit_text(text: str, options: Namespace) -> None:
    """Lines of text, in plain ASCII if that was asked for."""
    if options.ascii:
        from .symbols import ascii_symbols

        text = "\n".join(ascii_symbols(line) for line in text.split("\n"))
    emit(text)
