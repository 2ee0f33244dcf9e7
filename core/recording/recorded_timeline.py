"""The stops of a run of which only some steps are known: from the end of one the next stop lies in the next of them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from backprop_tui.core.ops.event import Op
from backprop_tui.core.session.timeline import Position, Timeline, Unit


class RecordedTimeline(Timeline):
    """The stops of a run whose steps `kept`, in order, all yield events like `events`.

    Counts are those of the whole run, so that steps have their own numbers. A recording tells of no epochs: an epoch
    is a step.
    """

    knows_epochs = False

    def __init__(self, events: tuple[Op, ...], kept: Sequence[int]) -> None:
        super().__init__(events, 1)
        self.kept = list(kept)

    @property
    def first(self) -> int:
        """The count before the first kept step."""
        return self.finish_of(self.kept[0] - 1)

    @property
    def last(self) -> int:
        """The count at the end of the last."""
        return self.finish_of(self.kept[-1])

    def at(self, count: int) -> Position:
        """The position after `count` events, which lies in a kept step or before it."""
        step = max(count - 1, 0) // self.length + 1
        if not self.is_kept(step):
            # The end of the step before a kept one is its start.
            step += 1
        return Position(step, step, count - self.finish_of(step - 1), self.length)

    def is_kept(self, step: int) -> bool:
        place = bisect_left(self.kept, step)
        return place < len(self.kept) and self.kept[place] == step

    def nearest(self, count: int) -> int:
        """The same count if it lies in a kept step; else the end of the one before it, or the start of the first."""
        if count <= self.first:
            return self.first
        step = (count - 1) // self.length + 1
        place = bisect_right(self.kept, step) - 1
        return count if self.kept[place] == step else self.finish_of(self.kept[place])

    def after(self, count: int, unit: Unit) -> int:
        """The next stop of `unit`; the end of the last kept step where there is none."""
        step = self.at(count).step
        end = self.finish_of(step)
        if count < end:
            following = super().after(count, unit)
            if following <= end:
                return following
        place = bisect_right(self.kept, step)
        if place == len(self.kept):
            return self.last
        return super().after(self.finish_of(self.kept[place] - 1), unit)

    def before(self, count: int, unit: Unit) -> int:
        """The last stop of `unit` before `count`; the start of the first kept step where there is none."""
        step = self.at(count).step
        begin = self.finish_of(step - 1)
        preceding = super().before(count, unit)
        if preceding > begin:
            return preceding
        place = bisect_left(self.kept, step) - 1
        if place < 0:
            return self.first
        return self.finish_of(self.kept[place])
