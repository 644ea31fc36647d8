"""A select over any number of choices: Discord takes 25 in one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import discord

from bot.errors import UserError
from bot.ui.buttons import BaseButton, OnClick
from bot.ui.embeds import clip, one_line, tail
from bot.ui.limits import MOST_OPTIONS, OPTION_LENGTH
from utils.language import phrase, say, told

_PLACEHOLDER = 150
_CHANGED = phrase("That list has changed meanwhile; choose again.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: what it means (None is a meaning too), and how it reads."""

    value: str | None
    label: str
    about: str = ""


class PagedSelect:
    """Makes the select, and the buttons that turn its pages where there is more than one.

    Args:
        name: of the select and the beginning of the buttons'; unique in a view.
        placeholder: what it is a list of.
        turns: what the buttons say that lead back and on.
        choices: at least one.
        chosen: the values that are chosen when it opens; the page of the first one is shown.
        on_choice: called with the interaction and what is chosen now, on all pages, in the order of choosing.
        on_turn: called with the interaction when another page is to be shown.
        most: how many choices there may be; with more than one, there may be none as well.

    Attributes:
        chosen: the values that are chosen.
    """

    def __init__(
        self,
        name: str,
        *,
        placeholder: str,
        turns: tuple[str, str],
        choices: Sequence[Choice],
        chosen: Iterable[str | None],
        on_choice: Callable[[discord.Interaction[Any], list[str | None]], Awaitable[None]],
        on_turn: OnClick,
        most: int = 1,
    ) -> None:
        self.chosen = list(chosen)
        self._name = name
        self._placeholder = placeholder
        self._turns = turns
        self._choices = choices
        self._most = most
        self._on_choice = on_choice
        self._on_turn = on_turn
        self._page = next((n // MOST_OPTIONS for n, choice in enumerate(choices) if choice.value in self.chosen[:1]), 0)

    @property
    def pages(self) -> int:
        return -(-len(self._choices) // MOST_OPTIONS)

    def items(self, custom_id: Callable[[str], str]) -> list[discord.ui.Item[Any]]:
        """The select, then the two buttons if they are needed; ``custom_id`` makes a name the view's own."""
        first = self._page * MOST_OPTIONS
        # A choice's value is its place: file names may be longer than the 100 characters that Discord takes. A bot that
        # was started anew may have other choices.
        options = [
            discord.SelectOption(
                label=tail(choice.label, OPTION_LENGTH),
                value=_place(n, choice),
                description=clip(one_line(choice.about), OPTION_LENGTH) if choice.about.strip() else None,
                default=choice.value in self.chosen,
            )
            for n, choice in enumerate(self._choices[first : first + MOST_OPTIONS], first)
        ]
        named = told(self._placeholder)
        if self.pages > 1:
            named = say("{name} (page {page} of {pages})", name=named, page=self._page + 1, pages=self.pages)
        select = discord.ui.Select[Any](
            custom_id=custom_id(self._name),
            placeholder=clip(named, _PLACEHOLDER),
            options=options,
            min_values=int(self._most == 1),
            max_values=min(self._most, len(options)),
        )
        shown = [choice.value for choice in self._choices[first : first + MOST_OPTIONS]]

        async def choose(interaction: discord.Interaction[Any]) -> None:
            if not all(map(self._is_here, select.values)):
                await self._on_turn(interaction)
                raise UserError(_CHANGED)
            picked = [self._choices[int(place.partition(".")[0])].value for place in select.values]
            elsewhere = [value for value in self.chosen if value not in shown] if self._most > 1 else []
            kept = [value for value in self.chosen if value in elsewhere or value in picked]
            await self._on_choice(interaction, kept + [value for value in picked if value not in kept])

        select.callback = choose
        if self.pages == 1:
            return [select]
        back, on = self._turns
        return [select, self._turner(custom_id, "previous", back, -1), self._turner(custom_id, "next", on, 1)]

    def _is_here(self, place: str) -> bool:
        number = int(place.partition(".")[0])
        return number < len(self._choices) and _place(number, self._choices[number]) == place

    def _turner(self, custom_id: Callable[[str], str], name: str, label: str, step: int) -> BaseButton:
        async def turn(interaction: discord.Interaction[Any]) -> None:
            self._page = min(max(self._page + step, 0), self.pages - 1)  # a second click may come on an old page
            await self._on_turn(interaction)

        return BaseButton(
            label=label,
            custom_id=custom_id(f"{self._name}:{name}"),
            disabled=not 0 <= self._page + step < self.pages,
            on_click=turn,
        )


def _place(number: int, choice: Choice) -> str:
    """A choice's place in the list, and what tells it from another one there."""
    return f"{number}.{crc32(repr(choice.value).encode()):x}"
