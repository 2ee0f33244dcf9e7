"""Runs of built-in presets, as jobs."""

from backprop_tui import presets
from backprop_tui.core.preset.preset import apply_changes, parse
from backprop_tui.core.sweep.job import Job

ENDLESS = 10**9


def job(name: str, steps: int, **changes: object) -> Job:
    """A run of a preset; `optimizer__learning_rate=0.1` is a change."""
    table = apply_changes(parse(presets.text(name), "test"), {key.replace("__", "."): v for key, v in changes.items()})
    return Job(table, "test", name, presets.folder, (), steps)


def never() -> bool:
    return False
