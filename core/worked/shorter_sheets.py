"""What would make a worksheet short enough: one weight alone, one example, or both, each with its pages."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from backprop_tui.core.preset.datasets import Dataset
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.preset.tables import Preset
from backprop_tui.core.session.session import Session

from .class_sheets import MOST_PAGES, Task, worked
from .page_count import page_count

LoadChanged = Callable[[Sequence[str]], tuple[Preset, Dataset]]
"""The preset and its data with further settings, `KEY=VALUE`."""
ONE_EXAMPLE = "training.batch_size=1"


def shorter_sheets(load: LoadChanged, task: Task, form: str) -> str:
    """`--weight 'W2[1,1]' makes it 6 pages`: the ways to a sheet of at most MOST_PAGES pages, the shortest first."""
    found: dict[str, int] = {}
    for changed, settings in ways(load, task):
        try:
            session = Session(*load(settings))
            pages = page_count(worked(session, changed, "exercise"), form)
        except PresetError:
            continue
        if pages <= MOST_PAGES:
            words = [f"--weight '{changed.weight}'"] if changed.weight not in (None, task.weight) else []
            words += [f"--set {setting}" for setting in settings]
            if changed.weight is None and task.weight is not None:
                words.append("without --weight" if words else "leaving out --weight")
            found[" ".join(words)] = pages
    shortest = sorted(found.items(), key=lambda way: way[1])[:2]
    if not shortest:
        return "take fewer units, fewer inputs, or another preset"
    return ", or ".join(f"{words} makes it {pages_text(pages)}" for words, pages in shortest)


def ways(load: LoadChanged, task: Task) -> Iterator[tuple[Task, list[str]]]:
    """One weight in place of all, or all in place of one that takes more, and a batch of one example."""
    preset, dataset = load([])
    batches: list[list[str]] = [[]] if preset.training.batch_size == 1 or dataset.size == 1 else [[], [ONE_EXAMPLE]]
    weights = [None, task.weight or f"W{len(preset.layers)}[1,1]"]
    for weight in weights:
        for settings in batches:
            if settings or weight != task.weight:
                yield replace(task, weight=weight), settings


def pages_text(pages: int) -> str:
    return f"about {pages:,} page{'s' if pages != 1 else ''}"
