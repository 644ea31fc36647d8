"""How an error is told, in every state of an answer."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest
from discord import InteractionResponseType as Answer
from discord import app_commands

from bot.errors import UserError, passes, report
from core.exceptions import ComfyUIError
from tests.bot.conftest import Logged
from tests.bot.test_progress import refusal


class Response:
    """What `discord.InteractionResponse` is to `report`."""

    def __init__(self, kind: Answer | None) -> None:
        self.type = kind
        self.told: list[tuple[str, str]] = []
        self.error: Exception | None = None
        self.times = 1

    def is_done(self) -> bool:
        return self.type is not None

    def way(self, name: str) -> Any:
        async def tell(*, embed: discord.Embed, **options: Any) -> None:
            if self.error is not None:
                error, self.times = self.error, self.times - 1
                self.error = error if self.times else None
                raise error
            self.told.append((name if not options.get("ephemeral") else f"{name}, to one", embed.description or ""))

        return tell

    async def send_message(self, **options: Any) -> None:
        await self.way("message")(**options)


def interaction(kind: Answer | None, *, closing: bool = False) -> Any:
    response = Response(kind)
    return SimpleNamespace(
        id=1,
        client=SimpleNamespace(closing=closing),
        user=SimpleNamespace(id=2),
        response=response,
        edit_original_response=response.way("edit"),
        followup=SimpleNamespace(send=response.way("followup")),
    )


@pytest.mark.parametrize(
    ("kind", "way"),
    [
        (None, "message, to one"),
        (Answer.deferred_channel_message, "edit"),
        (Answer.deferred_message_update, "edit"),
        (Answer.channel_message, "followup, to one"),
        (Answer.message_update, "followup, to one"),
        (Answer.modal, "followup, to one"),
    ],
)
async def test_an_owed_answer_is_replaced_and_all_else_is_between_the_two(kind: Answer | None, way: str) -> None:
    asked = interaction(kind)
    await report(asked, UserError("That is not right; do this."))
    assert asked.response.told == [(way, "That is not right; do this.")]


async def test_an_acknowledgement_that_the_bot_does_not_know_of_is_followed_up() -> None:
    asked = interaction(None)
    asked.response.error = refusal(discord.HTTPException, 400, 40060)
    await report(asked, UserError("No."))
    assert asked.response.told == [("followup, to one", "No.")]


@pytest.mark.parametrize("kind", [None, Answer.deferred_channel_message, Answer.channel_message])
@pytest.mark.parametrize("error", [refusal(discord.HTTPException, 400, 50027), ConnectionResetError(104, "reset")])
async def test_an_error_that_cannot_be_told_is_logged(kind: Answer | None, error: Exception, logged: Logged) -> None:
    asked = interaction(kind)
    asked.response.error, asked.response.times = error, 99
    await report(asked, UserError("No."))
    assert asked.response.told == []
    assert [line["sentence"] for line in logged("error not told")] == ["No."]


@pytest.mark.parametrize("kind", [Answer.deferred_channel_message, Answer.deferred_message_update])
@pytest.mark.parametrize("error", [refusal(discord.HTTPException, 429, 0), ConnectionResetError(104, "reset")])
async def test_an_answer_that_is_owed_outlasts_a_fault_of_the_moment(
    kind: Answer, error: Exception, logged: Logged
) -> None:
    asked = interaction(kind)
    asked.response.error, asked.response.times = error, 3
    await report(asked, UserError("No."))
    assert asked.response.told == [("edit", "No.")]
    assert logged("error not told") == []


async def test_a_bot_that_closes_does_not_repeat_itself(logged: Logged) -> None:
    asked = interaction(Answer.deferred_channel_message, closing=True)
    asked.response.error, asked.response.times = ConnectionResetError(104, "reset"), 2
    await report(asked, UserError("No."))
    assert asked.response.told == []
    assert len(logged("error not told")) == 1


async def test_what_only_the_operator_needs_is_in_the_log(logged: Logged) -> None:
    asked = interaction(None)
    await report(asked, ComfyUIError("ComfyUI is away; try again.", detail="ECONNREFUSED 10.0.0.1"))
    assert asked.response.told == [("message, to one", "ComfyUI is away; try again.")]
    assert [line["detail"] for line in logged("refused")] == ["ECONNREFUSED 10.0.0.1"]


async def test_the_unforeseen_is_a_reference_that_the_log_has(logged: Logged) -> None:
    asked = interaction(None)
    await report(asked, RuntimeError("secret"))
    ((_, sentence),) = asked.response.told
    (line,) = logged("unforeseen error")
    assert line["reference"] in sentence
    assert "secret" not in sentence


async def test_the_cause_of_a_commands_error_counts() -> None:
    command = app_commands.Command(name="x", description="x", callback=_nothing)
    asked = interaction(None)
    await report(asked, app_commands.CommandInvokeError(command, UserError("Do that.")))
    assert asked.response.told == [("message, to one", "Do that.")]


async def test_a_command_that_discord_has_from_earlier_is_no_mistake(logged: Logged) -> None:
    asked = interaction(None)
    await report(asked, app_commands.CommandNotFound("gone", []))
    ((_, sentence),) = asked.response.told
    assert "has changed" in sentence
    assert logged("unforeseen error") == []


async def test_where_the_place_for_the_answer_is_gone_nothing_is_tried(logged: Logged) -> None:
    asked = interaction(None)
    await report(asked, refusal(discord.NotFound, 404, 10062))
    assert asked.response.told == []
    assert len(logged("nowhere to answer")) == 1


async def test_a_sentence_formats_nothing_and_pings_nobody() -> None:
    asked = interaction(None)
    await report(asked, UserError('There is no LoRA "**x** @everyone".'))
    ((_, sentence),) = asked.response.told
    assert "**x**" not in sentence
    assert "@everyone" not in sentence


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (refusal(discord.DiscordServerError, 500, 0), True),
        (refusal(discord.DiscordServerError, 503, 0), True),
        (refusal(discord.HTTPException, 429, 0), True),
        (refusal(discord.HTTPException, 429, 30046), False),
        (refusal(discord.HTTPException, 400, 50083), False),
        (refusal(discord.HTTPException, 400, 50035), False),
        (refusal(discord.HTTPException, 413, 40005), False),
        (refusal(discord.HTTPException, 401, 0), True),
        (refusal(discord.Forbidden, 403, 50001), False),
        (refusal(discord.Forbidden, 403, 0), True),
        (refusal(discord.NotFound, 404, 10008), False),
        (refusal(discord.NotFound, 404, 0), True),
        (ConnectionResetError(104, "reset"), True),
        (aiohttp.ServerDisconnectedError(), True),
        (TimeoutError(), True),
        (FileNotFoundError(2, "gone"), False),
        (UserError("No."), False),
        (None, False),
    ],
)
def test_what_passes_is_told_from_what_is_meant(error: Exception | None, passing: bool) -> None:
    assert passes(error) is passing


@pytest.mark.parametrize("kind", [Answer.deferred_message_update, Answer.deferred_channel_message])
async def test_the_message_of_a_button_may_be_left_as_it_is(kind: Answer) -> None:
    asked = interaction(kind)
    await report(asked, UserError("No."), apart=True)
    ((way, _),) = asked.response.told
    assert way == ("edit" if kind is Answer.deferred_channel_message else "followup, to one")


async def test_while_the_bot_closes_that_is_all_there_is_to_say(logged: Logged) -> None:
    asked = interaction(None, closing=True)
    await report(asked, RuntimeError("Session is closed"))
    assert asked.response.told == [("message, to one", "The bot is restarting; try again in a minute.")]
    assert logged("unforeseen error") == []


async def _nothing(interaction: discord.Interaction) -> None:
    """A command."""
