"""`watch`: from what somebody's loop has at hand to a run that records it."""

import os
import sys
import warnings
from contextlib import suppress
from typing import Any

from backprop_tui.core.recording.writer import Writer

from .new_path import paths
from .rank import writes_here
from .run import Run
from .spacing import Spacing

MOST_TRIES = 1000


def watch(
    model: Any = None,
    optimizer: Any = None,
    *,
    loss: Any = None,
    parameters: Any = None,
    activations: Any = None,
    path: str | os.PathLike[str] | None = None,
    every: int | None = None,
    title: str | None = None,
) -> Run:
    """Record the training of a PyTorch `model`, or of arrays (`parameters`).

    Raises TypeError or ValueError for wrong arguments, here, before the training begins. A file that cannot be written
    is no reason to stop a training: that is one warning, and nothing is recorded.
    """
    if every is not None and (isinstance(every, bool) or not isinstance(every, int) or every < 1):
        raise ValueError(f"every: expected a number of steps, 1 or more, found {every!r}")
    source, origin = source_of(model, optimizer, loss, parameters, activations)
    spacing = Spacing(every, source.large)
    writer = opened(path, origin, title or title_of(model, origin)) if writes_here() else None
    return Run(writer, source, spacing)


def source_of(model: Any, optimizer: Any, loss: Any, parameters: Any, activations: Any) -> tuple[Any, str]:
    """Where kept steps come from, and what kind of recording that makes."""
    torch = sys.modules.get("torch")
    if model is not None:
        if torch is None or not isinstance(model, torch.nn.Module):
            found = type(model).__name__
            raise TypeError(f"expected a PyTorch module, or parameters={{name: array}}; found {found}")
        if parameters is not None:
            raise TypeError("expected a module or parameters, found both")
        from .torch_step import TorchSource

        return TorchSource(model, optimizer_of(optimizer), loss), "torch"
    if parameters is None:
        raise TypeError("expected a PyTorch module, or parameters={name: array}; found neither")
    from .array_step import ArraySource

    return ArraySource(parameters, activations, loss), "arrays"


def optimizer_of(optimizer: Any) -> Any:
    """The optimizer inside of what others wrap around it. Raises TypeError for what is none."""
    if optimizer is None or hasattr(optimizer, "param_groups"):
        return optimizer
    inner = getattr(optimizer, "optimizer", None)
    if hasattr(inner, "param_groups"):
        return inner
    raise TypeError(f"expected an optimizer of PyTorch, found {type(optimizer).__name__}")


def title_of(model: Any, origin: str) -> str:
    """What a recording is called where nobody says: by its module and its program."""
    script = os.path.basename(getattr(sys.modules.get("__main__"), "__file__", None) or "")
    what = type(model).__name__ if origin == "torch" else "arrays"
    return f"{what} in {script}" if script else what


def opened(path: str | os.PathLike[str] | None, origin: str, title: str) -> Writer | None:
    """A new recording; nothing that is there is written over: another name is taken, and said."""
    try:
        for tried, candidate in enumerate(paths(path)):
            try:
                writer = Writer.create(candidate, origin, {"title": title})
            except FileExistsError:
                if tried < MOST_TRIES:
                    continue
                raise
            if tried and path is not None and not os.path.isdir(path):
                warn(f"{os.fspath(path)} is there already, and stays; this run is recorded in {candidate}")
            return writer
    except (OSError, ValueError) as problem:
        warn(f"nothing is recorded: {problem}")
    return None


def warn(text: str) -> None:
    """One warning; where warnings are made errors it would end the training, and is not given."""
    with suppress(UserWarning):
        warnings.warn(f"backprop-tui: {text}", UserWarning, stacklevel=4)
