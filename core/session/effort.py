"""What running ops takes, in arithmetic rather than in seconds: the same on every machine and at every time."""

from collections.abc import Iterable

from backprop_tui.core.ops.event import Op

CALL = 7500
"""What calling an op takes besides its arithmetic, in multiply-adds that take as long."""
ENTRY = 8
"""The same for an entry that it writes."""
BLINK = 150_000_000
"""About so many multiply-adds take 50 ms, which is not noticed as a wait."""
MOMENT = 4 * BLINK
"""About so many are waited for where a move is shown."""


def effort(ops: Iterable[Op]) -> int:
    """What running `ops` once takes, in multiply-adds that take about as long."""
    return sum(op.multiply_adds + ENTRY * sum(q.array.size for q in op.writes) + CALL for op in ops)


def forward_effort(ops: Iterable[Op]) -> int:
    """What the forward pass and the loss among `ops` take."""
    return effort(op for op in ops if op.phase in ("forward", "loss"))
