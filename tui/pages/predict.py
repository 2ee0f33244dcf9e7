"""Predict, then reveal: the next number is asked for, and shown when a guess has been typed.

The panes stand before the op that computes it, so it is blank wherever they show it. The loss, the data and the views
of the chain rule that run the network by themselves would give it away: the question covers the former, and while it
is asked the chain rule shows the op.
"""

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip

from backprop_tui.core.inquiry.prediction import HINT, GuessError, Question, Score, Verdict, ask, judge
from backprop_tui.tui.chain_rule.pane import ChainRulePane
from backprop_tui.tui.drawing.numbers import format_number
from backprop_tui.tui.drawing.strips import fit, line, style, text_lines
from backprop_tui.tui.panes.keys_line import keys_line
from backprop_tui.tui.panes.own_screen import OwnScreen
from backprop_tui.tui.panes.pane import Pane
from backprop_tui.tui.panes.view import CHAIN_VIEWS
from backprop_tui.tui.running.run_screen import RunScreen

from .field import Field

LEAST = 12
"""Rows that the question takes in any case."""
MANY = 100
"""More lines than any text here has."""


class QuestionPane(Pane):
    """The question, or the answer with what the guess was worth: `longer` than there was room for, or not."""

    longer = False

    def __init__(self, screen: "PredictScreen") -> None:
        super().__init__("Predict", screen.training.session, screen.training.view)
        self.predict = screen

    def draw(self, width: int, height: int) -> list[Strip]:
        look = self.view.look
        lines = self.predict.lines(width)
        self.longer = len(lines) > height
        self.predict.scrolled = max(0, min(self.predict.scrolled, len(lines) - height))
        first = self.predict.scrolled
        if len(lines) > first + height > 0:
            more = fit(f"… {len(lines) - first - height + 1} more lines: ↑ ↓", width, look)
            return [*lines[first : first + height - 1], line([(more, style(look.palette.accent))], width)]
        return lines[first : first + height]


class KeysPane(Pane, can_focus=False):
    """The keys that answer now."""

    def __init__(self, screen: "PredictScreen") -> None:
        super().__init__("predict-keys", screen.training.session, screen.training.view)
        self.predict = screen

    def draw(self, width: int, height: int) -> list[Strip]:
        return [keys_line(self.predict.hints(), self.view.look, width)]


class PredictScreen(ModalScreen[None], OwnScreen[None]):
    """Asks for one number after the other. `verdict` is None until there is a guess; `problem` is why one was none."""

    moved_keys = True
    DEFAULT_CSS = """
    PredictScreen { align: center bottom; }
    PredictScreen #predict-panel { width: 100%; border: round $text-accent; border-title-color: $text-accent; }
    PredictScreen #predict-panel { background: $surface; padding: 0 1; }
    PredictScreen QuestionPane { height: 1fr; background: $surface; }
    PredictScreen KeysPane { height: 1; background: $surface; }
    PredictScreen Input { height: 1; padding: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "leave"),
        Binding("p", "close", "leave", show=False, priority=True),
        Binding("enter", "next", "next question", show=False),
        Binding("right", "next", "next question", show=False),
        Binding("left", "again", "ask once more", show=False),
        Binding("up", "scroll(-1)", "up", show=False),
        Binding("down", "scroll(1)", "down", show=False),
        Binding("pageup", "turn(-1)", "page up; once more, where all is in sight", show=False),
        Binding("pagedown", "turn(1)", "page down; the next, where all is in sight", show=False),
    ]

    def __init__(self, training: RunScreen) -> None:
        super().__init__()
        self.training = training
        self.question: Question | None = None
        self.verdict: Verdict | None = None
        self.problem = ""
        self.score = Score()
        self.scrolled = 0
        self.chain, self.pane = training.view.chain, (training.current, training.maximised)
        self.panel = Vertical(id="predict-panel")
        self.question_pane, self.keys_pane = QuestionPane(self), KeysPane(self)
        self.guess = Field(self.answer, placeholder=training.view.look.text(HINT), left=frozenset({"p"}))

    def compose(self) -> ComposeResult:
        self.panel.border_title = "Predict the next number"
        if self.training.view.look.glyphs.ascii:
            self.panel.styles.border = ("ascii", "white")
        self.guess.styles.border = ("none", "white")
        with self.panel:
            yield self.question_pane
            yield self.guess
            yield self.keys_pane

    def on_mount(self) -> None:
        # Here, since the style of every screen would be stronger than a default: the panes are to be seen above.
        self.styles.background = "transparent"
        training = self.training
        training.view.chain = CHAIN_VIEWS[0]
        if training.current != "chain-rule" or training.maximised:
            training.current, training.maximised = "chain-rule", False
            training.lay_out()
        self.ask()

    def on_resize(self, event: events.Resize) -> None:
        self.call_after_refresh(self.take_room)

    def take_room(self) -> None:
        """All rows below the chain rule, so that nothing there gives the number away."""
        below = self.size.height - self.training.query_one(ChainRulePane).region.bottom
        self.panel.styles.height = min(max(below, LEAST), self.size.height)

    # What it shows

    def form(self, value: float) -> str:
        return format_number(value, 12, 6)

    def hints(self) -> list[tuple[str, str]]:
        if self.verdict is None:
            return [("enter", "guess"), ("escape", "leave")]
        return [("→ enter", "next"), ("←", "once more"), ("escape", "leave")]

    def score_text(self) -> str:
        score = self.score
        if not score.asked:
            return ""
        streak = f", {score.streak} in a row" if score.streak > 1 else ""
        return f"{score.right} of {score.asked} right{streak}"

    def lines(self, width: int) -> list[Strip]:
        question, look = self.question, self.training.view.look
        if question is None:
            return []
        palette = look.palette
        lines = [self.head_line(question, width), *self.verdict_lines(width)]
        if self.verdict is None:
            # After the guess the chain rule above shows it.
            for rule in question.rule.split("   "):
                lines += text_lines(rule, width, MANY, look, palette.accent)
        lines += text_lines(f"{question.name} = {question.symbols}", width, MANY, look, palette.text)
        result = self.form(question.value) if self.verdict is not None else "?"
        if question.numbers != result:
            lines += text_lines(f"= {question.numbers}", width, MANY, look, palette.text)
        lines.append(line([("= ", style(palette.text)), (look.text(result), style(palette.accent, bold=True))], width))
        return lines

    def head_line(self, question: Question, width: int) -> Strip:
        """Which op it is, and at the right the score."""
        look, palette = self.training.view.look, self.training.view.look.palette
        score = look.text(self.score_text())
        step = self.training.session.position.step if self.verdict else self.asked_step()
        text = f"step {step} · {question.place}".replace(" · ", f" {look.glyphs.separator} ")
        place = fit(text, max(width - cell_len(score) - 2, 0), look)
        gap = " " * max(width - cell_len(place) - cell_len(score), 0)
        return line([(place, style(palette.text, bold=True)), (gap, None), (score, style(palette.dim))], width)

    def asked_step(self) -> int:
        """The step that the number asked for belongs to."""
        session = self.training.session
        return session.timeline.at(session.count + 1).step

    def verdict_lines(self, width: int) -> list[Strip]:
        look, palette = self.training.view.look, self.training.view.look.palette
        if self.problem:
            return text_lines(self.problem, width, 2, look, palette.warning)
        if self.verdict is None:
            return []
        wrong = "x" if look.glyphs.ascii else "✗"
        mark = look.glyphs.mark if self.verdict.right else wrong
        color = palette.positive if self.verdict.right else palette.warning
        lines = text_lines(f"{mark} {self.verdict.text}", width, 2, look, color)
        for sentence in self.verdict.explanation:
            lines += text_lines(f"- {sentence}", width, MANY, look, palette.text)
        return lines

    def update(self) -> None:
        self.question_pane.update()
        self.keys_pane.update()

    # Asking and revealing

    def ask(self) -> None:
        """The number that comes next."""
        training = self.training
        self.question = ask(training.session, training.view.spotlight, self.form)
        self.verdict, self.problem, self.scrolled = None, "", 0
        training.show_all()
        self.guess.value, self.guess.display = "", True
        self.guess.focus()
        self.call_after_refresh(self.take_room)
        self.call_after_refresh(self.update)

    def answer(self, typed: str) -> None:
        """Judge the guess, and go over the op that gives the answer."""
        if self.question is None or self.verdict is not None:
            return
        try:
            self.verdict = judge(self.question, typed)
        except GuessError as problem:
            self.problem = str(problem)
            # The next answer takes the place of this one.
            self.guess.select_all()
            self.update()
            return
        self.score, self.problem, self.scrolled = self.score.after(self.verdict), "", 0
        self.guess.display = False
        self.question_pane.focus()
        session = self.training.session
        self.training.go(session.timeline.after(session.count, "op"))
        self.call_after_refresh(self.update)

    def action_next(self) -> None:
        if self.verdict is not None:
            self.ask()

    def action_again(self) -> None:
        """Back before the op that was asked for."""
        if self.verdict is not None:
            session = self.training.session
            session.back("op")
            self.ask()

    def action_scroll(self, rows: int) -> None:
        self.scrolled = max(0, self.scrolled + rows)
        self.update()

    def action_turn(self, pages: int) -> None:
        """So many pages on, a line stays in sight; where all is in sight the next question, or this one once more."""
        if not self.question_pane.longer:
            if pages > 0:
                self.action_next()
            else:
                self.action_again()
            return
        self.action_scroll(pages * max(self.question_pane.content_size.height - 2, 1))

    def action_close(self) -> None:
        self.dismiss(None)

    def put_right(self) -> None:
        """The pane and the view of the chain rule that there were before."""
        super().put_right()
        training = self.training
        training.view.chain = self.chain
        training.current, training.maximised = self.pane
        training.lay_out()
        training.show_all()
