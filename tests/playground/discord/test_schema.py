"""Bodies and answers against an API description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from playground.discord import DiscordServer, Upload
from playground.discord.schema import Schema
from tests.playground.discord.conftest import OPENAPI
from tests.playground.discord.puppet import Ask, Raw

ROUTE = "/channels/{channel_id}/messages"
SMALL = {
    "paths": {
        ROUTE: {
            "post": {
                "requestBody": {
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/MessageCreateRequest"}}}
                }
            }
        }
    },
    "components": {
        "schemas": {
            "SnowflakeType": {"type": "string"},
            "MessageCreateRequest": {
                "type": "object",
                "properties": {
                    "content": {"type": ["string", "null"]},
                    "tts": {"type": ["boolean", "null"]},
                    "attachments": {
                        "type": "array",
                        "items": {"properties": {"id": {"$ref": "#/components/schemas/SnowflakeType"}}},
                    },
                },
            },
        }
    },
}


@pytest.fixture(params=["small", *(["discord"] if OPENAPI.exists() else [])])
def openapi(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "discord":
        return OPENAPI
    path = tmp_path / "openapi.json"
    path.write_bytes(orjson.dumps(SMALL))
    return path


async def test_violations_are_kept(openapi: Path) -> None:
    async with DiscordServer(openapi=openapi) as server:
        path = f"/channels/{server.channel('general').id}/messages"
        await post(server, path, {"content": "hi", "tts": "no"})
        await post(server, path, {"content": "hi", "tts": False})

        (violation,) = server.schema_violations
        assert (violation.method, violation.route, violation.path) == ("POST", ROUTE, path)
        assert violation.message.startswith("$.tts: 'no' is not")


async def test_snowflakes_may_be_integers_as_discord_py_sends_them(openapi: Path) -> None:
    async with DiscordServer(openapi=openapi) as server:
        path = f"/channels/{server.channel('general').id}/messages"
        await post(server, path, {"attachments": [{"id": 0}]}, Upload("a.png", b"x"))
        assert server.schema_violations == []


async def post(server: DiscordServer, path: str, body: dict[str, Any], *files: Upload) -> None:
    async with aiohttp.ClientSession() as session:
        await Raw(server, session)("POST", path, body, files=files)


async def test_nothing_is_checked_without_a_description() -> None:
    async with DiscordServer() as server:
        await post(server, f"/channels/{server.channel('general').id}/messages", {"content": 3})
        assert server.schema_violations == []


async def test_answers_are_what_the_description_says(server: DiscordServer, raw: Raw, asked: Ask, png: bytes) -> None:
    """What the server tells a bot has Discord's shape, by its description where that is at hand."""
    ada, general = server.user("ada"), server.channel("general")
    interaction = await asked()
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    embed = {"title": "A", "image": {"url": "attachment://a.png"}}
    body = {"content": f"<@{ada.id}>", "embeds": [embed], "components": [row]}
    _, answer = await raw.answer(interaction, 4, body, files=(Upload("a.png", png), Upload("b.png", png)))
    _, followup = await raw("POST", raw.hook(interaction), {"content": "more"})
    assert interaction.message is not None
    click = await ada.click(interaction.message, "Go")
    label = {"type": 18, "label": "Steps", "component": {"type": 4, "custom_id": "t", "style": 1}}
    await raw.answer(click, 9, {"custom_id": "m", "title": "M", "components": [label]})
    _, thought = await raw.answer(await ada.submit(click, {"Steps": "8"}), 5)
    said = await ada.say(general, "hi", Upload("a.txt", b"x"))
    where = f"/channels/{general.id}/messages"
    told: list[tuple[str, Any]] = [
        ("InteractionCallbackResponse", answer),
        ("InteractionCallbackResponse", thought),
        ("MessageResponse", answer["resource"]["message"]),
        ("MessageResponse", followup),
        ("MessageResponse", (await raw("GET", f"{where}/{thought['interaction']['response_message_id']}"))[1]),
        ("MessageResponse", (await raw("GET", f"{where}/{said.id}"))[1]),
        (
            "MessageResponse",
            (await raw("POST", where, {"content": "yes", "message_reference": {"message_id": said.id}}))[1],
        ),
        ("ApplicationCommandResponse", (await raw("GET", f"/applications/{server.application_id}/commands"))[1][0]),
        ("UserPIIResponse", (await raw("GET", "/users/@me"))[1]),
        ("GuildMemberResponse", (await raw("GET", f"/guilds/{server.guild.id}/members/{ada.id}"))[1]),
        ("GuildChannelResponse", (await raw("GET", f"/channels/{general.id}"))[1]),
        ("PrivateChannelResponse", (await raw("GET", f"/channels/{ada.dm.id}"))[1]),
        ("ThreadResponse", (await raw("GET", f"/channels/{server.thread('work', general).id}"))[1]),
    ]

    assert followup["interaction_metadata"]["original_response_message_id"] == str(interaction.original_id)
    assert answer["resource"]["message"]["embeds"][0]["image"]["url"].startswith(server.cdn_url)
    assert [name for name, value in told if not isinstance(value, dict) or "code" in value] == []
    if OPENAPI.exists():
        schema = Schema(OPENAPI)
        problems = [(name, schema.problem(("components", "schemas", name), value)) for name, value in told]
        assert [problem for problem in problems if problem[1] is not None] == []
