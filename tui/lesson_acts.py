"""What the links of a lesson do to the screen beside it."""

from backprop_tui.core.lessons.action import Action, count_of, place_of, require, spotlight_of
from backprop_tui.core.preset.schema import PresetError
from backprop_tui.tui.pages.compare import comparison_in_view
from backprop_tui.tui.panes.same_place import in_layer
from backprop_tui.tui.running.run_screen import RunScreen


async def act(screen: RunScreen, action: Action) -> None:
    """Do what a link says; where it leads nowhere, say so."""
    try:
        await follow(screen, action)
    except PresetError as problem:
        screen.notice = str(problem)
        screen.show_all()


async def follow(screen: RunScreen, action: Action) -> None:
    """Do what a link says. Raises PresetError where it leads nowhere."""
    if action.kind in ("step", "op", "spotlight", "variant"):
        go_over(screen, action)
    match action.kind:
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


def go_over(screen: RunScreen, action: Action) -> None:
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


async def press(screen: RunScreen, action: Action) -> None:
    """What a key does. Raises PresetError for a key that does nothing here."""
    bound = screen.active_bindings
    require(action.key, list(bound), "key", place_of(action, screen.session.preset))
    found = bound[action.key]
    await screen.app.run_action(found.binding.action, default_namespace=found.node)
