"""The app of a visitor in a browser: what there is to open, where files go, and that no others are read."""

import os
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from backprop_tui.core.preset.files_read import FILES_READ
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.command_line.visitor import is_visitor
from backprop_tui.tui.running.download import DOWNLOADS

from .containment import ContainingApp

if TYPE_CHECKING:
    from backprop_tui.tui.command_line.loading import GalleryEntry
    from backprop_tui.tui.command_line.offer import Offer


class VisitedApp(ContainingApp):
    """`offered` are the arguments by which a server's presets are opened; of none, all built-in ones are."""

    offered: tuple[str, ...] = ()

    def begin_visit(self) -> None:
        """From now on a visitor is there, if one is: what he writes he downloads, and reads what is served."""
        if is_visitor():
            DOWNLOADS.hand_over = self.hand_over
            FILES_READ.shut()

    def hand_over(self, name: str, content: bytes) -> None:
        """Have the browser of a visitor download a file."""
        self.deliver_binary(BytesIO(content), save_directory=os.sep, save_filename=name)

    @property
    def offers(self) -> "list[Offer]":
        """What a visitor may open."""
        if not self.offered:
            return []
        from backprop_tui.tui.command_line.offer import Offer  # Not needed but on a server.

        return [Offer(argument) for argument in self.offered]

    def offered_entries(self) -> "list[GalleryEntry] | None":
        """The same for the gallery, as far as it can be read yet; None for all built-in presets."""
        if not self.offered:
            return None
        entries = []
        with FILES_READ.opened():
            for offer in self.offers:
                with suppress(PresetError):
                    entries.append(offer.entry())
        return entries
