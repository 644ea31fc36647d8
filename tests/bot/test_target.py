"""Which message an answer is, and by which right it is written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import InteractionResponseType as Answer

from bot.target import JobMessage, origin_of
from core.jobs.models import Origin
from tests.bot.conftest import Stage
from tests.bot.test_progress import acknowledged


def interaction(kind: Answer | None = None, **extras: int) -> Any:
    return SimpleNamespace(
        response=SimpleNamespace(type=kind),
        message=SimpleNamespace(id=5, flags=discord.MessageFlags()),
        is_user_integration=lambda: False,
        expires_at=discord.utils.utcnow() + timedelta(minutes=15),
        channel_id=7,
        guild_id=8,
        application_id=9,
        token="token",
        filesize_limit=10,
        locale=discord.Locale.german,
        extras=extras,
    )


def message(*, minutes: float = 15, **changes: Any) -> JobMessage:
    bot: Any = SimpleNamespace(get_guild={8: SimpleNamespace(filesize_limit=50)}.get)
    ends = discord.utils.utcnow() + timedelta(minutes=minutes)
    return JobMessage(bot, replace(Origin(7, 8, 5, 9, "token", ends, 10), **changes))


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
    assert origin_of(interaction(kind)).message_id == message_id
    assert origin_of(interaction(kind, answer=6)).message_id == 6


def test_an_origin_is_all_that_is_needed_later() -> None:
    asked = interaction(Answer.message_update)
    assert origin_of(asked) == Origin(7, 8, 5, 9, "token", asked.expires_at, 10, locale="de")


def test_what_only_one_user_sees_is_the_tokens_alone() -> None:
    asked = interaction(Answer.message_update)
    asked.message.flags.ephemeral = True
    assert (origin_of(asked).private, origin_of(asked).fleeting) == (True, True)
    assert message(fleeting=True).reachable
    assert not message(minutes=0, fleeting=True).reachable
    assert message(minutes=0).reachable


@pytest.mark.parametrize(
    ("guild", "user", "dm", "fleeting"),
    [(True, False, False, False), (True, True, False, False), (False, True, False, True), (False, True, True, False)],
    ids=["server", "server and user", "brought along", "the bot's own direct messages"],
)
def test_where_the_bot_itself_is_not_it_has_the_token_only(guild: bool, user: bool, dm: bool, fleeting: bool) -> None:
    asked = interaction(Answer.deferred_channel_message)
    asked.is_guild_integration, asked.is_user_integration = lambda: guild, lambda: user
    asked.context = SimpleNamespace(dm_channel=dm)
    assert (origin_of(asked).fleeting, origin_of(asked).private) == (fleeting, False)


def test_a_channel_counts_its_edits_once_the_token_is_dead() -> None:
    assert message().lane is None
    assert message(minutes=0).lane == 7
    assert message(token=None).lane == 7


def test_a_files_limit_is_the_guilds_once_the_token_is_dead() -> None:
    assert message().filesize_limit == 10
    assert message(minutes=0).filesize_limit == 50
    assert message(minutes=0, guild_id=None).filesize_limit == 10 * 1024 * 1024
    assert message(minutes=0, guild_id=1).filesize_limit == 10 * 1024 * 1024


def test_a_message_is_old_before_discord_takes_it_for_old() -> None:
    ages = [
        message(message_id=discord.utils.time_snowflake(discord.utils.utcnow() - timedelta(minutes=minutes))).old
        for minutes in (1, 49, 51, 600)
    ]
    assert ages == [False, False, True, True]
    assert not message(message_id=None).old


@pytest.mark.integration
async def test_an_acknowledgement_tells_which_message_it_is(stage: Stage) -> None:
    message_id = (await stage.picture()).id
    job = await stage.told()
    assert job.origin is not None
    assert job.origin.message_id == message_id
    assert stage.discord.requests_to("GET", "/webhooks/*") == []


@pytest.mark.integration
async def test_a_limit_of_the_moment_does_not_keep_a_user_waiting_for_nothing(stage: Stage) -> None:
    fault = stage.discord.faults.rate_limit(0.1, "POST", "/interactions/*", via=False, times=2)
    asked = await stage.generate(prompt="a fox")
    await asked.answered()
    assert fault.hits == 2


@pytest.mark.integration
async def test_where_it_did_not_discord_is_asked(stage: Stage) -> None:
    reply, asked = await acknowledged(stage)
    origin = origin_of(asked)
    assert origin.message_id is None
    found = JobMessage(stage.bot, origin)
    assert await found.locate() == reply.message.id
    await found.edit(content="a")
    assert reply.message.content == "a"
    assert len(stage.discord.requests_to("GET", "/webhooks/*")) == 1


@pytest.mark.integration
@pytest.mark.parametrize("way", ["time", "unknown", "refused"])
async def test_a_token_that_discord_no_longer_knows_is_dead(stage: Stage, way: str) -> None:
    reply, asked = await acknowledged(stage)
    origin = replace(origin_of(asked), message_id=reply.message.id)
    if way == "time":
        stage.discord.clock.advance(16 * 60)
    elif way == "unknown":
        origin = replace(origin, token="another")
    else:
        stage.discord.faults.status(401, "PATCH", "/webhooks/*", times=1)
    target = JobMessage(stage.bot, origin)
    await target.edit(content="a")
    await target.edit(content="b")
    assert reply.message.content == "b"
    assert [len(stage.discord.requests_to("PATCH", path)) for path in ("/webhooks/*", "/channels/*")] == [1, 2]
    assert not target.has_token


@pytest.mark.integration
async def test_another_refusal_is_the_callers(stage: Stage) -> None:
    reply, asked = await acknowledged(stage)
    target = JobMessage(stage.bot, replace(origin_of(asked), message_id=reply.message.id))
    stage.discord.world.delete(reply.message)
    with pytest.raises(discord.NotFound):
        await target.edit(content="a")
    assert target.has_token


@pytest.mark.integration
async def test_files_are_left_as_they_are_unless_others_are_given(stage: Stage, png: bytes) -> None:
    from io import BytesIO

    reply, asked = await acknowledged(stage)
    target = JobMessage(stage.bot, origin_of(asked))
    for minutes in (0, 16):
        stage.discord.clock.advance(minutes * 60)
        await target.edit(content="a", files=lambda: [discord.File(BytesIO(png), "a.png")])
        await target.edit(content="b")
        assert [file.filename for file in reply.message.attachments] == ["a.png"]
        await target.edit(content="c", files=tuple)
        assert reply.message.attachments == ()
