"""`show`: a preset as its file, or as the URL of an experiment of TensorFlow Playground."""

from argparse import Namespace

from backprop_tui import presets

from .console import emit
from .loading import PresetText, find, handed_in, tell_notes
from .options import UsageError
from .own_words import is_own

SAVE_HERE = "saved in the present folder, this preset finds the data; elsewhere data.path is to be changed"


def show(options: Namespace) -> int:
    """`show`: the preset's TOML as it stands, or, with changes, without its comments; or the step beside it."""
    from backprop_tui.core.preset.preset import from_table, load_preset
    from backprop_tui.core.preset.toml_text import toml_text

    step = handed_in(options.preset) if options.preset.endswith(".json") else None
    if step is not None:
        if options.set or options.seed is not None or options.hide:
            raise UsageError(f"{step}.json is a step that was handed in; leave out --set, --seed and --hide")
        emit(presets.hand_in(step))
        return 0
    found = find(options.preset, settings=options.set, seed=options.seed, hide=options.hide)
    preset = from_table(found.table, found.source, found.base, found.id)
    if options.format == "url":
        from backprop_tui.core.playground.experiment_of import experiment_of
        from backprop_tui.core.playground.fragment import url_text

        experiment, notes = experiment_of(preset)
        tell_notes((*found.notes, *notes))
        emit(url_text(experiment))
        return 0
    if is_own(options.preset):
        # What it prints is to be a preset that can be opened.
        _, dataset = load_preset(
            found.table, found.source, found.base, found.id, typed=found.typed, source_read=found.read
        )
        tell_notes((*found.notes, *(note for note in dataset.notes if note not in found.notes), SAVE_HERE))
    else:
        tell_notes(found.notes)
    emit((None if found.changed else as_written(found)) or toml_text(found.table))
    return 0


def as_written(found: PresetText) -> str | None:
    """The TOML of a preset as it stands, its control characters escaped; None where that would be another preset.

    In strings between single quotes TOML has no escapes.
    """
    from backprop_tui.core.preset.control_characters import escaped
    from backprop_tui.core.preset.toml_document import parse

    text = escaped(found.text)
    return text if text == found.text or parse(text, found.source) == found.table else None
