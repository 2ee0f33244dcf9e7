"""What the link of a lesson names: a pane, such as `Data`, or a view in it, such as `Weights/nudges`."""

from backprop_tui.core.lessons.passage import TITLES

from .view import CHAIN_VIEWS, DATA_VIEWS, LOSS_VIEWS, WEIGHT_VIEWS, View

VIEWS = {
    "Weights": ("weights", WEIGHT_VIEWS),
    "Chain rule": ("chain", CHAIN_VIEWS),
    "Loss": ("loss", LOSS_VIEWS),
    "Data": ("data", DATA_VIEWS),
}
"""The panes that have views, with the attribute of the view that says which is shown."""


def targets() -> list[str]:
    """All that a link may name."""
    return [*TITLES, *(f"{title}/{name}" for title, (_, names) in VIEWS.items() for name in names)]


def pane_id(target: str) -> str:
    """The id of the pane that is named; "" for none."""
    return target.partition("/")[0].lower().replace(" ", "-")


def pane_name(target: str) -> str:
    """The pane that is named, as it is called where it is hidden: `chain_rule`."""
    return pane_id(target).replace("-", "_")


def set_view(view: View, target: str) -> None:
    """Show the view that is named, if one is, in its pane."""
    title, _, name = target.partition("/")
    if not name:
        return
    attribute, _ = VIEWS[title]
    if attribute == "chain" and view.chain != name:
        view.factor, view.wanted = 0, None
    setattr(view, attribute, name)
