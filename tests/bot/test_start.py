"""Whether the bot can start: the token, the guild, the address of the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import discord
import pytest

from bot.check import examine_discord
from bot.client import ComfyUIBot
from bot.endpoint import use_api
from config.errors import ConfigError
from config.models import BotConfig
from core.exceptions import DisComfyError
from playground.discord import DiscordServer
from tests.bot.conftest import Stage, done
from tests.playground.discord.puppet import pointed_at

pytestmark = pytest.mark.integration


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as server:
        yield server


def config(server: DiscordServer, tmp_path: Path, **discord_settings: object) -> BotConfig:
    return BotConfig.model_validate(
        {
            "discord": {"token": server.token, "api_url": server.api_url, **discord_settings},
            "comfyui": {"url": "http://127.0.0.1:9"},
            "storage": {
                "outputs": str(tmp_path / "outputs"),
                "workflows": str(tmp_path),
                "data": str(tmp_path / "data"),
            },
        }
    )


async def test_a_token_that_discord_knows_is_fine(server: DiscordServer, tmp_path: Path) -> None:
    finding = await examine_discord(config(server, tmp_path))
    assert finding.fine
    assert "disbot" in finding.text


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"token": ""}, "set DISCORD_TOKEN"),
        ({"token": "wrong"}, "does not know the token"),
        ({"api_url": "http://127.0.0.1:9/api"}, "cannot be reached"),
    ],
)
async def test_what_is_wrong_with_discord_is_said(
    server: DiscordServer, tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    finding = await examine_discord(config(server, tmp_path, **settings))
    assert not finding.fine
    assert said in finding.text


@pytest.mark.parametrize("status", [403, 500])
async def test_an_answer_that_is_none_is_said(server: DiscordServer, tmp_path: Path, status: int) -> None:
    server.faults.status(status, "GET", "/users/@me", times=None)
    assert not (await examine_discord(config(server, tmp_path))).fine


async def test_an_api_that_does_not_answer_is_one_sentence(server: DiscordServer) -> None:
    with pytest.raises(DisComfyError, match="No Discord API answers at DISCORD_API_URL"):
        await use_api("http://127.0.0.1:9/api/v10")


async def test_a_guild_that_is_closed_to_the_bot_is_one_sentence_and_nothing_stays_open(
    server: DiscordServer, tmp_path: Path
) -> None:
    server.faults.status(403, "PUT", "/applications/*", times=None)
    with pointed_at(server):
        await use_api(server.api_url)
        bot = ComfyUIBot(config(server, tmp_path, guild_id=5))
        with pytest.raises(ConfigError, match=r"DISCORD_GUILD_ID: discord\.guild_id"):
            async with bot:
                await bot.login(server.token)
    assert bot.is_closed()


async def test_the_commands_of_one_guild_are_its_own(stage: Stage) -> None:
    """Registered again for the guild, they are there as well."""
    stage.bot.config = stage.bot.config.model_copy(
        update={"discord": stage.bot.config.discord.model_copy(update={"guild_id": stage.discord.guild.id})}
    )
    await stage.bot._tell_commands()
    assert {command.get("guild_id") for command in stage.discord.commands} == {None, str(stage.discord.guild.id)}


async def test_a_bot_without_comfyui_starts_and_is_closed_again(server: DiscordServer, tmp_path: Path) -> None:
    with pointed_at(server):
        async with ComfyUIBot(config(server, tmp_path)) as bot:
            await bot.login(server.token)
            names = {command["name"] for command in server.commands}
            assert {"generate", "workflows", "loras", "status", "help"} <= names
            assert not {"editflux", "editqwen"} & names
    assert bot.is_closed()


async def test_ones_own_command_and_button_work_beside_the_bots(stage: Stage) -> None:
    from bot.ui.buttons import BaseButton

    class Mine(BaseButton):
        def __init__(self) -> None:
            super().__init__(label="My Action", style=discord.ButtonStyle.primary)

        async def callback(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message("Button clicked!")

    @stage.bot.tree.command(name="mycommand", description="My custom command")
    async def mycommand(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("Hello!", view=discord.ui.View().add_item(Mine()))

    await stage.bot.tree.sync()
    reply = await (await stage.ada.slash(stage.channel, "mycommand")).answered()
    assert reply.message is not None
    click = await (await stage.ada.click(reply.message, label="My Action")).answered()
    assert click.message is not None
    assert click.message.content == "Button clicked!"


async def test_ones_own_modal_is_left_to_its_maker(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    class Mine(discord.ui.Modal, title="Mine"):
        name: discord.ui.TextInput = discord.ui.TextInput(label="Name")

        async def on_submit(self, interaction: discord.Interaction) -> None:
            await interaction.response.send_message(f"Hello {self.name.value}!")

    @stage.bot.tree.command(name="ask", description="Ask")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Mine())

    await stage.bot.tree.sync()
    opened = await (await stage.ada.slash(stage.channel, "ask")).answered()
    sent = await (await stage.ada.submit(opened, {"Name": "Ada"})).answered()
    assert sent.message is not None
    assert sent.message.content == "Hello Ada!"
    assert done(await stage.picture())
    assert "Ignoring exception" not in caplog.text


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize("fault", ["502", "503", "429", "reset"])
@pytest.mark.parametrize("path", ["/gateway", "/users/@me", "/applications/*"])
async def test_a_discord_that_is_away_at_first_is_tried_again(
    server: DiscordServer, tmp_path: Path, path: str, fault: str
) -> None:
    faults, method = server.faults, "PUT" if "applications" in path else "GET"
    if fault == "reset":
        away = faults.reset(method, path, times=7)
    elif fault == "429":
        away = faults.rate_limit(0.01, method, path, times=7, via=False)
    else:
        away = faults.status(int(fault), method, path, times=7)
    with pointed_at(server):
        async with ComfyUIBot(config(server, tmp_path), guild_ready_timeout=0) as bot:
            running = asyncio.create_task(bot.start(server.token))
            await server.until_connected()
            await server.until(lambda: server.commands)
            assert away.hits == 7
            assert not running.done()
            await bot.close()
            await asyncio.wait_for(running, 30)


async def test_a_token_that_is_wrong_is_not_tried_again(server: DiscordServer, tmp_path: Path) -> None:
    with pointed_at(server):
        async with ComfyUIBot(config(server, tmp_path)) as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.login("wrong")
    assert len(server.requests_to("GET", "/users/@me")) == 1


async def test_commands_that_discord_refuses_are_a_mistake(server: DiscordServer, tmp_path: Path) -> None:
    server.faults.status(400, "PUT", "/applications/*")
    with pointed_at(server):
        async with ComfyUIBot(config(server, tmp_path)) as bot:
            with pytest.raises(discord.HTTPException):
                await bot.login(server.token)


@pytest.mark.usefixtures("no_backoff")
async def test_a_gateway_that_refuses_at_first_is_tried_again(server: DiscordServer, tmp_path: Path) -> None:
    server.refuse_gateway(times=3)
    with pointed_at(server):
        await use_api(server.api_url)
        async with ComfyUIBot(config(server, tmp_path), guild_ready_timeout=0) as bot:
            running = asyncio.create_task(bot.start(server.token))
            await server.until_connected()
            assert not running.done()
            await bot.close()
            await asyncio.wait_for(running, 30)
