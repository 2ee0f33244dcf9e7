"""What `watch` gives: the loss of every step, and the whole of some of them, handed on to a recording.

Nothing of it may harm the training that it looks at. Whatever goes wrong here ends in one warning, and the recording
stops; no exception gets out. On steps that are not kept it takes the loss, looks at the clock and returns.
"""

import atexit
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from time import perf_counter
from types import TracebackType
from typing import Any, Protocol
from weakref import WeakSet

import numpy as np

from backprop_tui.core.recording.writer import Writer

from .kept import Given, Kept
from .numbers import fetched, is_tensor, loss_of
from .rank import writes_here
from .spacing import Spacing

INTERVAL = 0.8
"""Seconds until losses that have been taken can be read in the file."""


class Source(Protocol):
    """Where kept steps come from: a PyTorch module, or arrays that are handed over.

    `spent`: the seconds that it has taken inside somebody's step. `meta`: what the recording is to know of the whole
    run, as far as it has changed. `warnings`: what is left out.
    """

    spent: float

    def begin(self, *, whole: bool) -> None: ...
    def end(self, loss: float, given: Given) -> Kept | None: ...
    def passed(self, parameters: Any) -> None: ...
    def abandon(self) -> None: ...
    def meta(self) -> Mapping[str, Any]: ...


class Released:
    """What a run that is over has in place of its source, so that it holds nobody's network."""

    spent = 0.0

    def begin(self, *, whole: bool) -> None: ...

    def end(self, loss: float, given: Given) -> Kept | None:
        return None

    def passed(self, parameters: Any) -> None: ...

    def abandon(self) -> None: ...

    def meta(self) -> Mapping[str, Any]:
        return {}


RELEASED = Released()


class Run:
    """A recording that is being made.

    `path`: its file; None where this process writes none. `warnings`: what was left out, and why recording stopped.
    """

    def __init__(self, writer: Writer | None, source: Source, spacing: Spacing) -> None:
        self.path: Path | None = writer.path if writer else None
        self.warnings: list[str] = []
        self._writer, self._source, self._spacing = writer, source, spacing
        self._process = os.getpid()
        self._lock = Lock()
        self._losses: list[Any] = []
        self._count = 0
        self._kind: str | None = None
        self._type: Any = None
        self._cost = 0.0
        self._start = self._due = self._committed = perf_counter()
        self._wanted = 1
        self._over = writer is None
        if writer is not None:
            open_runs.add(self)
            self._guarded(self._begin)

    def step(
        self,
        loss: Any = None,
        *,
        gradients: Any = None,
        inputs: Any = None,
        targets: Any = None,
        parameters: Any = None,
    ) -> None:
        """Take down that a step of the training is done, and its loss: a tensor or a number.

        Of arrays: `gradients` by the names of their parameters; `inputs` and `targets` of the batch; `parameters` as
        they are now, where the loop makes new ones and does not change those that `watch` was given.
        """
        if self._over:
            return
        try:
            # Nearly all losses are of the kind of the first: numbers that are there without waiting for a device.
            self._losses.append(loss.item() if type(loss) is self._type else self._loss_of(loss))
            self._count = count = self._count + 1
            if parameters is not None:
                self._source.passed(parameters)
            if perf_counter() >= self._due or count >= self._wanted:
                with self._lock, np.errstate(all="ignore"):
                    self._look(Given(loss, gradients, inputs, targets, parameters))
        except Exception as problem:
            if self._type is not None and is_tensor(loss) and (loss.ndim or not loss.is_cpu):
                # Of another kind than those before.
                self._type = None
                self.step(loss, gradients=gradients, inputs=inputs, targets=targets, parameters=parameters)
            else:
                self._stop(problem)

    def _loss_of(self, loss: Any) -> Any:
        """A loss of any kind; from now on those that are like it are taken the short way."""
        if is_tensor(loss) and loss.is_cpu and not loss.ndim:
            self._type = type(loss)
        return loss_of(loss) if loss is not None else float("nan")

    def close(self) -> None:
        """End the recording, and leave a whole file. What comes after is not recorded."""
        if not self._over:
            self._over = True
            if self._process == os.getpid():
                self._guarded(self._finish)
            else:
                self._source.abandon()
            self._source = RELEASED
        open_runs.discard(self)

    def __enter__(self) -> "Run":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # One that failed on its way has nothing to close.
        if hasattr(self, "_wanted"):
            self.close()

    def _begin(self) -> None:
        """Get ready for the first step."""
        start = perf_counter()
        self._kind = self._spacing.choice(0, 0.0)
        self._source.begin(whole=self._kind == "whole")
        self._cost = perf_counter() - start

    def _look(self, given: Given) -> None:
        """Keep the step that is done if it was to be kept, commit, and say whether the next one is."""
        start = perf_counter()
        if os.getpid() != self._process or self._writer is None:
            self._over = True
            self._source.abandon()
            return
        if self._count <= 1 and not writes_here():
            self._withdraw()
            return
        losses = fetched(self._losses)
        self._losses = []
        self._writer.add_losses(losses)
        kept = self._source.end(losses[-1], given) if self._kind is not None else None
        if kept is not None:
            self._keep(kept, start, {} if given.loss is None else {"loss": losses[-1]})
        if self._kind is None:
            self._choose(start)
        if start >= self._committed + INTERVAL:
            self._commit()
        affordable = self._start + self._spacing.when()
        # What may be kept by the clock and not yet by the number of steps is looked at again a little later.
        self._due = min(start + INTERVAL, affordable if affordable > start else start + INTERVAL)
        self._wanted = self._count + 1 if self._kind is not None else self._spacing.wanted(self._count)

    def _keep(self, kept: Kept, start: float, told: Mapping[str, float]) -> None:
        """`told`: the loss of the step, where somebody told it."""
        assert self._writer is not None
        assert self._kind is not None
        self._writer.keep(self._count, start - self._start, {**kept.facts, **told}, kept.arrays)
        for name, value in self._source.meta().items():
            self._writer.set_meta(name, value)
            if name == "warnings":
                self._say(value)
        self._commit()
        kind, self._kind = self._kind, None
        cost = self._cost + self._source.spent + perf_counter() - start
        self._spacing.kept(self._count, kind, cost)

    def _choose(self, now: float) -> None:
        """Whether the next step is kept; then everything is made ready for it."""
        self._kind = self._spacing.choice(self._count, now - self._start)
        if self._kind is not None:
            start = perf_counter()
            self._source.begin(whole=self._kind == "whole")
            self._cost = perf_counter() - start

    def _commit(self) -> None:
        assert self._writer is not None
        self._writer.commit()
        self._committed = perf_counter()

    def _finish(self) -> None:
        assert self._writer is not None
        self._source.abandon()
        try:
            self._writer.add_losses(fetched(self._losses))
        finally:
            self._losses = []
            self._writer.close()

    def _withdraw(self) -> None:
        """Write nothing: another process does. What was begun goes."""
        assert self._writer is not None
        self._over = True
        self._source.abandon()
        self._writer.close()
        self._writer.path.unlink(missing_ok=True)
        self._writer = self.path = None

    def _guarded(self, act: Any) -> None:
        try:
            act()
        except Exception as problem:
            self._stop(problem)

    def _stop(self, problem: Exception) -> None:
        """Record no more, say so once, and leave what there is as a whole file."""
        self._over = True
        self._losses = []
        source, self._source = self._source, RELEASED
        for act in (source.abandon, self._writer.close if self._writer and self._is_ours() else None):
            try:
                if act is not None:
                    act()
            except Exception:
                # The reason to stop has been met; what this adds to it helps nobody.
                continue
        open_runs.discard(self)
        reason = " ".join(str(problem).split()) or type(problem).__name__
        self._say([f"recording stopped at step {self._count}: {reason}"])

    def _is_ours(self) -> bool:
        return self._process == os.getpid()

    def _say(self, texts: list[str]) -> None:
        """One warning of what has not been said yet."""
        new = [text for text in texts if text not in self.warnings]
        self.warnings += new
        if new:
            try:
                warnings.warn(f"backprop-tui: {'; '.join(new)}", UserWarning, stacklevel=4)
            except UserWarning:
                # Where warnings are made errors this would end the training; `warnings` of the run has it.
                return


open_runs: "WeakSet[Run]" = WeakSet()


def close_all() -> None:
    """Leave whole files when the interpreter ends."""
    for run in list(open_runs):
        run.close()


atexit.register(close_all)
