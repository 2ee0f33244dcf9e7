"""Of what the number is that a rule compares with its limit."""

from typing import Any

import pytest

from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.diagnosis.value_name import VALUE_NAMES, value_name

WITHOUT_LIMIT = {"not_finite", "linear_network", "one_class_only"}


def test_every_rule_with_a_limit_has_a_name_for_its_value() -> None:
    assert {rule for rule, _ in VALUE_NAMES} == set(RULES) - WITHOUT_LIMIT


@pytest.mark.parametrize(
    ("preset", "steps"), [("vanishing", 30), ("exploding", 2), ("dead-relu", 20), ("initialization", 3), ("xor", 1)]
)
def test_what_is_found_is_named(preset: str, steps: int, session_of: Any) -> None:
    session = session_of(preset)
    session.advance_steps(steps)
    found = [finding for finding in session.findings() if finding.threshold is not None]
    assert bool(found) == (preset != "xor")
    assert all(value_name(finding.rule, finding.symptom.form) for finding in found)
