"""The moving picture of the README: the app itself, key by key, drawn by the program from real runs.

    python -m tests.docs.moving_picture

writes `docs/backprop-tui.svg` anew. The app opens a preset, keys are pressed, and after each the screen is drawn as the
command *Picture of the screen as SVG* draws it. What stands in several frames at the same place stands in the file
once, with the times at which it is seen; so a film takes little more than its changes. Nobody's script runs in it and
nothing is fetched: the times are CSS. Who wants no motion, or a viewer that knows none, sees one frame that stands.
"""

import asyncio
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.cells import cell_len
from textual.strip import Strip

from backprop_tui.core.session.session import Session
from backprop_tui.tui.app import AppRequest, BackpropApp
from backprop_tui.tui.command_line.loading import load
from backprop_tui.tui.drawing.palette import DARK
from backprop_tui.tui.drawing.screen_svg import BASE, FONTS, HEIGHT, MARGIN, SIZE, WIDTH, Shapes, put, segments
from backprop_tui.tui.drawing.svg import document, number, xml

from .walk import rest

PICTURE = Path(__file__).parents[2] / "docs" / "backprop-tui.svg"
COLUMNS, LINES = 100, 30
CAPTION = 34
"""Height of what is typed, below the screen."""
BEHIND = "#121212"
"""The colour of the app where nothing stands: that of Textual's dark theme."""
PRESSED = 32
"""The column at which that stands."""
Part = tuple[int, str, str]
Span = tuple[int, int]
TITLE = "backprop-tui: one step of backpropagation, op by op, then a network that learns"


@dataclass(frozen=True)
class Scene:
    """A preset that is opened, and what is pressed then: keys, what is said of them, and for how long that is seen."""

    preset: str
    moves: tuple[tuple[tuple[str, ...], str, float], ...]


def forward(times: int, said: str, seconds: float) -> tuple[tuple[tuple[str, ...], str, float], ...]:
    return ((("right",), said, seconds),) * times


SCENES = (
    Scene(
        "first-steps",
        (
            ((), "", 2.5),
            (("1",), "1   → is one op", 1.2),
            *forward(4, "→   the next op, forward", 1.2),
            *forward(1, "→   the loss", 1.6),
            *forward(6, "→   the next op, backward", 1.6),
            *forward(2, "→   the update", 1.6),
            *forward(1, "→   the step is done: before and after", 2.5),
            ((*("left",) * 3,), "← ← ←   back, bit for bit", 2.5),
        ),
    ),
    Scene(
        "circle",
        (
            ((), "", 2.0),
            (("5",), "5   → is one epoch", 0.8),
            *((("right",) * times, " ".join("→" * times), 0.7) for times in (1, 1, 1, 2, 4, 8)),
            ((), "it has learnt the circle", 3.0),
        ),
    ),
)
STILL = 9
"""The frame that is seen where nothing moves: the gradient of the last layer's weights."""


@dataclass(frozen=True)
class Frame:
    """What is seen for so many seconds: the screen's lines, the command that opened it and what was pressed."""

    lines: Sequence[Strip]
    command: str
    pressed: str
    seconds: float

    def parts(self) -> Iterator[tuple[int, str, str]]:
        """All that it is made of: the layer it lies in, the attributes that it shares with others, and itself."""
        shapes, backgrounds = Shapes(), Shapes()
        for row, line in enumerate(self.lines):
            for x, y, text, look in segments(line, row, DARK):
                if look.background != BEHIND:
                    backgrounds.fill(look.background, (0, 0, 1, 1), x, y, cell_len(text))
                put(shapes, x, y, text, look)
        filled = (backgrounds.fills, shapes.fills, shapes.frames, shapes.dots)
        for layer, (attribute, parts) in enumerate(zip(("fill", "fill", "stroke", "stroke"), filled, strict=True)):
            for color, found in parts.items():
                yield from ((layer, f'{attribute}="{color}"', one) for one in found)
        letters = len(filled)
        for (color, attributes), words in shapes.words.items():
            yield from ((letters, f'fill="{color}"{attributes}', word) for word in words)
        y = number(LINES * HEIGHT + CAPTION / 2 + BASE / 2)
        yield letters, f'fill="{DARK.dim}"', f'<text x="0" y="{y}">$ {xml(self.command)}</text>'
        pressed = f'<text x="{PRESSED * WIDTH}" y="{y}">{xml(self.pressed)}</text>'
        yield letters, f'fill="{DARK.text}" font-weight="bold"', pressed


LAYERS = (
    'shape-rendering="crispEdges"',
    'shape-rendering="crispEdges"',
    'fill="none"',
    'stroke-width="2.4" stroke-linecap="round"',
    f'font-size="{SIZE}"',
)
"""What all of a layer has in common, from the bottom to the top: grounds, blocks, frames, dots, letters."""


async def frames() -> list[Frame]:
    """The film: every scene, key by key, when the screen is at rest."""
    found = []
    for scene in SCENES:
        preset, dataset = load(scene.preset)
        app = BackpropApp(AppRequest(scene.preset), Session(preset, dataset))
        async with app.run_test(size=(COLUMNS, LINES)) as pilot:
            for keys, said, seconds in scene.moves:
                for key in keys:
                    await pilot.press(key)
                    await rest(app)
                await rest(app)
                lines = app.screen._compositor.render_strips()
                found.append(Frame(lines, f"backprop-tui {scene.preset}", said, seconds))
    return found


def film(seen: Sequence[Frame]) -> str:
    """The frames as one SVG document that shows them one after the other, again and again."""
    groups: dict[int, dict[Span, dict[str, list[str]]]] = {layer: {} for layer in range(len(LAYERS))}
    for (layer, attributes, content), span in spans([dict.fromkeys(frame.parts()) for frame in seen]):
        groups[layer].setdefault(span, {}).setdefault(attributes, []).append(content)
    width, height = 2 * MARGIN + WIDTH * COLUMNS, 2 * MARGIN + HEIGHT * LINES + CAPTION
    edge = f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="8"'
    body = [
        f"<style>{''.join(style({span for of in groups.values() for span in of}, seen))}</style>",
        f'{edge} fill="{BEHIND}" stroke="#888" stroke-opacity=".5"/>',
        f'<g transform="translate({MARGIN} {MARGIN})">',
    ]
    for layer, common in enumerate(LAYERS):
        body.append(f"<g {common}>")
        for span, looks in sorted(groups[layer].items()):
            body.append(f'<g class="{name(span)}">' if span != (0, len(seen)) else "<g>")
            for attributes, contents in looks.items():
                joined = "".join(contents)
                body.append(
                    f"<g {attributes}>{joined}</g>" if joined[0] == "<" else f'<path {attributes} d="{joined}"/>'
                )
            body.append("</g>")
        body.append("</g>")
    told = "\n".join([*(line.text.rstrip() for line in seen[STILL].lines), f"$ {seen[STILL].command}"])
    return document(TITLE, told, [*body, "</g>"], width, height, FONTS)


def spans(seen: Sequence[dict[Part, None]]) -> Iterator[tuple[Part, Span]]:
    """Every part with the frames in a row in which it is there, from the first to behind the last; some come again."""
    for index, parts in enumerate(seen):
        for part in parts:
            if not index or part not in seen[index - 1]:
                end = next((later for later in range(index, len(seen)) if part not in seen[later]), len(seen))
                yield part, (index, end)


def name(span: Span) -> str:
    return f"f{span[0]}-{span[1]}"


def style(found: Iterable[Span], seen: Sequence[Frame]) -> Iterator[str]:
    """When each span is seen, in shares of the whole film; without motion it is the still frame that is seen."""
    total = sum(frame.seconds for frame in seen)
    begins = [100 * sum(frame.seconds for frame in seen[:index]) / total for index in range(len(seen))]
    yield f"[class]{{opacity:0;animation:{total:g}s step-end infinite}}"
    for begin, end in sorted(set(found) - {(0, len(seen))}):
        stops = {0: int(not begin), begin: 1} | ({end: 0} if end < len(seen) else {})
        keys = "".join(f"{number(begins[index])}%{{opacity:{shown}}}" for index, shown in stops.items())
        still = "opacity:1;" if begin <= STILL < end else ""
        called = name((begin, end))
        yield f".{called}{{{still}animation-name:{called}}}@keyframes {called}{{{keys}}}"
    yield "@media(prefers-reduced-motion:reduce){[class]{animation:none}}"


def main() -> int:
    with TemporaryDirectory() as folder:
        os.environ |= {"XDG_CONFIG_HOME": folder}
        text = film(asyncio.run(frames()))
    PICTURE.write_text(text, encoding="utf-8")
    print(f"{PICTURE}: {len(text.encode()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
