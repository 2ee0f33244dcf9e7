"""Leaving on a signal: in good order, or at least, where the terminal takes no more output, at all."""

import os
import signal
import sys
from asyncio import AbstractEventLoop
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from types import FrameType

try:
    import termios
except ImportError:  # There is none on Windows, nor the alarm below.
    NO_TERMINAL: tuple[type[Exception], ...] = (Exception,)
else:
    NO_TERMINAL = (OSError, ValueError, TypeError, termios.error)

SIGNALS = {name: 128 + number for name, number in (("SIGINT", 2), ("SIGTERM", 15), ("SIGHUP", 1))}
"""Exit status for each signal that ends the app."""
GRACE = 3.0
"""Seconds that an orderly end may take."""


def leave_on_signals(loop: AbstractEventLoop, leave: Callable[[int], object]) -> None:
    """From now on call `leave` with the exit status, inside `loop`, when a signal comes that ends the app.

    These are plain handlers, not the loop's: while the terminal takes no output the app waits inside a write, and its
    loop does not turn. After GRACE seconds an alarm then ends the process, with the terminal's attributes as they
    were.
    """
    # A handler runs wherever the program happens to be; the app knows itself by what stands in this context.
    context = copy_context()
    end_late = partial(end_at_once, terminal_attributes())

    def came(status: int, number: int, frame: FrameType | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(leave, status, context=context)
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, lambda *_: end_late(status))
            signal.setitimer(signal.ITIMER_REAL, GRACE)

    for name, status in SIGNALS.items():
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), partial(came, status))


def left_in_good_order() -> None:
    """The app has ended by itself: no alarm is needed any more."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)


def terminal_attributes() -> list[object] | None:
    """How the terminal is set now; None where that cannot be told."""
    with suppress(*NO_TERMINAL):
        return termios.tcgetattr(sys.__stdin__)  # type: ignore[arg-type]
    return None


def end_at_once(attributes: list[object] | None, status: int) -> None:
    """End the process with `status`, the terminal set to `attributes` if it is still there."""
    if attributes is not None:
        with suppress(*NO_TERMINAL):
            termios.tcsetattr(sys.__stdin__, termios.TCSANOW, attributes)  # type: ignore[arg-type]
    os._exit(status)
