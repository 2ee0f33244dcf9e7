"""The terminal that the app draws on: how it is taken, given back and taken again, and how its keys are read.

Textual's own driver waits inside the system while the terminal takes no output, never writes again after an error,
takes the attributes that it finds when the process is continued for those of the shell, goes on reading where nothing
can come any more, and tells sizes in another order than the terminal had them. This one does none of that.
"""

import asyncio
import os
import re
import signal
import sys
from array import array
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from select import select
from threading import Lock
from time import perf_counter
from typing import Any

from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.events import Resize
from textual.geometry import Size
from textual.message import Message

from backprop_tui.tui.command_line.leaving import HOLDERS, HUNG_UP, Holder, end

from .output.answers import Answers

if sys.platform == "win32":  # Textual's driver is used there as it is, but this can be imported.
    from textual.drivers.windows_driver import WindowsDriver as SystemDriver
else:
    import termios
    from fcntl import ioctl

    from textual.drivers.linux_driver import LinuxDriver as SystemDriver

MODE = re.compile(r"\x1b\[(?:\?(?P<mode>\d+)(?P<set>[hl])|(?P<keyboard>[<>])\d*u)")
"""A code that sets or resets a mode, or that pushes or pops how the keyboard reports its keys."""
USUALLY_SET = ("7", "25")
"""The modes that are set while no app is there: lines wrap, and the cursor is seen."""
HELD_PICTURE = "2026"
"""The mode in which a terminal waits until a picture is whole; every frame sets and resets it."""
CUT_OFF = f"\x18\x1b\\\x1b[m\x1b[?{HELD_PICTURE}l"
"""Ends what may have been cut off in the middle: a code, colours, a picture."""
BUFFER = 1 << 12
TICK = 0.1
"""Seconds after which an escape is the key, and after which the input thread sees that the app ends."""


class Terminal(Holder):
    """A terminal's attributes and modes, and a file for Textual's thread that writes to it.

    No write waits inside the system, since until it came back no other could reset the modes. `resumed` is called when
    the terminal has been taken again, and shows nothing.
    """

    def __init__(self, input_descriptor: int, output_descriptor: int, resumed: Callable[[], None]) -> None:
        self.input, self.output = input_descriptor, opened_anew(output_descriptor)
        self.resumed = resumed
        self.attributes = termios.tcgetattr(self.input)
        self.drawing_attributes: list[Any] | None = None
        """Those that the app needs, while it does."""
        self.changes: dict[str, tuple[str, str]] = {}
        """For each mode that is not as usual, the code that changed it and the one that changes it back."""
        self.given_back = False
        self.gathered: list[str] = []
        self.lock = Lock()
        """Whoever has this writes, and knows that `changes` is what has been written."""
        self.interruptions = 0
        self.answers = Answers()
        self.received = self.done = 0
        """How many texts have been taken in by the thread that writes, and how many of these are written."""

    def fileno(self) -> int:
        return self.output

    def write(self, text: str) -> None:
        """Take in a text; one that changes a mode is written alone."""
        self.received += 1
        code = MODE.fullmatch(text)
        if code is None or code["mode"] == HELD_PICTURE:
            self.gathered.append(text)
        else:
            self.flush()
            self.send(text, code)

    def flush(self) -> None:
        received = self.received
        self.send("".join(self.gathered))
        self.gathered.clear()
        self.done = received

    def send(self, text: str, code: re.Match[str] | None = None) -> None:
        """Write a text as there is room for it; of a picture that is interrupted, the rest is of no use any more.

        Where there is no terminal any more nothing is written, and whoever reads from it ends the process.
        """
        data, interruptions = text.encode(errors="replace"), self.interruptions
        with suppress(OSError):
            while data:
                with self.lock:
                    interrupted = self.given_back or interruptions != self.interruptions
                    data = b"" if interrupted else data[self.write_some(data) :]
                    if code is not None and not data:
                        self.note(code)
                if data:
                    select([], [self.output], [])

    def write_some(self, data: bytes) -> int:
        """Write what there is room for; how many bytes that was."""
        try:
            return os.write(self.output, data)
        except BlockingIOError:
            return 0

    def write_now(self, codes: str) -> None:
        """Write codes without waiting: where there is no room for them, in place of what has not been read."""
        data = codes.encode()
        if self.write_some(data) < len(data):
            termios.tcflush(self.output, termios.TCOFLUSH)
            termios.tcflow(self.output, termios.TCOON)
            self.write_some(data)

    def note(self, code: re.Match[str]) -> None:
        """Remember a mode that has been changed; forget one that has been changed back."""
        mode = code["mode"]
        back = "\x1b[<u" if mode is None else f"\x1b[?{mode}{'h' if mode in USUALLY_SET else 'l'}"
        if code[0] == back:
            self.changes.pop(mode or "keyboard", None)
        else:
            self.changes[mode or "keyboard"] = code[0], back

    def give_back(self) -> None:
        """Reset the modes and, unless another job has the terminal by now, the attributes."""
        self.answers.wait_for_last()
        with self.lock:
            self.interruptions += 1
            with suppress(OSError, termios.error):
                self.write_now(self.resetting_codes())
            self.given_back = True
            with suppress(OSError, termios.error):
                if not self.in_background():
                    termios.tcflush(self.input, termios.TCIFLUSH)
                    termios.tcsetattr(self.input, termios.TCSANOW, self.attributes)

    def take_again(self) -> bool:
        """Set attributes and modes again after a stop, before which there may have been no time to give them back."""
        if self.in_background():
            return False
        with self.lock, suppress(OSError, termios.error):
            if self.drawing_attributes is not None:
                termios.tcsetattr(self.input, termios.TCSANOW, self.drawing_attributes)
            self.write_now(self.resetting_codes() + "".join(change for change, _ in self.changes.values()))
            self.given_back = False
        self.resumed()
        return True

    def resetting_codes(self) -> str:
        """What resets every mode that is not as usual, the last one first."""
        if self.given_back or not self.changes:
            return ""
        return CUT_OFF + "".join(back for _, back in reversed(self.changes.values()))

    def in_background(self) -> bool:
        """Whether another job has the terminal."""
        with suppress(OSError):
            return os.tcgetpgrp(self.input) != os.getpgrp()
        return False

    def close(self) -> None:
        os.close(self.output)


def opened_anew(descriptor: int) -> int:
    """A descriptor of the same terminal at which no write waits; that of the shell stays as it is."""
    with suppress(OSError):
        return os.open(os.ttyname(descriptor), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
    return os.dup(descriptor)


def lines_waiting(descriptor: int) -> int:
    """Bytes of the lines that have been typed and not been read, in a terminal that still tells lines apart."""
    waiting = array("i", [0])
    with suppress(OSError):
        ioctl(descriptor, termios.FIONREAD, waiting)
    return waiting[0]


class TerminalDriver(SystemDriver):
    """Textual's driver over the terminal above, with an input thread that copes with whatever is typed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        answers = {number: signal.getsignal(number) for number in (signal.SIGTSTP, signal.SIGCONT)}
        super().__init__(*arguments, **options)
        # Textual means to answer these itself.
        for number, answer in answers.items():
            signal.signal(number, answer)
        self.terminal = Terminal(self.fileno, sys.__stdout__.fileno(), self.resumed)  # type: ignore[union-attr]
        self._file = self.terminal  # type: ignore[assignment]
        self.handed = 0
        """How many texts have been handed to the thread that writes."""
        self.typed_ahead = 0
        """Bytes that were typed before the app was there, in which the terminal has made ctrl+j of each enter."""

    def write(self, data: str) -> None:
        self.handed += 1
        super().write(data)

    def write_picture(self, codes: str) -> None:
        """Write what makes a picture; the terminal is asked to tell when it has come to its end."""
        self.write(codes + self.terminal.answers.question(perf_counter(), len(codes)))

    @property
    def line_rate(self) -> float | None:
        """Bytes a second that the line to the terminal carries, where it is known to be slow."""
        return self.terminal.answers.rate

    def far_behind(self, *, pressed: bool) -> bool:
        """Whether the next picture should wait, since the last is on its way; `pressed`: it answers a key."""
        return self.handed != self.terminal.done or self.terminal.answers.far_behind(perf_counter(), pressed=pressed)

    def start_application_mode(self) -> None:
        HOLDERS.append(self.terminal)
        self.typed_ahead = lines_waiting(self.fileno)
        super().start_application_mode()  # type: ignore[no-untyped-call]
        with suppress(termios.error):
            self.terminal.drawing_attributes = termios.tcgetattr(self.fileno)
        # Textual reads the size in the signal's handler, and tells it from there. A second signal interrupts that
        # handler as well: its size, the newer one, would be told first, and the older one would stay. In the event loop
        # nothing comes between, and what has been told at the start or before a stop is told anew.
        asyncio.get_running_loop().add_signal_handler(signal.SIGWINCH, self.tell_size)
        self.tell_size()

    def tell_size(self) -> None:
        """Tell the app the size that the terminal has now, unless the terminal itself tells every size."""
        if not self._in_band_window_resize:
            size = Size(*self._get_terminal_size())
            self.send_message(Resize(size, size))

    def resumed(self) -> None:
        """Have all drawn again; the signal of a new size went to the job that had the terminal meanwhile."""
        self.terminal.answers.forget()
        with suppress(RuntimeError):  # The event loop has ended.
            self._loop.call_soon_threadsafe(self.tell_size)
            self.send_message(self.SignalResume())

    def disable_input(self) -> None:
        if not self.exit_event.is_set():
            self.terminal.answers.wait_for_last()
        super().disable_input()

    def stop_application_mode(self) -> None:
        self.terminal.drawing_attributes = None
        super().stop_application_mode()

    def close(self) -> None:
        super().close()
        if self.terminal in HOLDERS:
            HOLDERS.remove(self.terminal)
            self.terminal.close()

    def run_input_thread(self) -> None:
        """Read until the app ends. Bytes that are no UTF-8 are left out."""
        decoder = getincrementaldecoder("utf-8")("ignore")
        self.parser = XTermParser(self._debug)
        while not self.exit_event.is_set():
            # Character by character, so that a code which the parser fails at takes no other with it.
            typed, answers = decoder.decode(self.typed()), self.terminal.answers
            for character in answers.taken_from(typed, perf_counter()) if typed else answers.nothing_more():
                self.process(self.parser.feed(character))
            self.process(self.parser.tick())

    def typed(self) -> bytes:
        """What is typed within a tick. Where nothing can be typed any more, the process ends."""
        if not select([self.fileno], [], [], TICK)[0]:
            return b""
        try:
            typed = os.read(self.fileno, BUFFER)
            if not typed:
                termios.tcgetattr(self.fileno)
        except BlockingIOError:
            return b""
        except (OSError, termios.error):
            end(HUNG_UP)
        ahead, self.typed_ahead = self.typed_ahead, max(self.typed_ahead - len(typed), 0)
        return typed[:ahead].replace(b"\n", b"\r") + typed[ahead:]

    def process(self, messages: Iterable[Message]) -> None:
        """Pass on what the parser makes of the input. Where it fails, it begins anew with what comes next."""
        try:
            for message in messages:
                self.process_message(message)
        except Exception:
            self.parser = XTermParser(self._debug)


def better(driver: type[Driver]) -> type[Driver]:
    """The driver of this file in place of Textual's for terminals of Unix, that for browsers; any other as it is."""
    if driver.__name__ == "WebDriver":
        from .browser_driver import BrowserDriver  # Not needed in a terminal.

        return BrowserDriver
    return TerminalDriver if driver.__name__ == "LinuxDriver" else driver
