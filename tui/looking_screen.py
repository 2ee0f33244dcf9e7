"""Choosing what is looked at in a run: a place, the spotlight, a neuron, an example, the views of the panes."""

from dataclasses import replace
from typing import TYPE_CHECKING

from textual import on
from textual.geometry import Offset

from backprop_tui.core.preset.hidden import VALUES, words_of
from backprop_tui.core.session.run_spotlight import own_spotlight
from backprop_tui.core.session.session import Session
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.panes.data import DataPane
from backprop_tui.tui.panes.loss import LossPane
from backprop_tui.tui.panes.messages import (
    ExampleWanted,
    NeuronWanted,
    OpWanted,
    PositionWanted,
    SpotlightWanted,
    Told,
    TrainingExampleWanted,
    ValueWanted,
)
from backprop_tui.tui.panes.view import View
from backprop_tui.tui.panes.weights import WeightsPane
from backprop_tui.tui.running.arrangement import title
from backprop_tui.tui.running.hiding import refusal
from backprop_tui.tui.running.playback import FIRST_SPEED
from backprop_tui.tui.running.run_screen import Jump

from .home_screen import HomeScreen

if TYPE_CHECKING:
    from backprop_tui.core.verify.handed_in import HandedIn

CHAIN_RULE, NEURON = "chain-rule", "neuron"
"""The pane that the page of a neuron stands in, and the view that it is."""


def first_view(session: Session, handed_in: "HandedIn | None" = None) -> View:
    """What the preset of a session wants to be looked at first; of a step handed in, what is wrong first."""
    preset, spotlight = session.preset, own_spotlight(session)
    if handed_in is not None and handed_in.first is not None:
        spotlight = handed_in.first.spotlight
    drawn = {"test_points": preset.view.test_points, "discrete": preset.view.discretize}
    return View(spotlight, unit=preset.view.unit, speed=FIRST_SPEED, handed_in=handed_in, **drawn)  # type: ignore[arg-type]


class LookingScreen(HomeScreen):
    """A run of which a person chooses what is in view; `before_neuron`: the pane and the view that it had before."""

    before_neuron: tuple[str, str] | None = None

    @on(OpWanted)
    def show_op(self, message: OpWanted) -> None:
        """To the op that made a factor, remembering the way back."""
        here = Jump(self.session.count, self.view.wanted, self.view.factor)
        trail = [*self.jumps, here]
        begin = here.count - self.session.position.events
        self.go(begin + message.steps * self.session.timeline.length + message.op.place + 1)
        self.jumps, self.view.wanted = trail, message.wanted
        self.show_all()

    @on(PositionWanted)
    def show_position(self, message: PositionWanted) -> None:
        self.go(message.count)

    @on(SpotlightWanted)
    def show_spotlight(self, message: SpotlightWanted) -> None:
        self.set_spotlight(message.spotlight)

    @on(ValueWanted)
    def ask_for_value(self, message: ValueWanted) -> None:
        """Another value of the parameter in the spotlight, typed where it stands; the run goes on with it."""
        from .parameter_acts import ask_for_value  # Not needed to open.

        if VALUES in self.hide:
            self.remark(refusal("another value", VALUES))
            return
        ask_for_value(self, Offset(message.x, message.y))

    @on(NeuronWanted)
    def show_neuron(self) -> None:
        """The page of the neuron in the spotlight, remembering what was looked at."""
        before = (self.current, self.view.chain)
        if self.look_at(CHAIN_RULE, NEURON):
            self.before_neuron = before

    def look_at(self, pane: str, chain: str) -> bool:
        """To a pane, with this view of the chain rule; whether it is there."""
        if name := self.hide.view(pane, chain) if pane == CHAIN_RULE else "":
            self.remark(refusal(f"{title(pane)}, {chain}", name))
            return False
        if not self.look_into(pane):
            return False
        self.view.chain, self.view.factor, self.view.wanted = chain, 0, None
        self.show_all()
        return True

    @on(ExampleWanted)
    def show_example(self, message: ExampleWanted) -> None:
        spotlight = self.view.spotlight
        example = (min(spotlight.example, self.session.plan.examples - 1) + message.places) % self.session.plan.examples
        self.view.spotlight = replace(spotlight, example=example)
        self.show_all()

    @on(TrainingExampleWanted)
    def show_training_example(self, message: TrainingExampleWanted) -> None:
        from .example_acts import show_training_example  # Not needed to open.

        show_training_example(self, message.example)

    @on(Told)
    def show_told(self, message: Told) -> None:
        self.notice = message.text
        self.show_all()

    def action_leave(self) -> None:
        """Out of a journey, a jump, a neuron, what the lesson opened, a list, a maximised pane, or the side."""
        if self.travelling is not None:
            self.travelling = None
        elif self.jumps:
            *trail, back = self.jumps
            self.go(back.count)
            self.jumps, self.view.wanted, self.view.factor = trail, back.wanted, back.factor
            self.show_all()
        elif self.before_neuron is not None and (self.view.chain, self.current) == (NEURON, CHAIN_RULE):
            before, self.before_neuron = self.before_neuron, None
            self.look_at(*before)
        elif self.from_lesson:
            self.back_to_lesson()
        elif self.pane(self.current).leave():
            pass
        elif self.maximised:
            self.action_maximise()
        elif self.side:
            self.close_side()

    def action_spotlight(self, rows: int, columns: int) -> None:
        self.set_spotlight(self.view.spotlight.moved(self.session.trainer.layers, rows, columns))

    def action_edit_value(self) -> None:
        pane = self.query_one(WeightsPane)
        if not pane.display:
            # Where there is no room for it beside others, it is looked at.
            self.current = "weights"
            self.lay_out()
            pane.focus()
        self.call_after_refresh(pane.edit)

    def action_next_weights_view(self) -> None:
        self.query_one(WeightsPane).next_view()
        self.keep_view("weights", self.view.weights)
        self.pane("keys").update()

    def action_next_chain_view(self) -> None:
        self.query_one(ChainRulePane).next_view()
        self.keep_view("chain_rule", self.view.chain)
        self.pane("keys").update()

    def keep_view(self, pane: str, view: str) -> None:
        """The pane begins with this view the next time."""
        self.keep(f"views.{pane}", words_of(view))

    def action_next_data_view(self) -> None:
        pane = self.query_one(DataPane)
        if not pane.display:
            # Where there is no room for it beside others, it is looked at.
            self.current = "data"
            self.lay_out()
            pane.focus()
        pane.next_view()
        self.keep_view("data", self.view.data)
        self.pane("keys").update()

    def action_test_points(self) -> None:
        self.notice = self.query_one(DataPane).toggle_test_points()
        self.show_all()

    def action_discretize(self) -> None:
        self.notice = self.query_one(DataPane).toggle_discrete()
        self.show_all()

    def action_next_loss_view(self) -> None:
        pane = self.query_one(LossPane)
        if not pane.display:
            # Where there is no room for it beside others, it is looked at.
            self.current = "loss"
            self.lay_out()
            pane.focus()
        pane.next_view()
        self.keep_view("loss", self.view.loss)
        self.pane("keys").update()

    def action_slide(self, places: int) -> None:
        if self.current == "loss":
            self.query_one(LossPane).zoom(places)
            return
        if self.current == "data":
            self.notice = self.query_one(DataPane).choose(places)
            self.show_all()
            return
        moved = self.query_one(ChainRulePane).slide(places)
        hidden = self.hide.view(CHAIN_RULE, "what if") or "chain_rule_views" in self.hide
        said = self.view.look.keys.said
        ways = [] if hidden else [f'The slider is in the view "what if" of Chain rule: {said("v")}']
        ways += [] if "loss" in self.hide else [f"{'I' if hidden else 'i'}n Loss {said(',')} and {said('.')} zoom"]
        self.notice = "" if moved else "; ".join(ways)
        self.show_all()

    def action_pan(self, halves: int) -> None:
        from .loss_acts import pan  # Not needed to open, as those below.

        pan(self, halves)

    def action_smooth(self) -> None:
        from .loss_acts import smooth

        smooth(self)

    def action_overlay(self) -> None:
        from .loss_acts import overlay

        overlay(self)

    def action_log_axis(self) -> None:
        self.view.log = not self.view.log
        self.keep("loss_axis", "log" if self.view.log else "linear")
        if not self.session.history.steps:
            self.tell(
                f"the axis of the loss will be {'logarithmic' if self.view.log else 'linear'}: no step is done yet"
            )
        self.query_one(LossPane).update()
