"""Answering messages to the end, whatever goes wrong with one of them."""

from collections.abc import Callable

from textual.message import Message
from textual.message_pump import MessagePump
from textual.timer import Timer


class Contained(MessagePump):
    """What goes wrong while it answers a message is told to the app, and it goes on answering.

    Textual ends the message loop out of which an exception came: a pane would answer nothing any more.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)

    def every(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Have something done again and again; where it goes wrong, not any more, since that would not end."""

        def due() -> None:
            try:
                act()
            except Exception:
                timer.stop()
                raise

        timer = self.set_interval(seconds, due)
        return timer
