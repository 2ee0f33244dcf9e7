"""Answering messages to the end, whatever goes wrong with one of them."""

from textual.message import Message
from textual.message_pump import MessagePump


class Contained(MessagePump):
    """What goes wrong while it answers a message is told to the app, and it goes on answering.

    Textual ends the message loop out of which an exception came: a pane would answer nothing any more.
    """

    async def _dispatch_message(self, message: Message) -> None:
        try:
            await super()._dispatch_message(message)
        except Exception as error:
            self.app._handle_exception(error)
