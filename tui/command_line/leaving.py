"""How the process ends and stops on a signal: whatever it is doing, and with nothing left behind.

Signals are blocked in every thread, and one thread waits for them. None of them cuts into an import or a write, and
none waits for a main thread that is waiting itself, perhaps for a terminal that takes no more output.

Importing this takes next to nothing, so that signals can be answered before anything else is imported.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread, Timer

ENDING_NAMES = (
    *("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGXCPU"),
    *("SIGPOLL", "SIGPWR", "SIGSTKFLT", "SIGBREAK"),
)
"""Signals that end a process which does not answer them, and that do not say that it is at fault, as SIGSEGV does."""
STOPPING_NAMES = ("SIGTSTP", "SIGCONT")
"""Those that stop a process as ctrl+z does, and let it go on."""
DEFAULTS = (signal.SIG_DFL, signal.default_int_handler)
"""How a signal is answered of which nobody has said anything."""
INTERRUPTED, HUNG_UP = 128 + 2, 128 + 1
"""Exit statuses after ctrl+c, and after the terminal has gone away: those of SIGINT and SIGHUP."""
GRACE = 1.0
"""Seconds that may pass until what is held has been given back."""
LONGEST_END = 3.0
"""Seconds that whoever is asked to end by itself may take."""


class Holder:
    """Something outside of the process that it has changed, and that it gives back before it ends or stops."""

    def give_back(self) -> None:
        """Make it as it was; called from any thread, perhaps more than once."""

    def take_again(self) -> bool:
        """Change it again, as the process goes on; False where that cannot be now, so that it has to stop again."""
        return True


HOLDERS: list[Holder] = []
"""What is held now, in the order in which it was taken."""
FINISHED_FIRST = Lock()
"""Whoever has this is let finish, for up to GRACE seconds, before the process ends."""
ENDING = Lock()
"""Taken by the thread that ends the process, and never released."""


class Asked:
    """Whether a signal has asked the process to end, which it does by itself as soon as it can."""

    def __init__(self) -> None:
        self.number = 0
        self.event = Event()

    def __bool__(self) -> bool:
        return self.event.is_set()

    @property
    def status(self) -> int:
        """The exit status after that signal."""
        return 128 + self.number

    def take(self, number: int) -> None:
        self.number = number
        self.event.set()
        backstop = Timer(LONGEST_END, end, [self.status])
        backstop.daemon = True
        backstop.start()


ASKED: list[Asked] = []
"""Who ends by itself; none once it has been asked: a second signal ends the process at once."""


@contextmanager
def ending_by_itself() -> Iterator[Asked]:
    """While this lasts, the first signal that ends a process is told to what this gives, which is looked at often.

    So that what has been done until then is not lost, and other processes are not left behind.
    """
    asked = Asked()
    ASKED.append(asked)
    try:
        yield asked
    finally:
        if asked in ASKED:
            ASKED.remove(asked)


def answer_signals() -> None:
    """From now on a signal that ends a process ends this one with 128 + its number, and ctrl+z stops it.

    Call it from the main thread, before there is another. Signals that are ignored, as under nohup, stay ignored.
    """
    # The real-time signals have no names, and end a process too.
    unnamed = range(signal.SIGRTMIN, signal.SIGRTMAX + 1) if hasattr(signal, "SIGRTMIN") else ()
    numbers = [*(getattr(signal, name) for name in ENDING_NAMES + STOPPING_NAMES if hasattr(signal, name)), *unnamed]
    answered = {int(number) for number in numbers if signal.getsignal(number) in DEFAULTS}
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_BLOCK, answered)
        Thread(target=answer, args=(answered,), daemon=True, name="signals").start()
    else:
        for number in answered:
            signal.signal(number, lambda number, frame: leave(number))


def answer(answered: set[int]) -> None:
    """Wait for signals, and do what each asks for, until the process ends."""
    # What a process in the background gives back to the terminal would stop it, if the terminal is set so.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    while True:
        number = signal.sigwait(answered)
        if number == signal.SIGTSTP:
            stop()
        elif number != signal.SIGCONT:
            leave(number)
        elif not take_again():
            stop()


def leave(number: int) -> None:
    """End on a signal, or let whoever ends by itself do so."""
    if ASKED:
        ASKED.pop().take(number)
    else:
        end(128 + number)


def end(status: int) -> None:
    """End the process, from whatever thread: once what is held has been given back, or GRACE seconds have passed."""
    ENDING.acquire()
    try:
        FINISHED_FIRST.acquire(timeout=GRACE)
        give_back()
    finally:
        os._exit(status)


def stop() -> None:
    """Stop the process until it is continued; where nobody could continue it, the system lets it go on."""
    give_back()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTSTP})
    os.kill(os.getpid(), signal.SIGTSTP)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTSTP})
    # What has continued it is answered in its turn, after what may have come with it to end it.
    if signal.SIGCONT not in signal.sigpending():
        take_again()


def give_back() -> None:
    """Give back all that is held. A holder that waits for something, such as the terminal, is not waited for long."""
    giver = Thread(target=give_back_each, daemon=True)
    giver.start()
    giver.join(GRACE)


def give_back_each() -> None:
    for holder in reversed(HOLDERS):
        with suppress(Exception):
            holder.give_back()


def take_again() -> bool:
    """Take all again that is held; whether it could be taken."""
    return all(holder.take_again() for holder in HOLDERS)
