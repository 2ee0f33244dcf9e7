"""See a neural network learn: the chain rule, op by op, with its real numbers."""

from os import PathLike
from os.path import basename, dirname
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from backprop_tui.core.attach.run import Run
    from backprop_tui.core.verify.report import Report

__all__ = ["__version__", "to_preset", "verify", "watch"]
__version__ = "0.3.0"

if basename(dirname(__path__[0])) == ".pkg":
    # This is the project's own folder, not an installed copy: core, docs, presets and tui stand two folders up. Beside this
    # file are only links to them, which are text files where git or an unpacker knows no links.
    __path__.append(dirname(dirname(__path__[0])))


def verify(
    source: "str | PathLike[str] | Mapping[str, Any]",
    *,
    preset: str | None = None,
    set: "Sequence[str]" = (),
    **settings: Any,
) -> "Report":
    """Whether what somebody's own code computed in one training step is right; which op is not, and which mistake it is.

    `source`: a `.npz` or `.json` file, a folder of csv files, a mapping of arrays, named X, Y, W1, b1, …, dW1, … ,
    or the id of a built-in preset with a step beside it, `verify-1`.
    `settings`: activations (one word a layer), loss_kind, optimizer, learning_rate, and the optimizer's own; `preset`:
    a built-in preset or a TOML file that says all of them; `set`: changes, `"layers.0.dropout=0.5"`.
    The report is true where everything is right, and its text says everything: `assert report, report`.
    Raises ValueError, with one line, for what cannot be read as a step.
    """
    from backprop_tui.core.verify.verify import verify as verified
    from backprop_tui.tui.command_line.loading import load, step_of

    name = "the mapping"
    if isinstance(source, str):
        source, name = step_of(source)
    if preset is None:
        return verified(source, name=name, sets=tuple(set), **settings)
    return verified(source, name=name, preset=load(preset, settings=list(set)), **settings)


def watch(
    model: Any = None,
    optimizer: Any = None,
    *,
    loss: Any = None,
    parameters: Any = None,
    activations: Any = None,
    path: "str | PathLike[str] | None" = None,
    every: int | None = None,
    title: str | None = None,
) -> "Run":
    """Record somebody's own training: `run.step(loss)` at the end of each step of the loop, `run.close()` behind it.

    Of PyTorch: `model`, its `optimizer`, and `loss`, the loss function. Of anything else that gives arrays: `parameters`
    by name (W1, b1, …), or a function that gives them; `activations`, one word a layer; `loss`, its name; and
    `run.step(loss, gradients={…}, inputs=X, targets=Y)`.
    `path`: the file, by default `runs/DATE-TIME.backprop`; nothing that is there is written over. `every`: keep each
    so-many-th step whole, by default as many as cost little. `title`: what the recording is called.
    The training is not changed, and no exception is raised into it: what goes wrong is one warning, and recording stops.
    Raises TypeError or ValueError, here, for arguments that are none.
    """
    from backprop_tui.core.attach.watch import watch as watched

    return watched(
        model,
        optimizer,
        loss=loss,
        parameters=parameters,
        activations=activations,
        path=path,
        every=every,
        title=title,
    )


def to_preset(
    model: Any,
    inputs: Any,
    targets: Any,
    *,
    loss: Any,
    optimizer: Any = None,
    path: "str | PathLike[str]" = "mine.toml",
    title: str | None = None,
    batch_size: int = 0,
) -> "Path":
    """Write a dense PyTorch network with its weights, its data and its optimizer as a preset; returns its path.

    `loss`: the loss function, or its name. `batch_size`: 0 for all examples. Large arrays go into `.npz` files beside it.
    Raises FileExistsError for a file that is there already, and ValueError, with one line that names the module or
    setting, for what no preset can express.
    """
    from backprop_tui.core.attach.to_preset import to_preset as written

    return written(
        model, inputs, targets, loss=loss, optimizer=optimizer, path=path, title=title, batch_size=batch_size
    )
