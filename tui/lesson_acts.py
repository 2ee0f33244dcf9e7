"""What the links of a lesson do to the screen beside it."""

from textual import actions

from backprop_tui.core.lessons.action import Action, count_of, place_of, require, spotlight_of
from backprop_tui.core.preset.hidden import Hidden
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.pages.compare import comparison_in_view
from backprop_tui.tui.panes.pane_target import pane_id, pane_name, set_view, targets
from backprop_tui.tui.panes.same_place import in_layer
from backprop_tui.tui.running.arrangement import LESSON, arrangement
from backprop_tui.tui.running.hiding import hidden_by, refusal

from .looking_screen import LookingScreen
from .screen_keys import KEYS


async def act(screen: LookingScreen, action: Action) -> None:
    """Do what a link says; where it leads nowhere, say so."""
    try:
        await follow(screen, action)
    except PresetError as problem:
        screen.notice = str(problem)
        screen.show_all()


async def follow(screen: LookingScreen, action: Action) -> None:
    """Do what a link says. Raises PresetError where it leads nowhere."""
    if name := link_hidden_by(screen.hide, action):
        raise PresetError(refusal(f"[{action.label}]({action.written})", name))
    if action.kind in ("step", "op", "spotlight", "variant"):
        go_over(screen, action)
        make_room(screen)
    match action.kind:
        case "pane":
            require(action.target, targets(), "pane or view", place_of(action, screen.session.preset))
            set_view(screen.view, action.target)
            screen.show_alone(pane_id(action.target), large=True)
        case "step" | "op":
            screen.go(count_of(action, screen.session))
        case "spotlight":
            screen.set_spotlight(spotlight_of(action, screen.session, screen.view.spotlight.example))
        case "key":
            await press(screen, action)
        case "glossary":
            screen.open_help(action.target)
        case "preset":
            screen.app.open_session(screen.app.load(action.target))  # type: ignore[attr-defined]


def link_hidden_by(hidden: Hidden, action: Action) -> str:
    """The name that takes away what a link leads to; "" where it is there."""
    match action.kind:
        case "key":
            bound = next((does for keys, does, _ in KEYS if action.key in keys.split(",")), "")
            _, name, parameters = actions.parse(bound)
            return hidden_by(hidden, name, parameters)
        case "pane":
            return target_hidden_by(hidden, action.target)
        case "preset":
            return hidden_by(hidden, "open")
    return ""


def target_hidden_by(hidden: Hidden, target: str) -> str:
    """The name that takes a pane or a view away, `Data/about`; "" where it is there."""
    pane = pane_name(target)
    return pane if pane in hidden else hidden.view(pane, target.partition("/")[2])


def go_over(screen: LookingScreen, action: Action) -> None:
    """Show the run that a link is about, at the same place, where it is not in view. Raises PresetError."""
    comparison, _ = comparison_in_view(screen)
    name = action.variant or comparison.runs[0].name
    if comparison.lead.name == name:
        return
    require(
        name,
        [run.name for run in comparison.runs] + comparison.offered(),
        "variant",
        place_of(action, comparison.preset),
    )
    run = next((run for run in comparison.runs if run.name == name), None) or comparison.add_variant(name)
    session, count = run.session, comparison.count_of(run)
    screen.view.spotlight = in_layer(
        screen.view.spotlight, session.trainer.layers[min(screen.view.spotlight.layer, len(session.trainer.layers)) - 1]
    )
    if session in screen.branches:
        screen.follow(session)
    else:
        screen.branch(session)
    comparison.follow(run)
    screen.go(count)


def show_beside(screen: LookingScreen, target: str) -> None:
    """Have a pane in sight beside the lesson, in the view that it is to have."""
    if target not in targets() or pane_name(target) in screen.hide:
        return
    if screen.hide.view(pane_name(target), target.partition("/")[2]):
        target = target.partition("/")[0]
    screen.about = pane_id(target)
    set_view(screen.view, target)
    screen.lay_out()


def make_room(screen: LookingScreen) -> None:
    """What a link of the lesson does is to be seen: beside it, or instead of it where there is no room for both."""
    if screen.current != LESSON:
        return
    if screen.maximised:
        screen.action_maximise()
    width, height = screen.size
    beside = arrangement(width, height, LESSON, maximised=False, side=LESSON, about=screen.about)
    if beside.panes == (LESSON,):
        screen.show_alone(screen.about or screen.main_pane, large=False)


async def press(screen: LookingScreen, action: Action) -> None:
    """What a key does. Raises PresetError for a key that does nothing here."""
    bound = screen.active_bindings
    require(action.key, list(bound), "key", place_of(action, screen.session.preset))
    found, maximised = bound[action.key], screen.maximised
    await screen.app.run_action(found.binding.action, default_namespace=found.node)
    if screen.app.screen is screen and screen.maximised == maximised:
        make_room(screen)
