"""A select over any number of choices: Discord takes 25 in one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import discord

from bot.ui.buttons import BaseButton
from bot.ui.embeds import clip

PAGE = 25
_LABEL = 100


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: what it means, and how it reads."""

    value: str
    label: str
    about: str = ""


class PagedSelect:
    """Makes the select, and the buttons that turn its pages where there is more than one.

    Args:
        name: ends the custom ids; unique in a view.
        choices: at least one.
        chosen: the value that is chosen when it opens; its page is shown.
        on_choice: called with the interaction and a value.
        on_turn: called with the interaction when another page is to be shown.
    """

    def __init__(
        self,
        name: str,
        *,
        placeholder: str,
        choices: Sequence[Choice],
        chosen: str,
        on_choice: Callable[[discord.Interaction[Any], str], Awaitable[None]],
        on_turn: Callable[[discord.Interaction[Any]], Awaitable[None]],
    ) -> None:
        self._name = name
        self._placeholder = placeholder
        self._choices = choices
        self._chosen = chosen
        self._on_choice = on_choice
        self._on_turn = on_turn
        self._page = next((n // PAGE for n, choice in enumerate(choices) if choice.value == chosen), 0)

    @property
    def pages(self) -> int:
        return -(-len(self._choices) // PAGE)

    def items(self, token: str) -> list[discord.ui.Item[Any]]:
        """The select, then the two buttons if they are needed; ``token`` makes the custom ids the view's own."""
        prefix = f"setup:{token}:{self._name}"
        first = self._page * PAGE
        # A choice's value is its place: file names may be longer than the 100 characters that Discord takes.
        options = [
            discord.SelectOption(
                label=_readable(choice.label),
                value=str(n),
                description=clip(choice.about, _LABEL) or None,
                default=choice.value == self._chosen,
            )
            for n, choice in enumerate(self._choices[first : first + PAGE], first)
        ]
        pages = f" (page {self._page + 1} of {self.pages})" if self.pages > 1 else ""
        select = discord.ui.Select[Any](custom_id=prefix, placeholder=f"{self._placeholder}{pages}", options=options)

        async def choose(interaction: discord.Interaction[Any]) -> None:
            self._chosen = self._choices[int(select.values[0])].value
            await self._on_choice(interaction, self._chosen)

        select.callback = choose
        if self.pages == 1:
            return [select]
        return [select, self._turner(prefix, "Previous", -1), self._turner(prefix, "Next", 1)]

    def _turner(self, prefix: str, word: str, step: int) -> BaseButton:
        button = BaseButton(
            label=f"{word} {self._placeholder}s",
            custom_id=f"{prefix}:{word.lower()}",
            disabled=not 0 <= self._page + step < self.pages,
        )

        async def turn(interaction: discord.Interaction[Any]) -> None:
            self._page += step
            await self._on_turn(interaction)

        button.callback = turn
        return button


def _readable(label: str) -> str:
    """The end of a long file name tells more than its folders."""
    return label if len(label) <= _LABEL else "…" + label[1 - _LABEL :]
