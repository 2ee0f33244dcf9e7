"""What a person takes home from a run: its worked solution, its weights, and the run itself, as a preset or a command.

Each is asked for a name first, and says afterwards where it is or why it could not be written.
"""

from collections.abc import Callable

from backprop_tui.core.preset.schema import PresetError
from backprop_tui.core.session.session import Session
from backprop_tui.tui.running.run_screen import RunScreen
from backprop_tui.tui.running.typed_file import told

MOST_TOLD = 4
"""Edits that a question lists."""


class HomeScreen(RunScreen):
    """A run whose results go into files."""

    def action_export(self) -> None:
        from backprop_tui.tui.running.export import HINT, proposed_name  # Not needed to open.

        self.ask_for(f"export the worked solution to ({HINT})", proposed_name(self.session), self.export_to)

    def export_to(self, typed: str) -> str:
        """Write the worked solution."""
        from backprop_tui.tui.running.export import export, written_text

        return told(written_text(export(self.session, self.view.spotlight, typed)))

    def action_take(self, id: str) -> None:
        """Ask for the file of one of the things that the page of `C` lists."""
        from backprop_tui.tui.running.shares import SHARES  # Not needed to open.

        share = next(share for share in SHARES if share.id == id)

        def take(typed: str) -> str:
            path, untold = share.to_file(self, typed)
            return f"{told(path)}{f'; not in it: {things(untold)}' if untold else ''}"

        self.ask_for(f"{share.title}, to a new file", share.proposed_name(self), take)

    def action_keep(self) -> None:
        from backprop_tui.tui.running.keep import proposed_name

        question = f"keep the weights after step {self.session.step:,} in a new file"
        self.ask_for(question, proposed_name(self.session), self.keep_in)

    def keep_in(self, typed: str) -> str:
        """Write the weights."""
        from backprop_tui.tui.running.keep import keep

        path = keep(self.session, typed)
        return f"{told(path.name, 'kept')}: training.start goes on from it"

    def action_state(self) -> None:
        from backprop_tui.tui.running.run_state import proposed_name

        if not self.refuses("it is a recording of somebody's own training, which has no preset"):
            question = "write the run as a preset, its edits included, to a new file"
            self.ask_for(question, proposed_name(self.session), self.state_to)

    def state_to(self, typed: str) -> str:
        """Write the run as a preset."""
        from backprop_tui.tui.running.run_state import write_state

        path, untold = write_state(self.session, typed)
        which = f"; its comments tell what is not in it: {things(untold)}" if untold else ""
        return f"{told(path.name)}{which}"

    def action_command(self) -> None:
        from backprop_tui.tui.running.run_state import command_line

        if self.refuses("it is a recording of somebody's own training, which has no preset"):
            return
        self.offer("this run as one command line", command_line, "not in it")

    def action_address(self) -> None:
        from backprop_tui.tui.running.run_state import playground_url

        if not self.refuses("it is a recording of somebody's own training, which has no preset"):
            self.offer("this experiment in TensorFlow Playground", playground_url, "otherwise there")

    def offer(self, what: str, made: Callable[[Session], tuple[str, list[str]]], lacking: str) -> None:
        """Show a text to be copied, and what it cannot say, which is `lacking`; or why there is none."""
        try:
            text, untold = made(self.session)
        except PresetError as problem:
            self.tell(str(problem))
            return

        def copy(typed: str) -> str:
            from backprop_tui.tui.running.clipboard import copy as send

            return f"{send(self.app, typed)}{f'; {lacking}: {things(untold)}' if untold else ''}"

        told = "".join(f"\n{lacking.capitalize()}: {text}" for text in untold[:MOST_TOLD])
        more = f"\nand {len(untold) - MOST_TOLD} more" if len(untold) > MOST_TOLD else ""
        self.ask_for(f"{what}: enter copies it{told}{more}", text, copy)

    def ask_for(self, question: str, proposed: str, then: Callable[[str], str]) -> None:
        """Ask, and show the line that `then` makes of the answer, or why it could make none."""
        from backprop_tui.tui.pages.prompt import Prompt, ask

        def answered(typed: str) -> None:
            try:
                self.notice = then(typed)
            except PresetError as problem:
                self.notice = str(problem)
            self.show_all()

        self.pause()
        self.notice = ""
        self.show_all()
        ask(self.app, Prompt(question, "", proposed), answered)


def things(untold: list[str]) -> str:
    """`2 things`."""
    return f"{len(untold)} thing{'' if len(untold) == 1 else 's'}"
