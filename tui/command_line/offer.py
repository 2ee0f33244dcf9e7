"""What a server has for its visitors: presets, recordings, data, each under a short name, and how one is opened.

A file is opened from its own folder, so that nothing which is shown tells where on this machine that is.
"""

import os
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backprop_tui import presets
from backprop_tui.core.preset.schema import described

from .loading import GalleryEntry, entry, entry_of, find, is_recording, recording_of
from .options import UsageError
from .own_words import OwnWords, is_own, is_url, own_words
from .visitor import VISIT


@dataclass(frozen=True, slots=True)
class Offer:
    """`argument` is what a command opens it by; `name` is what it is called here, in the gallery and in a link."""

    argument: str

    @property
    def name(self) -> str:
        if is_url(self.argument):
            return "playground"
        path = own_words(self.argument).path if is_own(self.argument) else self.argument
        return self.argument if self.is_built_in else Path(path).stem

    @property
    def is_built_in(self) -> bool:
        return self.argument in presets.names()

    @property
    def whole(self) -> "Offer":
        """The same from every folder."""
        if self.is_built_in or is_url(self.argument):
            return self
        if not is_own(self.argument):
            return Offer(os.path.abspath(self.argument))
        words = own_words(self.argument)
        test = None if words.test is None else os.path.abspath(words.test)
        return Offer(OwnWords(os.path.abspath(words.path), words.targets, test).argument)

    def entered(self) -> str:
        """Go to the folder of its file, if it has one; what it is opened by from there. Raises OSError."""
        if self.is_built_in or is_url(self.argument):
            return self.argument
        words = own_words(self.argument) if is_own(self.argument) else None
        path = Path(self.argument if words is None else words.path)
        os.chdir(path.parent)
        if words is None:
            # A file that would be taken for an option, or for a built-in preset.
            hidden = path.name.startswith("-") or path.name in presets.names()
            return os.path.join(os.curdir, path.name) if hidden else path.name
        test = None if words.test is None else os.path.relpath(words.test)
        return OwnWords(path.name, words.targets, test).argument

    def entry(self) -> GalleryEntry:
        """It as the gallery shows it. Raises PresetError for a file that is not there any more."""
        if self.is_built_in:
            return entry(self.argument)
        if is_recording(self.argument) and (recording := recording_of(self.argument)).origin != "preset":
            return GalleryEntry(self.name, recording.title or self.name, "a recorded training", (), "")
        return entry_of(self.name, find(self.argument).table)


def offers(arguments: Sequence[str]) -> tuple[Offer, ...]:
    """What is offered, by whole paths. Raises UsageError where two would have one name."""
    found = tuple(Offer(argument).whole for argument in dict.fromkeys(arguments))
    names = [offer.name for offer in found]
    for name in names:
        if names.count(name) > 1:
            raise UsageError(f"two of these would be called {described(name)}: a link could not tell them apart")
    return found


def visit_words(options: Namespace, offered: Sequence[Offer], wanted: str = "") -> list[str]:
    """What the program is told on its command line for a visitor who is offered these; of none, all built-in ones.

    `wanted` is the name of the one that is opened at once; without, the only one is, or the gallery.
    """
    words = [VISIT, wanted or (offered[0].name if len(offered) == 1 else "")]
    words += [word for setting in options.set for word in ("--set", setting)]
    words += ["--hide", ",".join(options.hide)] if options.hide else []
    for name, value in (("--seed", options.seed), ("--fps", options.fps)):
        words += [name, str(value)] if value is not None else []
    words += ["--ascii"] if options.ascii else []
    return [*words, "--", *(offer.argument for offer in offered)]


def wanted_offer(name: str, arguments: Sequence[str]) -> Offer | None:
    """The one of that name, of what is offered or else of the built-in presets; None for no name."""
    offered = map(Offer, arguments or presets.names())
    return next((offer for offer in offered if offer.name == name), None)
