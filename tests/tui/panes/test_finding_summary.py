"""The line below the panes: the root cause, how much more there is, what the preset is about, and what halted a run."""

from dataclasses import replace

import pytest

from backprop_tui.core.diagnosis.findings import Finding, Symptom
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.panes.finding_summary import halted_line, summary_line, topic

LOOK, PLAIN = Look(), Look(glyphs=ASCII)
FAULT = "Z⁽⁶⁾ is not finite: forward · layer 6 · step 3"


def made(rule: str = "vanishing_gradient", step: int = 3, **changes: object) -> Finding:
    symptom = Symptom(rule, "warning", "‖dZ⁽¹⁾‖ is 6.8e-08 times ‖dZ⁽¹⁰⁾‖", 6.8e-8, 1e-3, 1)
    return Finding(replace(symptom, **changes), step, "slopes of sigmoid.", ())  # type: ignore[arg-type]


def told(findings: list[Finding], width: int, tags: tuple[str, ...] = (), look: Look = LOOK) -> str:
    strip = summary_line(findings, tags, look, width)
    return "" if strip is None else strip.text


ONE = [made()]
LATER = [made("plateau", 361, layer=None), made("exploding_gradient", 2), made("poor_initialization", 1)]
GONE = [made("poor_initialization", 1), replace(made("exploding_gradient", 2), cleared=1205.0)]


def test_one_finding_is_told_with_its_evidence_as_far_as_there_is_room() -> None:
    assert told(ONE, 120) == (
        "▸ warning: vanishing gradient, layer 1: ‖dZ⁽¹⁾‖ is 6.8e-08 times ‖dZ⁽¹⁰⁾‖ (limit 0.001)"
        "   d why, and what helps"
    )
    assert told(ONE, 80) == "▸ warning: vanishing gradient, layer 1: ‖dZ⁽¹⁾‖ is 6.8e-08 times ‖dZ⁽¹⁰…   d why"
    assert told(ONE, 60) == "▸ warning: vanishing gradient, layer 1   d why"
    assert told(ONE, 100, look=PLAIN).startswith("@ warning: vanishing gradient, layer 1: ||dZ1|| is 6.8e")
    assert told([], 80) == ""
    assert told([replace(ONE[0], cleared=9.0)], 80) == ""


def test_the_root_comes_first_then_how_much_more_there_is_and_what_the_preset_is_about() -> None:
    about = ("exploding", "depth")
    assert told(LATER, 80) == "▸ warning: poor initialization, layer 1: ‖dZ⁽¹⁾‖ is 6.8e-08 t…   +2 more   d why"
    assert told(LATER, 80, about) == "▸ warning: poor initialization, layer 1   +2 more: exploding gradient   d why"
    assert told(LATER, 60, about) == "▸ warning: poor initialization, layer 1   +2 more   d why"
    assert told(GONE, 200, about).endswith(
        "(limit 0.001)   exploding gradient until step 1,205   d why, and what helps"
    )
    assert told(GONE, 80, about) == "▸ warning: poor initialization, layer 1   exploding gradient gone   d why"


def test_a_topic_is_what_a_tag_names_word_for_word() -> None:
    assert topic(LATER, ("plateau", "exploding")) == LATER[0]
    assert topic(LATER, ("initialization",)) == LATER[2]
    assert topic(LATER, ("explod", "depth", "")) is None


@pytest.mark.parametrize("look", [LOOK, PLAIN])
@pytest.mark.parametrize("tags", [(), ("exploding",)])
@pytest.mark.parametrize("findings", [ONE, LATER, GONE, [made(limit=None)]])
def test_no_width_cuts_anything_without_a_sign(findings: list[Finding], tags: tuple[str, ...], look: Look) -> None:
    for width in range(1, 160):
        text = told(findings, width, tags, look)
        assert len(text) <= width
        assert not look.glyphs.ascii or text.isascii()
        parts = text.split("   ")
        evidence = ": " in parts[0][12:]
        whole = told(findings, 300, tags, look).split("   ")
        assert look.glyphs.ellipsis in text or (parts[0] == whole[0] if evidence else whole[0].startswith(parts[0]))
        assert len(findings) < 3 or width < 60 or "+2 more" in text


def test_what_halted_a_run_has_its_cause_beside_it() -> None:
    findings = [*LATER[1:], made("not_finite", 3, layer=6, severity="error")]
    assert halted_line(FAULT, findings, ("exploding",), LOOK, 160).text == (
        f"{FAULT}   cause: poor initialization, layer 1   +1 more: exploding gradient   d why   ← back   r again"
    )
    assert halted_line(FAULT, findings, (), LOOK, 80).text == (
        "Z⁽⁶⁾ is not finite   cause: poor initialization, layer 1   +1 more   d why"
    )
    assert halted_line(FAULT, [], (), LOOK, 80).text == f"{FAULT}   d why   ← back   r again"
    for width in range(1, 140):
        text = halted_line(FAULT, findings, (), PLAIN, width).text
        assert len(text) <= width
        assert text.isascii()
        assert PLAIN.glyphs.ellipsis in text or "+1 more" in text
