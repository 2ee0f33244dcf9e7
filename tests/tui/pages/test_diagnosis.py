"""The screen of the diagnosis, and the line that tells the worst finding."""

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backprop_tui.core.diagnosis.findings import Finding, Symptom
from backprop_tui.core.diagnosis.roots import root
from backprop_tui.core.diagnosis.rules import RULES
from backprop_tui.core.session.session import Session
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.looking_screen import first_view
from backprop_tui.tui.pages import diagnosis
from backprop_tui.tui.pages.compare import CompareScreen
from backprop_tui.tui.pages.diagnosis import DiagnosisScreen, every
from backprop_tui.tui.panes.finding_lines import table, unit_ranges
from backprop_tui.tui.panes.finding_place import count_of, spotlight_of
from backprop_tui.tui.panes.status import counters_line
from backprop_tui.tui.training_screen import TrainingScreen

from ...share import share
from ..tool_pilot import opened, text_of, until, window

Sessions = Callable[..., Session]
LOOK, PLAIN = Look(), Look(glyphs=ASCII)
SIZES = ((80, 24), (120, 36), (200, 50))


def ill(session_of: Sessions, preset: str = "dead-relu", steps: int = 12) -> Session:
    """A session that findings were made in."""
    session = session_of(preset)
    session.advance_steps(steps)
    assert session.findings()
    return session


def words(text: str) -> str:
    return " ".join(text.split())


def made(rule: str = "vanishing_gradient", **changes: object) -> Finding:
    symptom = Symptom(rule, "warning", "‖dZ⁽¹⁾‖ is 6.8e-08 times ‖dZ⁽¹⁰⁾‖", 6.8e-8, 1e-3, 1)
    return Finding(replace(symptom, **changes), 3, "slopes of sigmoid.", ())  # type: ignore[arg-type]


# The line below the panes


@pytest.fixture(autouse=True)
def nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remedies stand as they are found; the test of those that are tried allows for time."""
    monkeypatch.setattr(diagnosis, "BUDGET", 0.0)


def test_the_line_tells_a_notice_before_findings_and_costs_without_any(session_of: Sessions) -> None:
    well, session = session_of("first-steps"), ill(session_of)
    well.advance_steps(3)
    assert counters_line(well, LOOK, 100).text.startswith("a step's multiply-adds: ")
    gravest = root(session.findings())
    assert gravest is not None
    assert counters_line(session, LOOK, 100).text.startswith(f"▸ {gravest.severity}: {RULES[gravest.rule].title}")
    assert counters_line(session, LOOK, 100, "something else").text == "something else"


def test_the_line_depends_on_the_position_alone(session_of: Sessions) -> None:
    session, other = ill(session_of), session_of("dead-relu")
    for step in (4, 1, 0, 7):
        for one in (session, other):
            one.seek(one.timeline.finish_of(step))
        assert counters_line(session, LOOK, 200).text == counters_line(other, LOOK, 200).text


# The list


@given(st.sets(st.integers(1, 40)))
def test_ranges_of_units_name_every_unit_once(units: set[int]) -> None:
    named: list[int] = []
    for part in unit_ranges(tuple(sorted(units))).split(", "):
        ends = [int(end) for end in part.split("–") if end]
        named += range(ends[0], ends[-1] + 1) if ends else []
    assert named == sorted(units)


def test_units_in_ranges() -> None:
    assert unit_ranges((1, 2, 3, 7, 9, 10)) == "1–3, 7, 9–10"


def test_a_row_has_the_value_beside_the_threshold_and_whether_it_is_gone() -> None:
    gone = replace(made(units=(1, 2, 3, 7)), cleared=9)
    rows = [strip.text.split() for strip in table([gone, made(limit=None, layer=None)], 0, 2, 0, LOOK, 110)]
    assert rows[0] == ["severity", "finding", "layer", "since", "until", "measured", "limit", "units"]
    assert rows[1] == ["▸", "warning", "vanishing", "gradient", "1", "3", "9", "6.8e-08", "0.001", "1–3,", "7"]
    assert rows[2] == ["warning", "vanishing", "gradient", "3", "now", "6.8e-08"]


def test_columns_go_where_there_is_no_room_for_them() -> None:
    for width in range(101):
        for strip in table([made(units=(1, 2, 3)), made("not_finite", value=inf)], 0, 2, 1, LOOK, width):
            assert len(strip.text) <= width
    narrow = table([made(units=(1, 2, 3))], 0, 1, 0, LOOK, 69)
    assert "vanishing gradient" in narrow[1].text
    assert "6.8e-08" in narrow[1].text
    assert "1–3" not in narrow[1].text


@pytest.mark.parametrize(
    ("size", "ascii"), share([(SIZES[0], True), (SIZES[-1], False)], [*product(SIZES, [False, True])])
)
async def test_every_finding_up_to_here_is_listed_and_one_told_in_full(
    session_of: Sessions, size: tuple[int, int], ascii: bool
) -> None:
    session = ill(session_of)
    assert any(not finding.active for finding in session.findings())
    async with opened(DiagnosisScreen, session, size, ascii=ascii) as (pilot, screen):
        findings = screen.findings
        look = screen.view.look
        assert screen.finding == root(findings)
        assert f"{len(findings)} findings up to step 12" in text_of(screen)
        screen.chosen = 0
        for finding in findings:
            text = text_of(screen)
            assert screen.finding == finding
            assert not ascii or text.isascii()
            row = next(line for line in text.splitlines() if line.startswith(look.glyphs.cursor))
            cells = [finding.severity, str(finding.step), "now" if finding.active else f"{finding.cleared:.0f}"]
            assert set(cells) <= set(row.split())
            same = [
                one
                for one in findings
                if (one.rule, one.layer, one.step) == (finding.rule, finding.layer, finding.cleared)
            ]
            state = "still there" if finding.active else f"{'graver' if same else 'gone'} at step {finding.cleared:.0f}"
            told = [finding.evidence, finding.cause, RULES[finding.rule].definition, state]
            told += [remedy.text for remedy in finding.remedies]
            for part in told:
                assert words(look.text(part)) in words(text)
            for path in {path for remedy in finding.remedies for path in remedy.set}:
                assert f"{path} = " in words(text)
            assert all(len(line) <= size[0] for line in window(screen))
            await pilot.press("down")


@pytest.mark.parametrize("size", share([SIZES[0], (40, 14)], [*SIZES, (40, 14)]))
async def test_the_chosen_remedy_is_always_in_view_and_nothing_is_cut_without_a_sign(
    session_of: Sessions, size: tuple[int, int]
) -> None:
    async with opened(DiagnosisScreen, ill(session_of, "exploding", 4), size) as (pilot, screen):
        total = len(text_of(screen).splitlines())
        room = len(window(screen)) - 2
        assert size[0] < 80 or total <= room or f"{room}/{total}" in window(screen)[-1]
        await pilot.press("tab")
        for remedy in screen.remedies:
            assert any("▸" in line and remedy.text[:12] in line for line in window(screen)[:-2])
            await pilot.press("down")
        if size[1] > 14:  # Where there is room for the last remedy and the rule below it.
            assert RULES[screen.finding.rule].definition.split()[-1] in " ".join(window(screen)[:-2])  # type: ignore[union-attr]
        await pilot.press("escape")
        assert screen.remedy is None
        assert any("▸" in line for line in window(screen)[:-2])


async def test_below_the_last_finding_are_the_remedies_and_above_them_the_findings(session_of: Sessions) -> None:
    async with opened(DiagnosisScreen, ill(session_of)) as (pilot, screen):
        while screen.chosen < len(screen.findings) - 1:
            await pilot.press("down")
        await pilot.press("down")
        assert screen.remedy == 0
        for _ in range(10):
            await pilot.press("down")
        assert screen.remedy == len(screen.remedies) - 1
        for _ in range(len(screen.remedies)):
            await pilot.press("up")
        assert screen.remedy is None
        await pilot.press(*["up"] * 20)
        assert screen.chosen == 0


async def test_more_findings_than_rows_are_scrolled_through(session_of: Sessions) -> None:
    async with opened(DiagnosisScreen, ill(session_of, "exploding", 40)) as (pilot, screen):
        count = len(screen.findings)
        screen.chosen = 0
        assert "1 to 6 shown" in text_of(screen)
        assert count > 6
        for place in range(count):
            assert screen.chosen == place
            rows = [line for line in window(screen)[2:8] if line.startswith("▸")]
            assert len(rows) == 1
            await pilot.press("down")
        assert f"{count - 5} to {count} shown" in text_of(screen)


async def test_the_list_follows_time(session_of: Sessions) -> None:
    session = ill(session_of)
    session.seek(session.timeline.finish_of(2))
    async with opened(DiagnosisScreen, session) as (pilot, screen):
        screen.view.unit = "step"
        for step in (1, 0):
            await pilot.press("left")
            assert len(screen.findings) == step
            assert ("Nothing measured yet" in text_of(screen)) == (step == 0)
        await pilot.press("right", "right")
        await until(lambda: len(screen.findings) == 2)
        assert "2 findings up to step 2" in text_of(screen)


# Going there


@pytest.mark.parametrize(
    ("preset", "steps"),
    [("dead-relu", 12), ("exploding", 4), ("batch-norm", 8), ("initialization", 12), ("vanishing", 8), ("clipping", 3)],
)
def test_a_finding_is_shown_by_an_op_of_its_step_and_layer(session_of: Sessions, preset: str, steps: int) -> None:
    session = ill(session_of, preset, steps)
    if session.not_finite_step is not None:
        session.stop_at_divergence()
    for finding in session.findings():
        spotlight = spotlight_of(finding, session, first_view(session).spotlight)
        other = session_of(preset)
        other.seek(count_of(finding, session, spotlight))
        assert other.position.step == finding.step
        assert finding.layer in (None, spotlight.layer)
        assert not finding.units or spotlight.unit + 1 in finding.units
        if finding.rule in ("exploding_gradient", "vanishing_gradient"):
            assert other.op is not None
            assert (other.op.result.symbol, other.op.layer) == (finding.symptom.form, finding.layer)
        elif finding.rule != "learning_rate_too_high":
            assert other.op is not None
            assert other.op.layer == finding.layer


async def test_enter_goes_to_step_and_layer_and_escape_back(session_of: Sessions) -> None:
    session = ill(session_of)
    async with opened(DiagnosisScreen, session, (120, 36)) as (pilot, screen):
        place = next(i for i, finding in enumerate(screen.findings) if finding.rule == "dead_units")
        finding, count = screen.findings[place], session.count
        screen.chosen = place
        await pilot.press("enter")
        training = pilot.app.screen
        assert isinstance(training, TrainingScreen)
        await until(lambda: training.travelling is None)
        assert session.position.step == finding.step
        assert session.op is not None
        assert (session.op.name, session.op.layer) == ("A", finding.layer)
        spotlight = training.view.spotlight
        assert (spotlight.layer, spotlight.unit + 1 in finding.units) == (finding.layer, True)
        assert "escape goes back" in training.counters(200).text
        assert finding.evidence in training.counters(200).text
        await pilot.press("escape")
        await until(lambda: training.travelling is None)
        assert session.count == count


async def test_numbers_that_are_not_finite_are_shown_where_they_began(session_of: Sessions) -> None:
    session = session_of("clipping")
    session.advance_steps(4)
    session.stop_at_divergence()
    assert session.fault is not None
    async with opened(DiagnosisScreen, session) as (pilot, screen):
        finding = screen.finding
        assert finding == root(session.findings())
        screen.chosen = next(i for i, one in enumerate(screen.findings) if one.rule == "not_finite")
        screen.update()
        assert words(session.fault.text()) in words(text_of(screen))
        count = session.count
        await pilot.press("enter")
        training = screen.training
        await until(lambda: training.travelling is None)
        assert session.count == session.fault.count == count
        assert training.view.spotlight.layer == session.fault.op.layer


# The cure beside the disease


async def test_enter_on_a_remedy_starts_it_beside_this_run_at_the_same_step(session_of: Sessions) -> None:
    session = ill(session_of)
    async with opened(DiagnosisScreen, session, (120, 36)) as (pilot, screen):
        training, remedy = screen.training, screen.remedies[1]
        await pilot.press("tab", "down", "enter")
        await pilot.pause()
        compare = pilot.app.screen
        assert isinstance(compare, CompareScreen)
        await until(lambda: len(compare.comparison.runs) == 2 and not compare.travelling)
        this, other = compare.comparison.runs
        assert this.session is session is training.session
        assert other.changes == remedy.set
        assert remedy.text.startswith(other.name)
        assert other.session.seed == session.seed
        assert other.session.position == session.position
        assert other.session.preset.table != session.preset.table
        await pilot.press("4", "right")
        await until(lambda: not compare.travelling)
        assert this.session.step == other.session.step == 13
        # The same again is not one more run.
        await pilot.press("escape", "d")
        await until(lambda: isinstance(pilot.app.screen, DiagnosisScreen))
        again = pilot.app.screen
        assert isinstance(again, DiagnosisScreen)
        place = next(i for i, one in enumerate(again.remedies) if one.set == remedy.set)
        await pilot.press("tab", *["down"] * place, "enter")
        await pilot.pause()
        compare = pilot.app.screen
        assert isinstance(compare, CompareScreen)
        await pilot.pause()
        assert len(compare.comparison.runs) == 2
        assert compare.chosen_run is not None
        assert compare.chosen_run.changes == remedy.set


async def test_a_remedy_of_a_variant_keeps_what_the_variant_is(session_of: Sessions) -> None:
    session = ill(session_of)
    async with opened(DiagnosisScreen, session, (120, 36)) as (pilot, screen):
        training = screen.training
        await pilot.press("escape")
        compare = CompareScreen(training)
        pilot.app.push_screen(compare)
        await pilot.pause()
        compare.add_changes("taller", {"layers.0.units": 20})
        await until(lambda: len(compare.comparison.runs) == 2 and not compare.travelling)
        variant = compare.comparison.runs[1]
        compare.go_over(variant)
        await pilot.pause()
        assert training.session is variant.session
        await pilot.press("d")
        await until(lambda: isinstance(pilot.app.screen, DiagnosisScreen))
        diagnosis = pilot.app.screen
        assert isinstance(diagnosis, DiagnosisScreen)
        remedy = diagnosis.remedies[0]
        await pilot.press("tab", "enter")
        await until(lambda: training.comparison is not None and len(training.comparison.runs) == 3)
        assert training.comparison is not None
        run = training.comparison.runs[2]
        assert run.changes == {"layers.0.units": 20, **remedy.set}
        assert run.name.startswith("taller + ")


# Where nothing is wrong


async def test_without_findings_it_says_what_was_looked_at_and_how_often(session_of: Sessions) -> None:
    session = session_of("xor")
    async with opened(DiagnosisScreen, session) as (pilot, screen):
        assert screen.choices() == 0
        text = words(text_of(screen))
        diagnosis = session.diagnosis
        assert text.startswith("Nothing measured yet")
        assert f"the first 10 steps, then {every(diagnosis.early_interval)} up to step 1,000" in text
        assert f"then {every(diagnosis.interval)}" in text
        assert all(words(rule.definition) in text for rule in RULES.values())
        screen.view.unit = "step"
        await pilot.press("right", "enter", "tab")
        assert "Nothing found up to step 1." in text_of(screen)
        assert "space, plays" in words(text_of(screen))
        await pilot.press(*["pagedown"] * 8)
        assert list(RULES.values())[-1].definition.split()[-1] in " ".join(window(screen)[-5:])


def test_intervals_in_words() -> None:
    assert [every(n) for n in (1, 2, 3, 11, 22, 113, 1021)] == [
        "every one", "every 2nd", "every 3rd", "every 11th", "every 22nd", "every 113th", "every 1,021st",
    ]  # fmt: skip


# Remedies that are tried


def try_all(screen: DiagnosisScreen) -> None:
    """Go on trying what may help to the end, and draw nothing in between."""
    deque(screen.trying, maxlen=0)


async def test_what_helps_comes_first_with_its_figure_and_stays_in_place_while_one_is_chosen(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ill(session_of, "dead-relu", 60)
    monkeypatch.setattr(diagnosis, "BUDGET", 1e9)
    async with opened(DiagnosisScreen, session, (120, 50)) as (pilot, screen):
        await until(lambda: screen.progress is not None)
        assert "trying what helps: " in text_of(screen)
        # A line for what comes of each is there before it is: nothing below moves then.
        assert "not tried yet" in text_of(screen)
        await pilot.press("tab")
        assert "trying what helps: goes on behind tab" in text_of(screen)
        await pilot.press("tab")
        try_all(screen)
        await until(lambda: screen.progress is None and screen.tried_for >= 1e9)
        assert "not tried yet" not in text_of(screen)
        count, before = session.count, screen.remedies
        helping = [remedy.helps for remedy in before]
        assert helping == sorted(helping, reverse=True)
        assert helping[0]
        assert before[0].measured is not None
        assert before[0].measured.says in words(text_of(screen))
        await pilot.press("tab")
        assert "trying what helps" not in text_of(screen)
        screen.tried_for = 0.0
        screen.trials = None
        await pilot.pause(0.3)
        assert screen.trials is None
        assert session.count == count


async def test_a_plateau_that_nothing_lowers_is_told_to_be_none(
    session_of: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Examples that are alike in pairs, of either class.
    session = session_of(
        {
            "title": "Pairs",
            "data": {"kind": "inline", "inputs": [[0], [0], [1], [1]], "targets": [[0], [1], [0], [1]]},
            "layers": [{"units": 2, "activation": "tanh"}, {"units": 1, "activation": "sigmoid"}],
            "optimizer": {"kind": "sgd", "learning_rate": 0.5},
        }
    )
    session.advance_steps(300)
    monkeypatch.setattr(diagnosis, "TICK", 0.001)
    monkeypatch.setattr(diagnosis, "BUDGET", 1e9)
    async with opened(DiagnosisScreen, session, (120, 50)) as (_, screen):
        await until(lambda: screen.progress is not None)
        try_all(screen)
        await until(lambda: screen.progress is None and screen.tried_for >= 1e9)
        text = words(text_of(screen))
        assert "info plateau" in text
        assert "Nothing that was tried helps: this may be as low as it goes." in text
