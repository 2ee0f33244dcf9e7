"""The moving picture in the README is what the app draws today, and every frame of it is seen when it should be."""

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from .moving_picture import PICTURE, STILL, Frame, film, frames, name, spans, style

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
MOST = 300_000
"""Bytes that somebody who looks at the README is asked to fetch."""
WRITTEN_ANEW = "docs/backprop-tui.svg is not what the app draws: python -m tests.docs.moving_picture writes it anew"
parts_of_frames = st.lists(st.sets(st.integers(0, 5)), min_size=1, max_size=8)


async def test_it_is_what_the_app_draws() -> None:
    found = await frames()
    assert "dW⁽²⁾₁,₁ = dZ⁽²⁾₁,₁ · A⁽¹⁾₁,₁" in "\n".join(line.text for line in found[STILL].lines)
    last = "\n".join(line.text for line in found[-1].lines)
    accuracies = [float(one) for one in re.findall(r"(?:train|test) +[\d.]+ acc ([\d.]+)", last)]
    assert len(accuracies) == 2
    assert min(accuracies) > 0.95, "the film says that the circle is learnt"
    assert film(found) == PICTURE.read_text(encoding="utf-8"), WRITTEN_ANEW


def test_it_is_small_and_fetches_and_runs_nothing() -> None:
    text = PICTURE.read_text(encoding="utf-8")
    assert len(text.encode()) < MOST
    root = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == DRAWN
    assert not re.findall(r"href|url\(|@import|\bon\w+=", text)
    assert PICTURE.relative_to(ROOT).as_posix() in re.findall(r"!\[[^\]]+\]\((.+?)\)", (ROOT / "README.md").read_text())


def seen_at(css: str, span: tuple[int, int], share: float) -> bool:
    """Whether the group of a span is seen so far into the film, by the rules of the file."""
    if not (rule := re.search(rf"@keyframes {name(span)}\{{((?:[\d.]+%\{{opacity:[01]\}})+)\}}", css)):
        return True
    stops = [(float(at), shown == "1") for at, shown in re.findall(r"([\d.]+)%\{opacity:([01])\}", rule[1])]
    assert [at for at, _ in stops] == sorted({at for at, _ in stops})
    assert stops[0][0] == 0
    return [shown for at, shown in stops if at <= share][-1]


@settings(max_examples=50)
@given(parts_of_frames, st.data())
def test_in_every_frame_its_parts_are_seen_and_no_others(parts: list[set[int]], data: st.DataObject) -> None:
    seconds = data.draw(st.lists(st.sampled_from([0.5, 1.0, 2.5]), min_size=len(parts), max_size=len(parts)))
    seen = [dict.fromkeys((0, "", str(part)) for part in frame) for frame in parts]
    placed = list(spans(seen))
    css = "".join(style({span for _, span in placed}, [Frame([], "", "", one) for one in seconds]))
    for index, frame in enumerate(seen):
        share = 100 * (sum(seconds[:index]) + seconds[index] / 2) / sum(seconds)
        assert sorted(part for part, span in placed if seen_at(css, span, share)) == sorted(frame)


def test_who_wants_no_motion_sees_the_frame_that_stands() -> None:
    css = "".join(style({(0, STILL), (STILL, STILL + 1), (0, 20), (STILL + 1, 20)}, [Frame([], "", "", 1.0)] * 20))
    assert css.startswith("[class]{opacity:0;")
    assert css.endswith("@media(prefers-reduced-motion:reduce){[class]{animation:none}}")
    assert re.findall(r"\.(f[\d-]+)\{opacity:1;", css) == [name((STILL, STILL + 1))]
