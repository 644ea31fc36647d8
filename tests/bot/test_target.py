"""Which message an answer is, and by which right it is written to."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import InteractionResponseType as Answer

from bot.target import JobMessage
from tests.bot.test_progress import refusal


def interaction(kind: Answer | None = None, *, minutes: float = 15, **more: Any) -> Any:
    return SimpleNamespace(
        id=1,
        response=SimpleNamespace(type=kind),
        message=SimpleNamespace(id=5),
        expires_at=discord.utils.utcnow() + timedelta(minutes=minutes),
        channel_id=7,
        **more,
    )


@pytest.mark.parametrize(
    ("kind", "message_id"),
    [
        (Answer.deferred_message_update, 5),
        (Answer.message_update, 5),
        (Answer.deferred_channel_message, None),
        (Answer.channel_message, None),
        (Answer.modal, None),
        (None, None),
    ],
)
def test_a_clicked_message_is_the_answer_only_where_the_click_changes_it(
    kind: Answer | None, message_id: int | None
) -> None:
    assert JobMessage(interaction(kind)).id == message_id


def test_a_channel_counts_its_edits_once_the_token_is_dead() -> None:
    assert JobMessage(interaction()).lane is None
    assert JobMessage(interaction(minutes=0)).lane == 7


@pytest.mark.parametrize(("status", "code"), [(401, 0), (401, 50027), (404, 10015)])
async def test_a_token_that_discord_no_longer_knows_is_dead(status: int, code: int) -> None:
    tried: list[str] = []

    async def by_token(**fields: Any) -> None:
        tried.append("token")
        raise refusal(discord.HTTPException, status, code)

    async def as_bot(**fields: Any) -> Any:
        tried.append("bot")
        return SimpleNamespace(id=5)

    channel = SimpleNamespace(get_partial_message=lambda message_id: SimpleNamespace(edit=as_bot))
    client = SimpleNamespace(get_partial_messageable=lambda *args, **options: channel)
    message = JobMessage(
        interaction(Answer.message_update, edit_original_response=by_token, client=client, guild_id=None)
    )
    await message.edit(content="a")
    await message.edit(content="b")
    assert tried == ["token", "bot", "bot"]
    assert message.lane == 7


async def test_another_refusal_is_the_callers() -> None:
    async def by_token(**fields: Any) -> None:
        raise refusal(discord.NotFound, 404, 10008)

    with pytest.raises(discord.NotFound):
        await JobMessage(interaction(edit_original_response=by_token)).edit(content="a")


async def test_files_are_left_as_they_are_unless_others_are_given() -> None:
    seen: list[dict[str, Any]] = []

    async def by_token(**fields: Any) -> Any:
        seen.append(fields)
        return SimpleNamespace(id=5)

    message = JobMessage(interaction(edit_original_response=by_token))
    await message.edit(content="a")
    await message.edit(content="a", files=tuple)
    assert seen == [{"content": "a"}, {"content": "a", "attachments": ()}]
