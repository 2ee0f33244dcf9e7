"""The gradient norms of every module over the kept steps, of a bounded number of them."""

from collections.abc import Sequence

from .kept_step import ModuleFigures, figures_of
from .reader import Recording
from .recorded_modules import Module

MOST = 64
"""Kept steps whose norms are read."""


class GradientTrends:
    """`known`: the figures of each module, in the modules' order, by kept step."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[ModuleFigures, ...]] = {}
        self.modules: tuple[Module, ...] = ()

    def take_in(self, recording: Recording, modules: tuple[Module, ...]) -> None:
        """Read the steps of the trend that are not known yet."""
        if modules != self.modules:
            self.known, self.modules = {}, modules
        wanted = of_trend(recording.steps)
        self.known = {step: self.known[step] for step in wanted if step in self.known}
        for step in wanted:
            if step not in self.known:
                facts = recording.facts(step)
                self.known[step] = tuple(figures_of(facts, module) for module in modules)

    def gradients(self, place: int) -> list[float]:
        """The known gradient norms of the module at `place`, in the order of the steps."""
        found = [self.known[step][place].gradient for step in sorted(self.known)]
        return [norm for norm in found if norm is not None]


def of_trend(steps: Sequence[int], most: int = MOST) -> list[int]:
    """At most `most` of the steps, evenly: every 2ⁿ-th, so that added steps leave most choices as they are."""
    stride = 1
    while -(-len(steps) // stride) > most:
        stride *= 2
    return list(steps[::stride])
