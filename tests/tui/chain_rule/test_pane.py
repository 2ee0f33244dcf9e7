"""The chain-rule pane: its views, what can be chosen in them and where that leads, scrolling, and the strip of ops."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle, product
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from backprop_tui.core.chain_rule.attribution import attribution
from backprop_tui.core.chain_rule.destinations import destinations, new_value_goes_to
from backprop_tui.core.chain_rule.spotlight import Spotlight
from backprop_tui.core.chain_rule.statements import contribution, own_numbers, rate_statement, statement, statements
from backprop_tui.core.ops.event import PHASES, Op
from backprop_tui.core.session import excursion
from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.chain_rule.decay_lines import DecayReader
from backprop_tui.tui.chain_rule.long_way_lines import long_way_page
from backprop_tui.tui.chain_rule.op_lines import op_page
from backprop_tui.tui.chain_rule.op_strip import heading, strip_of
from backprop_tui.tui.chain_rule.page import Choice, Page, Window, window_lines
from backprop_tui.tui.chain_rule.pane import ChainRulePane, factors, heading_text, page_here, views_of
from backprop_tui.tui.chain_rule.path_lines import PathReader
from backprop_tui.tui.chain_rule.said_numbers import number
from backprop_tui.tui.chain_rule.slider_line import slid
from backprop_tui.tui.chain_rule.what_if_lines import WhatIfReader
from backprop_tui.tui.drawing.glyphs import ASCII, Look
from backprop_tui.tui.drawing.strips import text_lines
from backprop_tui.tui.panes.view import CHAIN_VIEWS, View

from ...share import share

NORMALIZED = {"layers.0.batch_norm": True, "layers.0.residual": True, "layers.0.dropout": 0.2}
WIDTHS = (40, 76, 130)
AppPilot = Pilot[Any]


@asynccontextmanager
async def running(preset: str, size: tuple[int, int], **options: object) -> AsyncIterator[AppPilot]:
    """The app on a preset, once it has drawn itself."""
    async with BackpropApp(AppRequest(preset, **options)).run_test(size=size) as pilot:  # type: ignore[arg-type]
        await pilot.pause()
        yield pilot


def pane_of(pilot: AppPilot) -> ChainRulePane:
    return pilot.app.screen.query_one(ChainRulePane)


def text_of(page: Page) -> str:
    return "\n".join(strip.text for strip in [*page.head, *page.rows])


def before_update(session: Session, step: int = 1) -> Session:
    """Right behind the backward pass of a step."""
    backward = [op.place for op in session.plan.ops if op.phase == "backward"]
    session.seek(session.timeline.finish_of(step - 1) + backward[-1] + 1)
    return session


# Where a number goes


@pytest.mark.parametrize("changes", [{}, NORMALIZED, {"optimizer.kind": "adam", "optimizer.clip_norm": 0.1}])
def test_every_reader_of_a_number_is_among_its_destinations(session_of: Any, changes: dict[str, object]) -> None:
    session = session_of("vanishing", changes={**changes, "layers.0.units": 3, "layers.0.repeat": 2})
    plan, spotlight, last = session.plan, Spotlight(1, 0, 0, 2), len(session.trainer.layers)
    session.seek(session.timeline.finish_of(1) - 1)
    readers: dict[tuple[int, tuple[int, ...]], set[int]] = {}
    for op in plan.ops:
        for made in op.writes:
            for entry in np.ndindex(made.array.shape):
                for reference in op.explain(made, entry).references():
                    if reference.quantity is not made:
                        readers.setdefault((id(reference.quantity), reference.index), set()).add(op.place)
    for op in plan.ops:
        for quantity in op.writes:
            index = spotlight.entry(quantity, last)
            found = [goal for goal in destinations(plan, quantity, index, spotlight, last) if goal.steps == 0]
            for goal in found:
                if goal.op is plan.finished:
                    assert goal.reference.quantity.symbol == quantity.symbol[1:]
                    continue
                named = list(goal.op.explain(goal.reference.quantity, goal.reference.index).references())
                assert any(r.quantity is quantity and r.index == index for r in named), goal.text
                assert f"(op {goal.op.place}): {goal.reference.symbols()}" in goal.text
            there = {goal.op.place for goal in found} - {plan.finished.place}
            assert there == readers.get((id(quantity), index), set()), quantity.entry(index)


def test_a_change_goes_into_the_parameter_and_that_into_the_next_step(session_of: Any) -> None:
    session = session_of("first-steps", changes={"optimizer.kind": "momentum"})
    plan, spotlight = session.plan, Spotlight(2, 0, 1)
    session.seek(session.timeline.finish_of(1))
    change = destinations(plan, plan["ΔW", 2], (0, 1), spotlight, 2)
    assert [(goal.op, goal.reference.symbols(), goal.steps) for goal in change] == [(plan.finished, "W⁽²⁾₁,₂", 0)]
    later = new_value_goes_to(plan, plan["W", 2], (0, 1), spotlight, 2)
    assert [(goal.reference.symbols(), goal.steps) for goal in later] == [("Z⁽²⁾₁,₁", 1), ("dA⁽¹⁾₂,₁", 1)]
    assert "next step · forward · layer 2 of 2 · Z" in later[0].text
    moment = destinations(plan, plan["v(W)", 2], (0, 1), spotlight, 2)
    assert [(goal.reference.quantity.symbol, goal.steps) for goal in moment] == [("ΔW", 0), ("v(W)", 1)]


# What the page of an op says


@pytest.mark.parametrize("symbol", ["dW", "db", "dγ", "dβ"])
def test_the_parts_of_all_examples_make_the_mean(session_of: Any, symbol: str) -> None:
    session = before_update(session_of("vanishing", changes=NORMALIZED | {"training.batch_size": 10}))
    quantity = session.plan[symbol, 2]
    op = session.plan.writer(quantity)
    index = (3, 1)[: quantity.array.ndim]
    parts = [contribution(op, statement(op, quantity, index), example) for example in range(10)]
    assert sum(part.value for part in parts if part) == pytest.approx(quantity.value(index), rel=1e-12)
    assert [part.example for part in parts if part] == list(range(10))
    page = text_of(op_page_of(session, op, View(Spotlight(2, 3, 1, example=4)), 130))
    if symbol == "dW":
        assert "part of example 5 of 10 = 1/m · dZ⁽²⁾₄,₅ · A⁽¹⁾₂,₅ = 1/10 ·" in page
        assert f"the mean over all 10 = {number(quantity.value(index), Look())}" in page


@pytest.mark.parametrize("width", [40, 76])
def test_what_is_read_back_is_told_op_by_op_and_at_the_end_of_the_step(session_of: Any, width: int) -> None:
    session = session_of("first-steps")
    view = View(Spotlight(1, 0, 0))
    counts = {}
    for place in range(session.timeline.length + 1):
        session.seek(place)
        text = " ".join(text_of(page_here(session, view, width)).split())
        said = text.partition("Read back, not computed again: ")[2]
        counts[place] = said.split(",")[0]
    assert [counts[place] for place in range(7)] == [""] * 7
    assert [counts[place] for place in range(7, 12)] == [f"{n} of 13 values so far" for n in (1, 3, 6, 7, 11)]
    # The updates have a story of their own; then the step is summed up.
    last = session.timeline.length
    assert [counts[place] for place in range(12, last + 1)] == ["all 13 values", "", "", "all 13 values"]
    assert "all 13 values, 6 of them from forward pass and loss." in text
    assert "With nothing kept they would have taken 40 multiply-adds more; the step has taken 23." in text
    assert "Read back" not in text_of(page_here(session, View(Spotlight(1, 0, 0), playing=True), width))


def op_page_of(session: Session, op: Op, view: View, width: int) -> Page:
    """The page of an op of the step in hand."""
    session.seek(session.count - session.position.events + op.place + 1)
    return op_page(session, view, width)


def test_one_example_is_its_own_mean(session_of: Any) -> None:
    session = before_update(session_of("first-steps"))
    op = session.plan.writer(session.plan["dW", 1])
    assert contribution(op, statement(op, session.plan["dW", 1], (0, 0)), 0) is None


def test_an_update_tells_the_arithmetic_of_one_parameter_in_order(session_of: Any) -> None:
    changes = {"optimizer.kind": "adam", "optimizer.clip_norm": 0.01, "optimizer.weight_decay": 0.1}
    session = session_of("first-steps", changes=changes)
    place = next(op.place for op in session.plan.ops if op.phase == "update")
    session.seek(session.timeline.length + place + 1)
    op = session.op
    assert op is not None
    found = statements(op, Spotlight(1, 1, 0), 2)
    names = [shown.quantity.symbol for shown in own_numbers(found, "W")]
    assert names == ["‖p‖", "g(W)", "m(W)", "v(W)", "ΔW", "W"]
    change = next(shown for shown in found if shown.quantity.symbol == "ΔW")
    rate = rate_statement(op, change)
    assert rate is not None
    corrected = session.plan["m(W)", 1].value((1, 0)) / (1 - 0.9**2)
    assert -rate.value * corrected == pytest.approx(change.value, rel=1e-9)
    text = text_of(op_page_of(session, op, View(Spotlight(1, 1, 0)), 200))
    assert text.index("g(W⁽¹⁾)₂,₁ = ") < text.index("effective learning rate = ") < text.index("new W⁽¹⁾₂,₁ = ")
    # What else the op wrote comes behind.
    assert text.index("new W⁽¹⁾₂,₁ = ") < text.index("Δb⁽¹⁾₂ = ")
    assert "→ used by step finished: new W⁽¹⁾₂,₁" in text


def test_plain_descent_has_one_rate_for_all(session_of: Any) -> None:
    session = session_of("first-steps")
    op = session.plan.ops[-1]
    session.seek(op.place + 1)
    assert rate_statement(op, statements(op, Spotlight(2, 0, 0), 2)[0]) is None


@pytest.mark.parametrize(("preset", "changes"), [("first-steps", {}), ("vanishing", NORMALIZED), ("digits", {})])
def test_every_choice_of_every_op_stands_on_its_line_within_the_width(
    session_of: Any, preset: str, changes: dict[str, object]
) -> None:
    session = session_of(preset, changes=changes)
    counts = range(session.timeline.length + 2)
    # By default each op at one of the widths, which go round.
    for count, width in share([*zip(counts, cycle(WIDTHS), strict=False)], [*product(counts, WIDTHS)]):
        session.seek(count)
        page = page_here(session, View(Spotlight(1, 0, 0)), width)
        assert all(strip.cell_length <= width for strip in page.rows)
        for choice, stop in zip(page.choices, page.stops, strict=True):
            text = page.rows[stop].text
            assert choice.reference is not None
            assert text[:2] in ("▸ ", "  ")
            # The page of a step's end offers the change of a parameter by the parameter's name.
            assert "→ used by" in text or choice.reference.symbols().removeprefix("Δ") in text
        marked = [row for row, strip in enumerate(page.rows) if strip.text.startswith("▸")]
        assert marked == page.stops[:1]


# Blank is not zero


@pytest.mark.parametrize("preset", ["first-steps", "vanishing", "digits"])
def test_no_view_shows_a_number_that_the_step_has_not_computed(session_of: Any, preset: str) -> None:
    session = session_of(preset)
    view = View(Spotlight(1, 0, 0))
    needed = {"path": session.plan["dW", 1], "decay": session.plan["dW", 1]}
    pages = {
        "path": lambda: PathReader().page(session, view, 76),
        "decay": lambda: DecayReader().page(session, view, 76),
    }
    if "long way" in views_of(session, view):
        needed["long way"] = session.plan["dZ", len(session.trainer.layers)]
        pages["long way"] = lambda: long_way_page(session, view, 76)
    for count in (0, 1, 2, *(quantity.place for quantity in needed.values()), session.timeline.length + 1):
        session.seek(count)
        for name, quantity in needed.items():
            text = " ".join(text_of(pages[name]()).split())
            said = "not computed yet in this step" in text
            assert said == (not session.computed(session.plan[quantity.symbol, quantity.layer])), (name, count)
            if said:
                assert f"(op {quantity.place}) will make it" in text
                first = session.position.step == 1 or name == "long way"
                assert ("What is blank is not 0" in text) == first


LAST: list[tuple[str, dict[str, object]]] = [
    ("first-steps", {}),
    ("xor", {}),
    ("vanishing", {"layers.0.repeat": 2, "training.batch_size": 100}),
    ("first-steps", {"optimizer.kind": "adam"}),
]


@pytest.mark.parametrize(("preset", "changes"), LAST)
def test_until_there_are_paths_those_of_the_last_step_stand_there_dim(
    session_of: Any, preset: str, changes: dict[str, object]
) -> None:
    """At the end of step 3 and up to the gradient of step 4: word for word the paths of step 3, in one colour."""
    session, view = session_of(preset, changes=changes), View(Spotlight(1, 0, 0, 0))
    before_update(session, 3)
    pages = {"path": PathReader().page(session, view, 100), "decay": DecayReader().page(session, view, 100)}
    session.seek(session.timeline.finish_of(3) - 1)
    state = session.trainer.state.copy()
    first = session.plan["dW", 1].place
    for count in (0, 1, 2, first):
        session.seek(session.timeline.finish_of(3) + count)
        op = session.op
        readers = {"path": PathReader(), "decay": DecayReader()}
        for name, reader in readers.items():
            page = reader.page(session, view, 100)
            if count == 0 and name == "decay":
                # Norms are those of the step, whose numbers are all there.
                assert text_of(page) == text_of(pages[name])
                continue
            said = " ".join(" ".join(strip.text for strip in page.rows).split())
            assert "Here, dim, step 3 before its update." in said
            shown = [strip.text for strip in pages[name].rows]
            assert [strip.text for strip in page.rows][-len(shown) :] == shown
            colors = {segment.style for strip in page.rows[-len(shown) :] for segment in strip if segment.text.strip()}
            assert len(colors) == 1
            assert text_of(reader.page(session, view, 100)) == text_of(page)
        assert (session.count, session.op) == (session.timeline.finish_of(3) + count, op)
    session.seek(session.timeline.finish_of(3) - 1)
    assert session.trainer.state == state


def test_a_factor_of_the_last_steps_path_leads_back_to_its_op(session_of: Any) -> None:
    session, view, reader = session_of("first-steps"), View(Spotlight(1, 0, 0)), PathReader()
    ends = session.timeline.finish_of(2)
    for count, steps in ((ends, 0), (ends + 2, -1)):
        session.seek(count)
        page = reader.page(session, view, 100)
        made = [choice for choice in page.choices if choice.op is not None]
        assert made
        for choice in made:
            assert choice.op is not None
            assert choice.steps == steps
            begin = session.count - session.position.events + steps * session.timeline.length
            assert session.timeline.at(begin + choice.op.place + 1).step == 2


def test_in_the_first_step_and_where_going_back_takes_long_only_words_stand_there(
    session_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, view = session_of("first-steps"), View(Spotlight(1, 0, 0))
    session.forward("op")
    assert "Here, dim" not in text_of(PathReader().page(session, view, 100))
    session.seek(session.timeline.finish_of(50) + 2)
    assert "Here, dim" not in text_of(PathReader().page(session, View(Spotlight(1, 0, 0), playing=True), 100))
    assert "Here, dim" in text_of(PathReader().page(session, view, 100))
    monkeypatch.setattr(excursion, "BLINK", 0)
    assert "Here, dim" not in text_of(PathReader().page(session, view, 100))


def test_a_finished_step_has_other_weights_than_its_paths(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1))
    assert "have changed" in text_of(PathReader().page(session, View(Spotlight(1, 0, 0)), 200))


# The other views


def test_all_paths_are_listed_with_their_factors_and_shares(session_of: Any) -> None:
    session = before_update(session_of("by-hand"))
    view = View(Spotlight(1, 0, 0))
    reader = PathReader()
    found = reader.read(session, view)
    assert found.complete
    for chosen in range(found.count):
        reader.opened, view.factor = chosen, chosen
        page = reader.page(session, view, 130)
        assert len(page.choices) == found.count + len(found.paths[chosen].factors)
        rows = [strip.text for strip in page.rows]
        below = rows[page.stops[chosen] + 2 :][: len(found.paths[chosen].factors)]
        for factor, row in zip(found.paths[chosen].factors, below, strict=True):
            assert row.split()[0] == factor.symbol
            assert factor.kind in row
        assert rows[page.stops[chosen]].startswith("▸")
        # The last sum of logarithms is that of the product.
        assert f"{found.paths[chosen].log10:.2f}".replace("-", "−") in below[-1]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_factor_of_a_path_leads_to_the_op_that_made_it_or_says_why_not(session_of: Any, width: int) -> None:
    session = before_update(session_of("vanishing", changes=NORMALIZED))
    reader, view, reasons = PathReader(), View(Spotlight(1, 0, 0)), set()
    found = reader.read(session, view)
    shortcut = next(i for i, path in enumerate(found.paths) if any(f.kind == "shortcut" for f in path.factors))
    reader.opened = shortcut
    for place, factor in enumerate(found.paths[shortcut].factors, shortcut + 2):
        view.factor = place
        page = reader.page(session, view, width)
        choice, text = page.choices[place], page.rows[page.stops[place]].text
        assert text.startswith(f"  ▸ {factor.symbol[:7]}")
        assert sum("▸" in strip.text for strip in page.rows) == 1
        assert all(strip.cell_length <= width for strip in [*page.head, *page.rows])
        op = None if factor.reference is None else session.plan.writer(factor.reference.quantity)
        made = op is not None and op.phase != "start"
        assert (choice.op is op and choice.reference is factor.reference) if made else choice.op is None
        if width == 130:
            (hint,) = (strip.text for strip in page.head)
            assert hint.startswith(factor.symbol)
            assert (f"(op {op.place}); enter goes there" in hint) if op and made else "no op" in hint
            reasons.add("" if made else hint.removeprefix(factor.symbol))
    if width == 130:
        assert reasons == {
            "",
            ": parameter, changed at the step's end; no op of this step made it",
            ": given: the batch of this step; no op of this step made it",
            ": the shortcut past the layer; no op made it",
            ": a constant; no op made it",
        }


def test_paths_are_those_of_all_examples_or_of_the_one_in_the_spotlight(session_of: Any) -> None:
    session = before_update(session_of("digits", changes={"training.batch_size": 4}))
    reader, view = PathReader(), View(Spotlight(2, 3, 1, example=2))
    everything = reader.read(session, view)
    assert everything.example is None
    page = reader.page(session, view, 130)
    assert "▸ paths of all 4 examples" in text_of(page)
    assert page.head[0].text == "enter: paths of example 3 of 4 only"
    assert page.choices[0].act is not None
    page.choices[0].act()
    parts = []
    for example in range(4):
        view.spotlight = Spotlight(2, 3, 1, example)
        found = reader.read(session, view)
        parts.append(found.part)
        assert (found.example, found.count) == (example, everything.count // 4)
        page = reader.page(session, view, 200)
        part, whole = number(found.part, Look()), number(everything.gradient, Look())
        assert f"∂ℒ/∂W⁽²⁾₄,₂ = {whole}; part of example {example + 1} of 4 = {part}, 1/m included: " in text_of(page)
        assert f"▸ paths of example {example + 1} of 4 only" in text_of(page)
        assert page.head[0].text == "enter: paths of all 4 examples"
    # The step has computed its gradients in single precision.
    assert sum(parts) == pytest.approx(everything.gradient, rel=1e-6)


def test_one_example_alone_is_no_choice_and_batch_norm_is_said_to_couple_them(session_of: Any) -> None:
    reader, view = PathReader(), View(Spotlight(1, 0, 0))
    reader.alone = True
    text = text_of(reader.page(before_update(session_of("first-steps")), view, 130))
    assert "example" not in text
    session = before_update(session_of("vanishing", changes={"layers.0.batch_norm": True, "layers.0.repeat": 2}))
    text = text_of(reader.page(session, view, 130))
    assert "Batch norm couples the batch: they begin at the losses of 25 examples." in text


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (0, "Every path has a factor of 0."),
        (1, "of which 99.1 % is left: they pull one way."),
        (3, "of which 98.2 % is left: the rest cancels."),
    ],
)
def test_whether_paths_cancel_or_are_nothing_each_is_told(session_of: Any, row: int, said: str) -> None:
    """Unit 1 of layer 1 is silent, so that each path through it is 0."""
    session = before_update(session_of("by-hand"))
    assert said in text_of(PathReader().page(session, View(Spotlight(1, row, 0)), 120))


def test_of_very_many_paths_the_strongest_are_said_to_be_a_drop_in_the_sea(session_of: Any) -> None:
    session = before_update(session_of("vanishing"))
    text = " ".join(text_of(PathReader().page(session, View(Spotlight(1, 0, 0)), 76)).split())
    assert "107,374,182,400 paths" in text
    assert "The strongest 24 are listed" in text
    assert "a drop in the sea" in text


def test_the_decay_is_told_layer_by_layer(session_of: Any) -> None:
    session = before_update(session_of("vanishing"))
    page = DecayReader().page(session, View(Spotlight(1, 0, 0)), 130)
    text = text_of(page)
    assert "slopes of sigmoid: 0.23 a layer" in text
    way = attribution(session.plan, session.trainer.layers).between(1, 10)
    assert f"{way.log10:.4f}".replace("-", "−") in text
    layers = [strip.text.split()[0] for strip in page.rows if strip.text.strip()[:1].isdigit()]
    assert layers == [str(number) for number in range(10, 0, -1)]


def test_nudges_are_told_with_what_the_slope_predicts_and_what_is_true(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    reader, view = WhatIfReader(), View(Spotlight(1, 0, 0))
    page = reader.page(session, view, 76, 19)
    update = session.plan["ΔW", 1].value((0, 0))
    assert reader.changes[0].nudge == update
    assert reader.changes[0].predicted == pytest.approx(update * session.plan["dW", 1].value((0, 0)))
    assert "what this step's update does to it" in " ".join(text_of(page).split())
    assert len(page.choices) == len(reader.changes) == 9
    for place, change in enumerate(reader.changes):
        view.nudge = place
        page = reader.page(session, view, 76, 19)
        marked = page.rows[page.stops[place]].text
        assert marked.startswith("▸")
        assert ("update" in marked) == (place == 0)
        assert all(strip.cell_length <= 76 for strip in page.rows)
        assert np.isclose(change.true, change.predicted, rtol=0.1)


def test_the_slider_has_the_loss_of_each_value_of_a_linear_neuron(session_of: Any) -> None:
    """ℒ = (2.1 w − 4)² at w = 1: a notch is 1/20 of the weight's own size, and the ends are 0 and 2."""
    session = session_of("linear-neuron")
    session.forward("op")
    reader, view = WhatIfReader(), View(Spotlight(1, 0, 0))
    for places, notch in ((1, 1), (5, 6), (-6, 0), (-1, -1), (-99, -20), (3, -17), (99, 20)):
        view.slide, view.sliding = slid(view.slide, places), True
        assert view.slide == notch
        page = reader.page(session, view, 76, 19)
        value = 1 + notch / 20
        row = page.head[0].text
        assert float(row.split()[2]) == pytest.approx(value, rel=1e-6)
        assert float(row.split("ℒ = ")[1]) == pytest.approx((2.1 * value - 4) ** 2, rel=1e-5)
        track = row[row.index("│") + 1 : row.rindex("│")]
        assert track.index("O") == round((notch / 20 + 1) / 2 * (len(track) - 1))
        assert not any(page.rows[stop].text.startswith("▸") for stop in page.stops)
        assert ("δ = 0: the parameter as it is." in text_of(page)) == (notch == 0)
    assert session.trainer.layers[0].parameters(session.trainer.state.parameters)["W"][0, 0] == 1, (
        "the run is as it was"
    )


@pytest.mark.parametrize("width", [8, 20, 33, 47, 48, 76, 200])
def test_the_slider_fits_and_tells_the_value_where_there_is_room(session_of: Any, width: int) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1) - 1)
    reader, view = WhatIfReader(), View(Spotlight(1, 0, 0))
    for view.slide in (-20, -1, 0, 20):
        (row,) = reader.page(session, view, width, 19).head
        assert row.cell_length <= width
        assert row.text.count("O") == (width >= 47)


def test_what_if_says_that_a_parameter_or_the_loss_is_no_finite_number(session_of: Any) -> None:
    session = session_of("linear-neuron", changes={"optimizer.learning_rate": 1e6})
    session.seek(session.timeline.finish_of(80))
    reader, view = WhatIfReader(), View(Spotlight(1, 0, 0))
    page = reader.page(session, view, 76, 19)
    assert " ".join(text_of(page).split()).startswith("W⁽¹⁾₁,₁ = nan is no finite number: nothing lies beside it")
    assert (page.choices, page.stops) == ([], [])
    session.seek(session.timeline.finish_of(30))
    page = reader.page(session, view, 76, 19)
    assert np.isfinite(reader.read(session, view).value)
    assert "ℒ = inf is no finite number: no change of it can be told" in " ".join(text_of(page).split())
    assert page.head[0].text.endswith("ℒ = inf")
    assert len(page.choices) == len(reader.changes) > 0


def test_a_nudge_by_an_update_that_is_made_already_is_told_as_that(session_of: Any) -> None:
    session = session_of("first-steps")
    session.seek(session.timeline.finish_of(1))
    page = WhatIfReader().page(session, View(Spotlight(1, 0, 0)), 76, 19)
    text = " ".join(text_of(page).split())
    assert "what this step's update did to it, once more" in text
    assert "With the new parameters ℒ = " in text


def test_what_the_step_has_not_computed_yet_is_told_as_ahead_of_it(session_of: Any) -> None:
    session = session_of("first-steps")
    view = View(Spotlight(1, 0, 0))
    gradient = session.plan["dW", 1]
    for count in range(session.timeline.length):
        session.seek(count)
        text = " ".join(text_of(WhatIfReader().page(session, view, 76, 19)).split())
        assert ("Computed ahead of the step, ℒ = " in text) == (count <= gradient.place)


def test_shortcuts_and_the_weights_gradients_are_told_where_there_is_little_room(session_of: Any) -> None:
    session = session_of("vanishing", changes={"layers.0.residual": True})
    session.seek(session.timeline.finish_of(1) - 1)
    text = " ".join(text_of(DecayReader().page(session, View(Spotlight(1, 0, 0)), 76)).split())
    ratio = np.linalg.norm(session.plan["dW", 1].array) / np.linalg.norm(session.plan["dW", 10].array)
    assert f"log₁₀ ‖dW⁽¹⁾‖/‖dW⁽¹⁰⁾‖ = {np.log10(ratio):.2f}".replace("-", "−") in text
    assert text.count(" shortcut ") == 8
    assert "…" not in text


def test_only_a_combined_output_has_a_long_way(session_of: Any) -> None:
    view = View(Spotlight(1, 0, 0))
    assert views_of(session_of("first-steps"), view) == list(CHAIN_VIEWS[:-1])
    for preset in ("vanishing", "digits"):
        session = before_update(session_of(preset))
        assert views_of(session, view) == list(CHAIN_VIEWS)
        text = text_of(long_way_page(session, view, 130))
        assert "the long way to ∂ℓ/∂Z" in text
        assert "nan" in text.splitlines()[-1] or "e" in text.splitlines()[-1]


# Scrolling


def page_with(rows: int, stops: list[int]) -> Page:
    page = Page(head=text_lines("heading", 40, 1, Look()))
    for row in range(rows):
        lines = text_lines(f"row-{row}", 40, 1, Look())
        if row in stops:
            page.offer(Choice(), lines)
        else:
            page.add(lines)
    return page


@pytest.mark.parametrize(("rows", "height"), list(product((0, 1, 5, 20), (1, 2, 3, 4, 9, 30))))
def test_nothing_is_out_of_sight_without_a_sign_of_it(rows: int, height: int) -> None:
    page = page_with(rows, [])
    seen: set[int] = set()
    for first in range(-1, rows + 2):
        window = Window.of(page, height, first)
        shown = [strip.text for strip in window_lines(page, window, 40, Look())]
        assert len(shown) <= height
        assert shown[0] == "heading"
        if height > 3 and rows > height - 1:
            assert ("more above" in shown[1]) == (window.first > 0)
            assert shown[-1].startswith("… more") == (window.first + height - 1 < rows)
        seen |= set(window.seen)
        for row in window.seen:
            assert f"row-{row}" in shown
    if height > 3:
        assert seen == set(range(rows))


@pytest.mark.parametrize("row", [0, 1, 7, 18, 19])
def test_a_row_is_brought_into_sight(row: int) -> None:
    page = page_with(20, [])
    for first in range(20):
        window = Window.of(page, 7, first)
        assert row in Window.of(page, 7, window.showing(row)).seen


# In the app


@pytest.mark.parametrize("preset", ["first-steps", *share([], ["vanishing"])])
async def test_arrows_reach_every_line_and_every_choice(preset: str) -> None:
    sizes = [(80, 24), (120, 36), (200, 50)]
    async with running(preset, sizes[0]) as pilot:
        pane = pane_of(pilot)
        counts = (2, 5, pane.session.timeline.length - 3)
        for size, count in share([*zip(sizes, counts, strict=True)], [*product(sizes, counts)]):
            await pilot.resize_terminal(*size)
            pane.session.seek(count)
            pane.view.factor = 0
            pane.update()
            rows, choices = {strip.text for strip in pane.page.rows}, len(pane.page.choices)
            unmarked = {text.replace("▸", " ") for text in rows}
            seen, chosen = set(), set()
            for _ in range(4 * len(pane.page.rows) + 4):
                seen |= {pane.page.rows[row].text.replace("▸", " ") for row in pane.window.seen}
                chosen.add(pane.view.factor)
                pane.move(1)
            assert seen == unmarked
            assert chosen == set(range(choices))
            for _ in range(4 * len(pane.page.rows)):
                pane.move(-1)


async def test_v_shows_every_view_at_80_by_24_and_comes_back() -> None:
    async with running("vanishing", (80, 24)) as pilot:
        pane = pane_of(pilot)
        before_update(pane.session)
        pane.update()
        first = [strip.text for strip in pane.lines]
        for name in CHAIN_VIEWS[1:]:
            await pilot.press("v")
            assert pane.view.chain == name
            assert pane.lines[0].text.startswith(f"{name} · ")
            assert all(strip.cell_length == pane.content_size.width for strip in pane.lines)
        await pilot.press("v")
        assert [strip.text for strip in pane.lines] == first


async def test_enter_on_where_a_number_goes_shows_what_is_made_of_it() -> None:
    async with running("by-hand", (200, 50)) as pilot:
        pane = pane_of(pilot)
        session = pane.session
        for _ in range(6):
            await pilot.press("right")
            before = session.count
            origins = len(factors(session, pane.view))
            for place in range(origins, len(pane.page.choices)):
                choice = pane.page.choices[place]
                assert choice.op is not None
                assert choice.reference is not None
                pane.choose(place)
                await pilot.press("enter")
                assert session.op is choice.op
                assert session.count >= before
                assert any(strip.text.startswith(choice.reference.symbols()) for strip in pane.lines)
                await pilot.press("escape")
                assert session.count == before
                assert pane.view.factor == place


@pytest.mark.parametrize("size", share([(80, 24)], [(80, 24), (120, 36)]))
async def test_enter_on_a_factor_of_a_path_goes_to_its_op_and_escape_comes_back(size: tuple[int, int]) -> None:
    async with running("vanishing", size) as pilot:
        pane = pane_of(pilot)
        session, view = pane.session, pane.view
        before_update(session)
        count = session.count
        pane.screen.show_all()  # type: ignore[attr-defined]
        await pilot.press("v", *["down"] * 6)
        assert view.factor >= 3
        led = 0
        for place in range(2, 12):
            pane.choose(place)
            choice = pane.page.choices[place]
            shown = [strip.text for strip in pane.lines]
            (marked,) = (text for text in shown if text.startswith("  ▸"))
            await pilot.press("enter")
            if choice.op is None:
                assert "no op" in shown[1]
                assert session.count == count
                assert [strip.text for strip in pane.lines] == shown
            else:
                led += 1
                assert choice.reference is not None
                assert session.op is choice.op
                assert pane.lines[0].text.startswith(f"from a path · {choice.op.phase}")
                assert any(strip.text.startswith(f"{choice.reference.symbols()} = ") for strip in pane.page.rows)
                # One goes on from there, and comes back by the same way.
                onward = pane.page.choices[0].op
                await pilot.press("enter", *(["escape"] if onward else []))
                assert session.op is choice.op
                await pilot.press("escape")
                assert (session.count, view.chain, view.factor) == (count, "path", place)
                assert pane.lines[1].text == shown[1]
                assert marked in [strip.text for strip in pane.lines]
        assert led > 3


async def test_enter_opens_and_closes_paths_and_chooses_whose_they_are() -> None:
    async with running("vanishing", (80, 24)) as pilot:
        pane = pane_of(pilot)
        before_update(pane.session)
        pane.screen.show_all()  # type: ignore[attr-defined]
        await pilot.press("v")
        everything = len(pane.page.choices)
        assert "paths of example 1 of 25 only" in pane.lines[1].text
        await pilot.press("enter")
        assert "paths of all 25 examples" in pane.lines[1].text
        assert any("▸ paths of example 1 of 25 only" in strip.text for strip in pane.lines)
        await pilot.press("enter", "down", "enter")
        assert pane.lines[1].text.startswith("path 1: enter lists its factors")
        assert len(pane.page.choices) == 1 + 24 < everything
        await pilot.press("down", "down", "enter")
        assert pane.lines[1].text.startswith("path 3: enter closes it")
        assert len(pane.page.choices) == everything
        assert pane.view.factor == 3
        pane.choose(1)
        await pilot.press("enter")
        assert (pane.paths.opened, pane.view.factor) == (0, 1)
        assert any(strip.text.startswith("▸ path 1 ") for strip in pane.lines)


async def test_a_number_that_was_jumped_to_does_not_hide_the_paths() -> None:
    async with running("first-steps", (120, 36)) as pilot:
        pane = pane_of(pilot)
        before_update(pane.session)
        pane.screen.show_all()  # type: ignore[attr-defined]
        count = pane.session.count
        await pilot.press("enter")
        assert pane.session.count < count
        await pilot.press("v")
        assert pane.lines[0].text.startswith("path · ")
        await pilot.press("escape")
        assert pane.session.count == count


async def test_a_click_chooses_a_line_and_another_opens_it() -> None:
    async with running("first-steps", (120, 36)) as pilot:
        pane = pane_of(pilot)
        for _ in range(10):
            await pilot.press("right")
        y = next(row for row, strip in enumerate(pane.lines) if "σ′(Z⁽¹⁾)₁,₁ = 0.2" in strip.text and "←" in strip.text)
        a = next(row for row, strip in enumerate(pane.lines) if strip.text.startswith("▸ dA"))
        await pilot.click(pane, offset=(10, y + 1))
        assert pane.lines[y].text.startswith("▸")
        await pilot.click(pane, offset=(10, a + 1))
        await pilot.click(pane, offset=(10, a + 1))
        assert pane.session.op is pane.session.plan.writer(pane.session.plan["dA", 1])


async def test_a_click_on_the_strip_goes_to_the_op_there() -> None:
    async with running("first-steps", (200, 50)) as pilot:
        pane = pane_of(pilot)
        await pilot.press("right")
        for place in (9, 3, 12, 1):
            assert pane.strip is not None
            column = pane.strip.left + pane.strip.cell_of(pane.session.plan.ops[place - 1])
            inner = pane.content_region.x - pane.region.x
            await pilot.click(pane, offset=(inner + column, 1))
            assert pane.session.op is pane.session.plan.ops[place - 1]


PLAIN = Look(glyphs=ASCII)
WIDTHS_OF_A_STRIP = [(20, Look()), (60, PLAIN), (76, Look()), (116, PLAIN), (400, Look())]


@pytest.mark.parametrize(("width", "look"), WIDTHS_OF_A_STRIP)
def test_the_strip_marks_each_op_where_it_stands(session_of: Any, width: int, look: Look) -> None:
    plan = session_of("vanishing").plan
    cells = []
    for op in plan.ops[:: share(3, 1)]:
        drawn, strip = heading("backward · dW db", op, plan.ops, width, look)
        assert drawn.cell_length <= width
        if strip is None:
            continue
        cells.append(strip.cell_of(op))
        assert drawn.text.count(look.glyphs.full) == 1
        assert drawn.text.index(look.glyphs.full) == strip.left + cells[-1]
        assert strip.op_at(strip.left - 1) is None
        # Where there are fewer cells than ops, several share one.
        nearest = strip.op_at(strip.left + cells[-1])
        assert nearest is not None
        assert strip.cell_of(nearest) == cells[-1]
    assert cells == sorted(cells)
    assert (width >= 60) == bool(cells)


@pytest.mark.parametrize(("width", "look"), [(76, Look()), (116, PLAIN), (116, Look()), (200, Look())])
@pytest.mark.parametrize("name", ["first-steps", "vanishing"])
def test_the_strip_stands_in_the_same_place_beside_every_op(session_of: Any, name: str, width: int, look: Look) -> None:
    session = session_of(name)
    view, found = View(Spotlight(1, 0, 0), look=look), set()
    for op in session.plan.ops:
        session.forward("op")
        assert session.op is op
        drawn, strip = heading(heading_text(session, view), op, session.plan.ops, width, look)
        assert strip is not None
        found.add((strip.left, *(drawn.text.index(phase, strip.left) for phase in PHASES)))
    assert len(found) == 1


def test_a_wide_strip_has_a_cell_for_each_op_of_each_layer(session_of: Any) -> None:
    plan = session_of("first-steps").plan
    text = strip_of(plan.ops, plan.ops[2], 200, Look()).text
    assert text == "forward 1▁▁ 2█▁ loss ▁ backward 2▔▔▔▔ 1▔▔ update 1▁ 2▁"


async def test_every_view_is_ascii_where_that_is_wanted() -> None:
    async with running("vanishing", (120, 36), ascii=True) as pilot:
        pane = pane_of(pilot)
        before_update(pane.session)
        for _ in CHAIN_VIEWS:
            pane.next_view()
            for strip in pane.lines:
                assert strip.text.isascii(), strip.text


@pytest.mark.parametrize("unit", ["op", "layer", "phase", "step", "epoch"])
def test_the_first_page_says_what_the_arrow_does_in_the_unit_that_is_chosen(session_of: Any, unit: Any) -> None:
    session, view = session_of("xor"), View(Spotlight(1, 0, 0), unit)
    text = "\n".join(strip.text for strip in op_page(session, view, 130).rows)
    coming = "the first op: forward · layer 1 of 2 · Z" if unit == "op" else f"the first {unit}, from forward"
    assert f"→ runs {coming}" in text


@pytest.mark.parametrize("layer", [1, 2])
def test_the_update_of_every_layer_says_how_the_rate_of_the_step_came_about(session_of: Any, layer: int) -> None:
    """In step 3, by hand: 0.5 · 0.5² = 0.125; and where the rate came from can be chosen."""
    schedule = {"optimizer.schedule.kind": "exponential", "optimizer.schedule.gamma": 0.5}
    session = session_of("xor", changes=schedule)
    session.seek(session.timeline.finish_of(3) - 3 + layer)
    view = View(Spotlight(layer, 0, 0))
    page = op_page(session, view, 130)
    text = "\n".join(strip.text for strip in page.rows)
    assert session.op.phase == "update"
    assert session.op.layer == layer
    assert "ηₖ = η · γ^(k − 1) = 0.5 · 0.5^(3 − 1) = 0.125" in text
    assert "= −ηₖ · " in text
    assert any(choice.reference is not None and choice.reference.symbols() == "ηₖ" for choice in page.choices)
