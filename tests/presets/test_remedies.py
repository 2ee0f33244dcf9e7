"""What is offered does what is said: every remedy that helps a preset is run anew, as it is typed."""

import pytest

from backprop_tui import presets
from backprop_tui.core.compare.findings_report import diagnose, measured, setting
from backprop_tui.core.diagnosis.findings import Finding, Remedy
from backprop_tui.core.preset.preset import load_preset, parse
from backprop_tui.core.preset.settings import apply_setting
from backprop_tui.core.session.session import Session

from ..remedies import as_said
from ..share import share


def session_of(name: str, settings: list[str]) -> Session:
    table = parse(presets.text(name), name)
    for typed in settings:
        table = apply_setting(table, typed)
    return Session(*load_preset(table, name, presets.folder(), name))


def offered(name: str) -> list[tuple[Finding, Remedy]]:
    """The remedies that help what the diagnosis finds in a preset, all of them tried."""
    session = session_of(name, [])
    report = measured(diagnose(session), session, seconds=1e9)
    assert not report.left_out
    return [(finding, remedy) for finding in report.findings for remedy in finding.remedies if remedy.helps]


def typed(name: str, remedy: Remedy) -> Session:
    """The preset with a remedy, as `--set` reads what is shown of it."""
    return session_of(name, [setting(path, value) for path, value in remedy.set.items()])


@pytest.mark.parametrize("name", share(["normalization", "learning-rate", "slow-convergence"], presets.names()))
def test_each_remedy_that_is_offered_does_what_is_said(name: str) -> None:
    for finding, remedy in offered(name):
        assert as_said(typed(name, remedy), finding, remedy), f"{finding.rule}: {remedy.text}"
