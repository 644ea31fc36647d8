"""Which of the pictures in a message is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.errors import admitted, report
from bot.menus.subject import find_subject
from bot.ui import embeds
from bot.ui.embeds import tail
from bot.ui.limits import MOST_OPTIONS, OPTION_LENGTH
from utils.language import phrase, say

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from bot.menus import Menu
    from bot.shown import Source

_QUESTION = phrase("There are several pictures in that message; choose one.")


async def ask(interaction: discord.Interaction[ComfyUIBot], menu: Menu, source: Source, places: Sequence[int]) -> None:
    """Answer with a list of the pictures that only the asker sees."""
    view = discord.ui.View(timeout=None)
    view.add_item(PicturePick.over(menu.key, source, places))
    await interaction.response.send_message(embed=embeds.notice(_QUESTION), view=view, ephemeral=True)
    view.stop()  # the select's custom id says all that it needs


class PicturePick(
    discord.ui.DynamicItem[discord.ui.Select[Any]],
    template=r"discomfy:1:pick:(?P<menu>[a-z]+):(?P<channel>[0-9]{1,20}):(?P<message>[0-9]{1,20})",
):
    """A list of the pictures of a message; choosing one goes on with the menu."""

    def __init__(self, select: discord.ui.Select[Any], match: re.Match[str]) -> None:
        self._menu = match["menu"]
        self._channel, self._message = int(match["channel"]), int(match["message"])
        super().__init__(select)

    @classmethod
    def over(cls, key: str, source: Source, places: Sequence[int]) -> discord.ui.Select[Any]:
        """The list as it is shown."""
        options = [
            discord.SelectOption(
                label=say("Picture {number}", number=number), value=str(place), description=_described(source, place)
            )
            for number, place in enumerate(places[:MOST_OPTIONS], 1)
        ]
        custom_id = f"discomfy:1:pick:{key}:{source.channel_id}:{source.message_id}"
        return discord.ui.Select[Any](custom_id=custom_id, placeholder=say("Picture"), options=options)

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction[Any], item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        assert isinstance(item, discord.ui.Select)
        return cls(item, match)

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        return await admitted(interaction)

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        from bot.menus import MENUS

        try:
            interaction.message = None  # a question is no private result: what comes of its answer is for everybody
            place = int(self.item.values[0])
            subject = await find_subject(interaction.client, self._channel, self._message, place)
            await MENUS[self._menu].act(interaction, subject)
        except Exception as exc:  # noqa: BLE001 - discord.py swallows what a dynamic item raises
            await report(interaction, exc, apart=True)


def _described(source: Source, place: int) -> str:
    return tail(source.files[place].filename, OPTION_LENGTH)
