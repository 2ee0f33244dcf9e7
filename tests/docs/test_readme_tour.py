"""The README's "Five minutes": each paragraph is walked as it is written, sentence by sentence, at three sizes."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from backprop_tui.tui.panes.drawn import Drawn

from ..share import share
from ..tui.run_pilot import AppPilot, screen_of, text, until
from .walk import missing, opened, press, presses, rest, shown, visible

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
TOUR = README.partition("## Five minutes\n")[2].partition("\n## ")[0]
PARAGRAPHS = [" ".join(paragraph.split()) for paragraph in TOUR.strip().split("\n\n")]
SIZES = [(80, 24), (120, 36), (200, 50)]
PANES = ("weights", "loss", "gradients", "chain-rule", "data")


def name(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


at_three_sizes = pytest.mark.parametrize("size", SIZES, ids=name)
at_the_smallest = pytest.mark.parametrize("size", share(SIZES[:1], SIZES), ids=name)
"""Where one walk takes seconds: the smallest, or all where everything is wanted."""


class Tour:
    """A paragraph of the README, followed by who has the app before them."""

    def __init__(self, pilot: AppPilot, size: tuple[int, int], paragraph: str) -> None:
        self.pilot, self.size, self.left = pilot, size, paragraph

    def says(self, words: str) -> None:
        """What the paragraph says next."""
        assert self.left.startswith(words), f"the README says: {self.left}"
        self.left = self.left.removeprefix(words).strip()

    async def press(self, keys: str) -> None:
        await press(self.pilot, presses(keys))

    async def hold(self, keys: str) -> None:
        """Press keys as fast as a key that is held down."""
        await self.pilot.press(*presses(keys))
        await rest(self.pilot.app)

    async def sees(self, *texts: str) -> None:
        """Every one of them stands on the screen, in one line."""
        assert not await shown(self.pilot, texts), "\n".join(visible(self.pilot.app))

    async def reads(self, pane: str, *texts: str) -> None:
        """Every one of them stands in a pane, whose lines may be broken anywhere between words."""
        await rest(self.pilot.app)
        absent = [one for one in texts if unspaced(one) not in unspaced(text(self.pilot, pane))]
        assert not absent, f"{absent} not in\n{text(self.pilot, pane)}"

    async def goes_to(self, pane: str) -> None:
        """Put the focus on a pane with tab."""
        for _ in PANES:
            if (focused := screen_of(self.pilot).focused) is not None and focused.id == pane:
                return
            await self.press("tab")
        raise AssertionError(f"tab does not lead to {pane}")

    @asynccontextmanager
    async def large(self, pane: str) -> AsyncIterator[None]:
        """A pane on the whole screen, for a while."""
        await self.goes_to(pane)
        await self.press("z")
        yield
        await self.press("z")

    def panes(self) -> dict[str, list[object]]:
        """What the panes show that there are, with its colours."""
        drawn = (pane for pane in self.pilot.app.screen.query(Drawn) if pane.display and pane.id in PANES)
        return {str(pane.id): [list(strip) for strip in pane.lines] for pane in drawn}


def unspaced(words: str) -> str:
    return "".join(words.split())


def has_more(folder: Path, files: int) -> bool:
    return len(list(folder.iterdir())) > files


@asynccontextmanager
async def walked(
    number: int, command: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> AsyncIterator[Tour]:
    """A paragraph with the app that it is about; at its end all of it has been said."""
    monkeypatch.chdir(folder)
    app = opened(command.split(), monkeypatch)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await rest(app)
        tour = Tour(pilot, size, PARAGRAPHS[number])
        yield tour
        assert tour.left == ""


def test_the_tour_has_these_paragraphs() -> None:
    begin = [paragraph.split()[0] for paragraph in PARAGRAPHS]
    assert begin == ["After", "**1.", "**2.", "**3.", "**4.", "**5.", "**6.", "**7.", "`i`"]


@at_three_sizes
async def test_one_update_number_by_number(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with walked(1, "first-steps", size, monkeypatch, tmp_path) as tour:
        tour.says("**1. One update, number by number.**")
        tour.says("`backprop-tui first-steps` opens a network of two inputs, two hidden units and one output,")
        units = re.findall(r"\b[xay]\d?\b", text(tour.pilot, "weights"))
        assert sorted(units) == ["a1", "a2", "x1", "x2", "y"]
        tour.says("paused before its first op.")
        await tour.sees("‖ paused", "before the first op of step 1")
        begin = tour.panes()
        tour.says("Press `→`: the first op has run, `Z⁽¹⁾ = W⁽¹⁾ X + b⁽¹⁾`, with its numbers.")
        await tour.press("→")
        await tour.reads("chain-rule", "Z⁽¹⁾ = W⁽¹⁾ X + b⁽¹⁾", "= 0.15 · 0.5 + 0.25 · 0.8 + 0.35 = 0.625")
        tour.says("Go on pressing `→` through the forward pass, the loss, the backward pass and the update,")
        pictures, phases = [tour.panes()], ["forward"]
        for _ in screen_of(tour.pilot).session.plan.ops[1:]:
            await tour.press("→")
            pictures.append(tour.panes())
            phases.append(text(tour.pilot, "chain-rule").split()[0])
        assert list(dict.fromkeys(phases)) == ["forward", "loss", "backward", "update"]
        await tour.press("→")
        end = tour.panes()
        tour.says("to the end of the step, where loss and answer stand before and after it;")
        await tour.reads("chain-rule", "ℒ 0.027058129 → 0.025454960", "ŷ = A⁽²⁾₁,₁ 0.767370988 → 0.774367732")
        tour.says("press `←` to go back. Every pane follows,")
        assert all(any(picture[name] != begin[name] for picture in (*pictures, end)) for name in begin)
        tour.says("and going back shows bit for bit what was there.")
        for picture in reversed(pictures):
            await tour.press("←")
            # The curve and the trend of the norms now end where the step ended.
            assert {**tour.panes(), "loss": [], "gradients": []} == {**picture, "loss": [], "gradients": []}
        await tour.press("end")
        assert tour.panes() == end


@at_three_sizes
async def test_where_a_number_came_from(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(2, "first-steps", size, monkeypatch, tmp_path) as tour:
        await tour.press("→×8")
        tour.says("**2. Where a number came from.** In *Chain rule*, `↓` chooses a factor,")
        await tour.reads("chain-rule", "backward · layer 2 of 2 · dW db", "▸ dZ⁽²⁾₁,₁ = −0.0415272")
        await tour.press("↓")
        await tour.reads("chain-rule", "▸ A⁽¹⁾₁,₁ = 0.651355 ← forward · layer 1 of 2 · A (op 2)")
        tour.says("`enter` goes to the op that made it,")
        await tour.press("enter")
        assert text(tour.pilot, "chain-rule").startswith("forward · layer 1 of 2 · A ")
        tour.says("`escape` comes back.")
        await tour.press("escape")
        assert text(tour.pilot, "chain-rule").startswith("backward · layer 2 of 2 · dW db")
        tour.says("`shift` and the arrows move the spotlight to another weight;")
        await tour.reads("weights", "▸ W⁽¹⁾₁,₁ 0.15")
        await tour.press("shift+→")
        await tour.reads("weights", "▸ W⁽¹⁾₁,₂ 0.25")
        await tour.press("shift+↓")
        await tour.reads("weights", "▸ W⁽¹⁾₂,₂ 0.3")
        tour.says("`enter` in *Weights* has all about its neuron at one place,")
        await tour.goes_to("weights")
        await tour.press("enter")
        await tour.reads("chain-rule", "Neuron 2 of 2 in layer 1 of 2, sigmoid", "X₁,₁ 0.5", "X₂,₁ 0.8", "bias")
        tour.says("and `E` (or a double click) types another value where it stands.")
        await tour.press('E "0.31" enter')
        await tour.reads("weights", "▸ W⁽¹⁾₂,₂ 0.31")
        await tour.press("u")
        await tour.reads("weights", "▸ W⁽¹⁾₂,₂ 0.3")
        tour.says("`v` shows the same in other ways, one of them the whole network as one function in another.")
        await tour.press("v")
        await tour.reads("chain-rule", "ŷ = σ(W⁽²⁾ σ(W⁽¹⁾ X + b⁽¹⁾) + b⁽²⁾)")
        tour.says("`z` gives a pane the whole screen.")
        await tour.press("z")
        (shown_pane,) = (pane for pane in tour.pilot.app.screen.query(Drawn) if pane.display and pane.id in PANES)
        assert shown_pane.outer_size.width == size[0]


@at_three_sizes
async def test_larger_strides(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(3, "first-steps", size, monkeypatch, tmp_path) as tour:
        tour.says("**3. Larger strides.** `1` … `5` choose what one press of `→` means: op, layer, phase, step, epoch.")
        for key, unit, stands in (
            ("1", "op", "forward · layer 1 of 2 · Z "),
            ("2", "layer", "forward · layer 1 of 2 · A "),
            ("3", "phase", "forward · layer 2 of 2 · A "),
            ("4", "step", "step 1 finished"),
            ("5", "epoch", "step 2 finished"),
        ):
            await tour.press(key)
            await tour.sees(f"← → {unit}")
            await tour.press("→")
            assert text(tour.pilot, "chain-rule").startswith(stands)
        tour.says("`space` plays at that pace;")
        await tour.press("space")
        await tour.sees("▶")
        await until(lambda: screen_of(tour.pilot).session.step > 2)
        await tour.press("space")
        await tour.sees("‖ paused")
        tour.says("`+` and `-` change it, up to full speed,")
        for key, speed in (("-", "1 epoch/s"), ("+×2", "4 epochs/s"), ("+×20", "full speed")):
            await tour.press(key)
            await tour.sees(f"+ - {speed}")
        tour.says("which ends at the preset's own stop or at a new finding; `S` chooses where else.")
        await tour.press("S")
        await tour.sees("where full speed stops, from now on", "stop or finding", "5 epochs")
        await tour.press("escape")
        tour.says("`home` is the start, `end` the furthest you have been, `:` any step.")
        await tour.press(': "40" enter')
        await tour.sees("step 40")
        await tour.press("home")
        await tour.sees("step 1 ", "before the first op of step 1")
        await tour.press("end")
        await tour.sees("step 40", "step 40 finished")


@at_the_smallest
async def test_see_a_gradient_die(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def rows() -> list[list[str]]:
        """Layer, norm, gauge and what follows of every layer in Gradients."""
        return [row for row in map(str.split, text(tour.pilot, "gradients").splitlines()) if row and row[0].isdigit()]

    async with walked(4, "vanishing", size, monkeypatch, tmp_path) as tour:
        tour.says("**4. See a gradient die.** `backprop-tui vanishing`, then `→` layer by layer:")
        await tour.goes_to("gradients")
        await tour.press("z" if size == SIZES[0] else "")  # There a pane has no room for ten layers.
        await tour.sees("← → layer")
        await tour.hold("→×11")
        assert [row[1] for row in rows()] == ["·"] * 10
        tour.says("*Gradients* fills from the top, each bar a fraction of the one above;")
        for layers in range(1, 11):
            await tour.press("→")
            norms = [float(row[1].replace("−", "-")) for row in rows()[:layers]]
            assert [row[0] for row in rows()] == [str(layer) for layer in range(10, 0, -1)]
            assert all(below < 0.5 * above for above, below in pairwise(norms))
            assert [row[1] for row in rows()[layers:]] == ["·"] * (10 - layers)
        bars = [len(row[3]) for row in rows()]
        assert bars == sorted(bars, reverse=True)
        tour.says("after the update its gauge says moderate at the top and small below.")
        await tour.hold("→×10")
        gauges = [row[2] for row in rows()]
        assert (gauges[0], gauges[-1]) in [("moderate", "small"), ("mod.", "small")]
        assert gauges == sorted(gauges, key=["large", "mod.", "moderate", "small"].index)
        tour.says("`?` has the lesson that says why.")
        await tour.press("? tab")
        await tour.sees("[Lesson]")


@at_the_smallest
async def test_real_digits(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(5, "digits", size, monkeypatch, tmp_path) as tour:
        tour.says("**5. Real digits.** `backprop-tui digits`, press `+` until the line below says full speed,")
        for _ in range(20):
            if not missing(["- full speed"], visible(tour.pilot.app)):
                break
            await tour.press("+")
        await tour.sees("- full speed")
        tour.says("then `space`:")
        await tour.press("space")
        await until(lambda: screen_of(tour.pilot).session.step >= 10)
        await tour.press("space")
        tour.says("101,770 parameters")
        await tour.reads("weights", "101,770 parameters")
        tour.says("on 2,000 real handwritten digits.")
        async with tour.large("data"):
            await tour.press("m×5")
            await tour.reads("data", "2,000 to train on")
            await tour.press("m")
        tour.says("`w` shows the weights as pictures, maps or numbers, these with arrows that say which way the update")
        tour.says(
            "moves them, lists them by |∂ℒ/∂w|, and has maps of all gradients and of what the step adds to each weight;"
        )
        tour.says("the frame says which view is on.")
        async with tour.large("weights"):
            for view, stands in (
                ("heatmaps", "W⁽¹⁾ unit 1/128"),
                ("numbers", "↑ ↓ the way this step's update moves each"),
                ("sensitivity", "|∂ℒ/∂w|"),
                ("gradients", "dW⁽¹⁾ unit 1/128"),
                ("nudges", "this step moves"),
            ):
                await tour.sees(f"w: {view} ")
                await tour.reads("weights", stands)
                await tour.press("w")
        tour.says("*Data* shows a digit with its ten probabilities;")
        async with tour.large("data"):
            bars = re.findall(r"\b([0-9]) [█▉▊▋▌▍▎▏]* +[<0-9.e−-]+$", text(tour.pilot, "data"), re.MULTILINE)
            assert bars == list("0123456789")
            tour.says("`m` shows there the digits as the hidden layer sees them, which are taken for which,")
            await tour.press("m")
            await tour.reads("data", "layer 1: ", "A 0  B 1  C 2" if size != SIZES[0] else "A0 B1 C2")
            await tour.press("m")
            await tour.reads("data", "confusion, test part", "accuracy")
            tour.says("recall and precision of each,")
            await tour.press("m")
            await tour.reads("data", "recall", "precision")
            if size != SIZES[0]:
                await tour.reads("data", "row: truth, column: answer")
            tour.says("and the digits that are most wrong, which `enter` puts into the spotlight.")
            await tour.press("m")
            await tour.reads("data", "most wrong first: 1 of 2,500")
            chosen = re.search(r"▸ +([0-9,]+) train", text(tour.pilot, "data"))
            assert chosen
            await tour.press("enter")
            await tour.sees(f"in the spotlight: example {chosen[1]} of the training set")


@at_three_sizes
async def test_why_and_what_helps(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(6, "vanishing", size, monkeypatch, tmp_path) as tour:
        await tour.press(': "20" enter')
        tour.says("**6. Why, and what helps.** In `vanishing`, `v` shows the gradient's paths,")
        await tour.press("v")
        await tour.reads("chain-rule", "path · step 20 finished", "the sum of 107,374,182,400 paths")
        tour.says("which factor of which layer made it small,")
        await tour.press("v")
        await tour.reads("chain-rule", "decay · step 20 finished", "What pulled most that way: slopes of sigmoid")
        tour.says("and what slopes leave of it at any depth;")
        await tour.press("v")
        await tour.reads("chain-rule", "depth · step 20 finished", "Depth 9 (↑ ↓), σ: at best 0.25⁹ = 3.81470e-06")
        tour.says("`d` has the diagnosis, where what may help is tried while you read,")
        await tour.press("d")
        await tour.sees("vanishing gradient, layer 1: found in step 3", "trying what helps")
        tour.says("and `enter` on a remedy starts the cured network beside the sick one, in lockstep.")
        await tour.press("tab enter")
        await tour.sees("╭─ Compare", "step 20 ‖ paused", "A vanishing (in view)", "▸B ReLU + He")


@at_three_sizes
async def test_what_if(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(7, "first-steps", size, monkeypatch, tmp_path) as tour:
        await tour.press(': "5" enter')
        tour.says("**7. What if.** `e` opens the settings beside the panes:")
        await tour.press("e")
        await tour.sees("╮╭─ Settings ─")
        tour.says("any setting, layer, feature or data set, changed while you watch,")
        await tour.reads("settings", "learning_rate 0.5 − +", "From step 6 on, a change goes on with this run")
        tour.says("and the run goes on with it, playing or not;")
        await tour.press("↓×2 +")
        await tour.reads("settings", "▸ learning_rate 1 − +")
        assert len(screen_of(tour.pilot).branches) == 1
        tour.says("where you have gone back that is a branch, and the run before is still there.")
        await tour.press("u escape ← e")
        await tour.reads("settings", "From step 5 on, a change starts a branch")
        await tour.press("+")
        await tour.sees("run 2 of 2: after step 4:")
        tour.says("`u` undoes, `U` does it again.")
        await tour.press("u")
        await tour.reads("settings", "▸ learning_rate 0.5 − +")
        await tour.press("U")
        await tour.reads("settings", "▸ learning_rate 1 − +")
        await tour.press("u escape end")
        await tour.reads("chain-rule", "step 5 finished")
        tour.says("In *Chain rule*, `v` comes to *what if*,")
        for _ in range(10):
            if text(tour.pilot, "chain-rule").startswith("what if"):
                break
            await tour.press("v")
        assert text(tour.pilot, "chain-rule").startswith("what if")
        tour.says("where `,` and `.` slide the value of the spotlight's weight and the loss follows;")
        slid = []
        for key in ("", ".", ".", ",", ","):
            await tour.press(key)
            found = re.search(r"W⁽¹⁾₁,₁ = ([0-9.]+) .*ℒ = ([0-9.]+)", text(tour.pilot, "chain-rule"))
            assert found
            slid.append((float(found[1]), float(found[2])))
        assert slid[0][0] < slid[1][0] < slid[2][0]
        assert slid[0][1] > slid[1][1] > slid[2][1]
        assert slid[3] == slid[1]
        tour.says("in *Loss*, `L` shows the loss over two parameters as a map, with the way that the run has taken,")
        await tour.goes_to("loss")
        await tour.press("L")
        await tour.reads("loss", "W⁽¹⁾₁,₁ →", "W⁽¹⁾₁,₂ ↑", "O now 0.020400", "S start")
        tour.says("then along its gradient and a random direction.")
        await tour.press("L")
        await tour.reads("loss", "−∇ℒ →", "random", "O now 0.020400", "S start")
        tour.says("Of its curve `,` and `.` show more or fewer steps, `[` and `]` earlier or later ones,")
        await tour.press("L .")
        await tour.reads("loss", "step 3")
        await tour.press("[")
        await tour.reads("loss", "step 2")
        await tour.press(",")
        await tour.reads("loss", "step 1")
        tour.says("`M` chooses the mean, and `O` lays other runs over it.")
        await tour.press("M")
        await tour.sees("the loss of every step as it is")
        await tour.press('r : "5" enter O')
        await tour.sees("laid over: A last run")
        tour.says("`g` checks the gradient by central differences,")
        await tour.press("g")
        await tour.sees("PASSED all 9 entries")
        await tour.press("escape")
        tour.says("`p` lets you predict the next number before it is shown,")
        await tour.press("p")
        await tour.sees("Predict the next number", "= ?")
        await tour.press("escape")
        tour.says("`b` sets breakpoints,")
        await tour.press("b enter")
        await tour.sees("▸ on loss rises")
        await tour.press("escape")
        tour.says("`s` shows the code that computed what is on the screen")
        await tour.press("s")
        await tour.sees("core/")
        tour.says("and, with `tab`, the step in PyTorch, run beside it where that is installed;")
        await tour.press("tab")
        await tour.sees("import torch")
        await tour.press("escape")
        for key, what in (("x", "takes the worked solution home"), ("W", "the weights"), ("X", "the run as a preset")):
            tour.says(f"`{key}` {what},")
            files = len(list(tmp_path.iterdir()))
            await tour.press(f"{key} enter")
            await until(partial(has_more, tmp_path, files))
        tour.says("and `C` lists all that can be taken out, for a file or the clipboard.")
        await tour.press("C")
        await tour.sees("URL of TensorFlow Playground", "picture of the screen", "to a file", "to the clipboard")
        await tour.press("c")
        await tour.sees("sent to the terminal's clipboard")
        await tour.press("escape")


@at_three_sizes
async def test_the_rest(size: tuple[int, int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    async with walked(8, "first-steps", size, monkeypatch, tmp_path) as tour:
        tour.says("`i` opens the lesson beside the pane that it is about,")
        await tour.press("i")
        assert tour.pilot.app.screen.query_one("#lesson").display
        assert tour.pilot.app.screen.query_one("#chain-rule").display
        tour.says("`o` another preset,")
        await tour.press('o "moons" enter')
        await tour.sees("before the first op of step 1")
        assert screen_of(tour.pilot).session.preset.id == "moons"
        tour.says("`?` help and the glossary;")
        await tour.press("?")
        await tour.sees("[This screen] Lesson Glossary Keys")
        await tour.press("escape")
        tour.says("`q` quits.")
        await tour.pilot.press("q")
        await until(lambda: tour.pilot.app.return_code == 0)
        tour.says("`backprop-tui tour` is a guided tour.")
        tour.says(
            "[docs/articles.md](docs/articles.md) has what five articles say, sentence by sentence, with the keys"
        )
        tour.says("that show it.")
        tour.says("`ctrl+z` stops the program as it does any other, and `fg` goes on with it.")
