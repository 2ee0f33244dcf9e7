"""What a step is given is known before it begins: the very batch that it will take."""

from typing import Any

import numpy as np
import pytest

from backprop_tui.core.inquiry.given import given, known_column, known_matrix, known_value


@pytest.mark.parametrize(("preset", "steps"), [("vanishing", 0), ("vanishing", 3), ("spiral", 7), ("by-hand", 0)])
def test_it_is_the_batch_that_the_step_takes(session_of: Any, preset: str, steps: int) -> None:
    session = session_of(preset)
    session.seek(session.timeline.finish_of(steps))
    if steps:
        # Where an edit has just been made no op is known any more, and the next step has not begun.
        session = session.branch("optimizer.learning_rate", 0.02)
    assert session.op is None
    plan = session.plan
    known = {symbol: np.array(known_matrix(session, plan[symbol, None])) for symbol in ("X", "Y")}
    values = {symbol: known_value(session, plan[symbol, None], (0, 0)) for symbol in ("X", "Y")}
    Z = plan["Z", 1]
    assert not given(session, Z)
    assert known_column(session, Z, 0) is None
    session.advance(session.timeline.finish_of(steps) + 1)
    for symbol in ("X", "Y"):
        np.testing.assert_array_equal(session.plan[symbol, None].array, known[symbol])
        assert session.plan[symbol, None].value((0, 0)) == values[symbol]
        assert known_value(session, session.plan[symbol, None], (0, 0)) == values[symbol]
