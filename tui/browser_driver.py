"""The driver by which the app is drawn in a browser, through textual-serve's pipes.

Textual's own writes from two threads what can get between each other, ends its input at a code that it cannot read, and
goes on for ever when whoever it writes to has gone. This one does none of that.
"""

import json
import os
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from select import select
from threading import Lock
from typing import Any

from textual._xterm_parser import XTermParser
from textual.drivers._byte_stream import ByteStream
from textual.drivers.web_driver import WebDriver
from textual.message import Message

from .command_line.leaving import HUNG_UP, end


class BrowserDriver(WebDriver):
    """Textual's driver for the web, with whole packets, and with input that copes with whatever is typed."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.lock = Lock()
        self._write = self.write_whole  # type: ignore[assignment]

    def write_whole(self, data: bytes) -> int:
        """Write a packet with nothing in between; where nobody reads it any more, the process ends."""
        left = memoryview(data)
        with self.lock:
            while left:
                try:
                    left = left[os.write(self.fileno, left) :]
                except OSError:
                    end(HUNG_UP)
        return len(data)

    @property
    def busy(self) -> bool:
        """Whether the browser has not taken yet what was sent: a picture that waits is better than one in a pipe."""
        with suppress(OSError, ValueError):
            return os.name == "posix" and not select([], [self.fileno], [], 0)[1]
        return False

    def run_input_thread(self) -> None:
        """Read until the app ends. Bytes that are no UTF-8 are left out."""
        decoder, packets = getincrementaldecoder("utf-8")("ignore"), ByteStream()
        self.parser = XTermParser(self._debug)
        with suppress(OSError):
            for data in self._input_reader:
                for kind, payload in packets.feed(data) if data else ():
                    if kind == "D":
                        # Character by character, so that a code which the parser fails at takes no other with it.
                        for character in decoder.decode(payload):
                            self.process(self.parser.feed(character))
                    else:
                        self._on_meta(kind, payload)
                self.process(self.parser.tick())
        if not self.exit_event.is_set():
            end(HUNG_UP)

    def process(self, messages: Iterable[Message]) -> None:
        """Pass on what the parser makes of the input. Where it fails, it begins anew with what comes next."""
        try:
            for message in messages:
                self.process_message(message)
        except Exception:
            self.parser = XTermParser(self._debug)

    def send_message(self, message: Message) -> None:
        """Pass on a message, unless the app has ended: the browser may still say something then."""
        if not self._loop.is_closed():
            super().send_message(message)

    def _on_meta(self, packet_type: str, payload: bytes) -> None:
        with suppress(json.JSONDecodeError):
            super()._on_meta(packet_type, payload)
