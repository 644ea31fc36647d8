"""A list that may be long, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import discord

from bot.target import JobMessage, acknowledge
from bot.ui.base import BaseView
from bot.ui.buttons import BaseButton
from utils.language import phrase

T = TypeVar("T")

_TIMEOUT = 300.0

Draw = Callable[[int, int], Awaitable[dict[str, Any]]]
"""Makes a page, as `JobMessage.edit` takes it, of its number from 0 and the number of pages."""


class Pages(BaseView):
    """A list and, where it is long, the buttons that turn its pages.

    Args:
        total: how many items there are.
        size: how many of them are on a page.
        draw: makes a page when it is turned to.
    """

    def __init__(self, interaction: discord.Interaction[Any], total: int, size: int, draw: Draw) -> None:
        super().__init__(interaction, timeout=_TIMEOUT)
        self._draw = draw
        self._page = 0
        self._pages = max(1, -(-total // size))
        self._content: dict[str, Any] = {}
        self._turning = asyncio.Lock()
        self._previous = self._turner("previous", phrase("Previous"), -1)
        self._next = self._turner("next", phrase("Next"), 1)
        if self._pages > 1:
            self.add_item(self._previous)
            self.add_item(self._next)

    async def open(self) -> None:
        """Draw the page, and put it into the answer."""
        self._content = await self._draw(self._page, self._pages)
        self._previous.disabled = self._page == 0
        self._next.disabled = self._page == self._pages - 1
        await super().open()

    def content(self) -> dict[str, Any]:
        return self._content

    def _turner(self, name: str, label: str, step: int) -> BaseButton:
        async def turn(interaction: discord.Interaction[Any]) -> None:
            await acknowledge(interaction, thinking=False)
            async with self._turning:
                self._message = JobMessage.of(interaction)  # its token lives longer
                self._page = min(max(self._page + step, 0), self._pages - 1)
                await self.open()

        return BaseButton(label=label, custom_id=self.custom_id(name), on_click=turn)


def drawn(items: Sequence[T], size: int, render: Callable[[Sequence[T], int, int], discord.Embed]) -> Draw:
    """Draws pages of items that are at hand.

    Args:
        render: makes the embed of some of them; takes them, the page from 0, and the number of pages.
    """

    async def draw(page: int, pages: int) -> dict[str, Any]:
        return {"embed": render(items[page * size : (page + 1) * size], page, pages)}

    return draw
