"""A text field on a page that has keys of its own."""

from collections.abc import Callable

from textual.widgets import Input


class Field(Input):
    """Tells `enter` what stands in it, at once: a message would be overtaken by the keys that come in the same read.

    It leaves the keys in `left` to the page; Textual holds every printable key back for the text.
    """

    def __init__(
        self,
        enter: Callable[[str], object],
        value: str = "",
        placeholder: str = "",
        id: str | None = None,
        left: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(value, placeholder, id=id)
        self.enter, self.left = enter, left

    async def action_submit(self) -> None:
        self.enter(self.value)

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return key not in self.left and super().check_consume_key(key, character)
