"""A list that may be long, page by page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

import discord

from bot.ui.base import BaseView
from bot.ui.buttons import BaseButton

T = TypeVar("T")

_TIMEOUT = 300.0

Render = Callable[[Sequence[T], int, int], discord.Embed]
"""Makes the embed of some items; takes them, the page from 0, and the number of pages."""


class Pages(BaseView, Generic[T]):
    """A list and, where it is long, the buttons that turn its pages.

    Args:
        size: how many items are on a page.
    """

    def __init__(self, interaction: discord.Interaction[Any], items: Sequence[T], size: int, render: Render[T]) -> None:
        super().__init__(interaction, timeout=_TIMEOUT)
        self._items = items
        self._size = size
        self._render = render
        self._page = 0
        self._pages = max(1, -(-len(items) // size))
        self._previous = self._turner("Previous", -1)
        self._next = self._turner("Next", 1)
        self._arrange()
        if self._pages > 1:
            self.add_item(self._previous)
            self.add_item(self._next)

    def embed(self) -> discord.Embed:
        first = self._page * self._size
        return self._render(self._items[first : first + self._size], self._page, self._pages)

    def _arrange(self) -> None:
        self._previous.disabled = self._page == 0
        self._next.disabled = self._page == self._pages - 1

    def _turner(self, label: str, step: int) -> BaseButton:
        async def turn(interaction: discord.Interaction[Any]) -> None:
            self._page = min(max(self._page + step, 0), self._pages - 1)
            self._arrange()
            await self.show(interaction)

        return BaseButton(label=label, custom_id=self.custom_id(label.lower()), on_click=turn)
