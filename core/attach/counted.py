"""Which calls of modules belong to the gradients that the optimizer got."""

import sys

from .calls import Call, Calls, weight_of


class Counted:
    """The calls whose gradients went into those that the optimizer got.

    A gradient that was cleared begins anew: of a module with a weight the backward passes count from the last one that
    found it without a gradient. Calls that nothing came back to, as in an evaluation, do not count.
    """

    def __init__(self, calls: Calls) -> None:
        self.calls = calls.calls
        self.starts: dict[int, int] = {}
        for call in calls.calls:
            weight = weight_of(call.module)
            if weight is not None and getattr(weight, "requires_grad", False):
                for back in call.back:
                    if back.fresh:
                        start = self.starts.get(id(call.module), back.task)
                        self.starts[id(call.module)] = max(start, back.task)
        self.start = min(self.starts.values(), default=-1)
        tasks = [back.task for call in (*calls.passes, *calls.calls) for back in call.back if back.task >= self.start]
        self.passes = len(set(tasks))

    def tasks(self, call: Call) -> range:
        """The backward passes that count for a module."""
        return range(self.starts.get(id(call.module), self.start), sys.maxsize)

    def of(self, calls: list[Call]) -> list[Call]:
        """The calls that something counted came back to."""
        return [call for call in calls if any(back.task in self.tasks(call) for back in call.back)]

    def groups(self) -> dict[tuple[str, int], list[Call]]:
        """The calls of each module, in the order of the first."""
        counted = set(map(id, self.of(self.calls)))
        passes = {call.passed for call in self.calls if id(call) in counted}
        found: dict[tuple[str, int], list[Call]] = {}
        for call in self.calls:
            silent = not call.back and not call.has_graph and call.passed in passes
            if id(call) in counted or silent:
                found.setdefault((call.name, call.key), []).append(call)
        return found
