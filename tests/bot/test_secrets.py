"""No secret is written anywhere, whatever goes wrong, also when everything is logged."""

from __future__ import annotations

import base64
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.client import ComfyUIBot
from bot.endpoint import use_api
from bot.progress import ProgressBudget
from config.models import BotConfig, LoggingConfig
from core.comfyui.client import ComfyUIClient
from core.engine import open_engine
from core.exceptions import ComfyUIError, DisComfyError
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer, Upload
from tests.bot.conftest import Stage, done, failed
from tests.bot.graphs import edit
from tests.playground.discord.puppet import pointed_at
from utils import redaction
from utils.logging import register_secret, setup_logging

pytestmark = pytest.mark.integration

API_KEY, PASSWORD = "key-of-the-proxy", "pass/word-of-the-proxy"
CREDENTIALS = base64.b64encode(b"somebody:" + PASSWORD.encode()).decode()
#: Made up, in the shape of a bot's token.
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs-abc_12345"

Written = Callable[[], str]


@pytest.fixture(params=["console", "json"])
def written(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    root: logging.Logger,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Written]:
    """Logging as a program sets it up, at its loudest; everything that was written since."""
    fresh = redaction.Redactor()
    monkeypatch.setattr("utils.log_format.redact", fresh.redact)
    monkeypatch.setattr(f"{__name__}.register_secret", fresh.register)
    loggers = [logging.getLogger(name) for name in ("discord", "bot", "core", "asyncio", "aiohttp", "PIL")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
    file = tmp_path / "logs" / "bot.log"
    setup_logging(LoggingConfig.model_validate({"level": "DEBUG", "file": str(file), "format": request.param}))

    def everything() -> str:
        captured = capfd.readouterr()
        return captured.out + captured.err + file.read_text(encoding="utf-8")

    yield everything
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


def as_a_program_does(config: BotConfig) -> None:
    for secret in config.secrets():
        register_secret(secret)


def told(error: BaseException) -> str:
    """All that anybody could make of an error without going through the log."""
    return f"{error} {getattr(error, 'message', '')} {getattr(error, 'detail', '')}"


def assert_none(text: str, *secrets: str) -> None:
    found = [secret for secret in secrets if secret in text]
    assert found == [], [text[max(0, text.find(s) - 300) : text.find(s) + 50] for s in found]


# Discord


@pytest.mark.parametrize(
    "settings",
    [
        {
            "graphs": {"flux_kontext_edit": edit()},
            "comfyui": {"api_key": API_KEY},
            "security": {"per_user": 1000, "global_limit": 1000},
        }
    ],
    indirect=True,
)
async def test_the_bot_at_work_and_in_trouble(written: Written, stage: Stage, png: bytes) -> None:
    as_a_program_does(stage.bot.config)
    stage.bot.progress_budget = ProgressBudget(60.0)
    faults = stage.discord.faults

    await stage.picture()
    form = await stage.form(prompt="a fox")
    await (await stage.ada.click(form, label="Settings")).answered()
    await (await stage.ada.slash(stage.channel, "editflux", image=Upload("a.png", png), prompt="blue")).until(done)
    faults.status(404, "GET", "/attachments/*")
    await (await stage.ada.slash(stage.channel, "editflux", image=Upload("a.png", png), prompt="blue")).until(failed)
    for arm in (
        lambda: faults.status(500, "PATCH", "/webhooks/*"),
        lambda: faults.status(401, "PATCH", "/webhooks/*"),
        lambda: faults.reset("PATCH", "/webhooks/*"),
        lambda: faults.reset("POST", "/interactions/*"),
    ):
        arm()
        await stage.picture()
    stage.comfyui.faults.refuse("/prompt", 401, times=1)
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)

    world = stage.discord.world
    seen = " ".join(state.text for states in world.histories for state in states)
    log = written()
    tokens = [interaction.token for interaction in world.interactions.values()]
    assert len(tokens) > 8
    assert "INTERACTION_CREATE" in log
    assert_none(log + seen, stage.discord.token, API_KEY, *tokens)


async def test_a_token_that_discord_does_not_know(written: Written, comfyui: ComfyUIServer, tmp_path: Path) -> None:
    async with DiscordServer() as server:
        config = BotConfig.model_validate(
            {
                "discord": {"token": TOKEN, "api_url": server.api_url},
                "comfyui": {"url": comfyui.url},
                "storage": {"data": str(tmp_path / "data")},
            }
        )
        with pointed_at(server):
            await use_api(server.api_url)
            async with ComfyUIBot(config) as bot:
                with pytest.raises((discord.LoginFailure, DisComfyError)) as caught:
                    await bot.start(TOKEN)
                logging.getLogger("main").error("could not start", exc_info=caught.value)
    assert_none(written() + told(caught.value), TOKEN)


# ComfyUI


TROUBLE: list[tuple[str, Callable[[ComfyUIServer], Any]]] = [
    ("401", lambda server: server.faults.refuse("/", 401)),
    ("garbage", lambda server: server.faults.garbage("/")),
    ("page", lambda server: server.faults.answer("/", b"<html/>", content_type="text/html")),
]


@pytest.mark.parametrize("where", ["password", "api_key", "nobody there", "no such host"])
@pytest.mark.parametrize(("name", "arm"), TROUBLE)
async def test_a_comfyui_in_trouble(
    written: Written, comfyui: ComfyUIServer, tmp_path: Path, where: str, name: str, arm: Callable[[Any], Any]
) -> None:
    address = comfyui.url.removeprefix("http://")
    address = {"nobody there": "127.0.0.1:9", "no such host": "nowhere.invalid:80"}.get(where, address)
    secret = PASSWORD.replace("/", "%2F")
    settings = {"url": f"http://somebody:{secret}@{address}", "timeout": 2, "offline_timeout": 0}
    if where == "api_key":
        settings = {"url": f"http://{address}", "api_key": API_KEY}
    storage = {name: str(tmp_path / name) for name in ("outputs", "workflows", "data")}
    (tmp_path / "workflows").mkdir(exist_ok=True)
    config = BotConfig.model_validate({"comfyui": settings, "storage": storage})
    as_a_program_does(config)
    arm(comfyui)
    errors: list[str] = []
    async with open_engine(config) as engine:
        client: ComfyUIClient = engine.client
        await engine.library.refresh()
        for ask in (
            client.get_queue,
            client.get_system_stats,
            client.get_object_info,
            lambda: client.submit({}, prompt_id="x"),
            lambda: client.download_output("a.png"),
            lambda: client.upload_image(b"x", "a.png"),
            lambda: engine.generator.generate("a fox"),
        ):
            errors.append(await trouble(ask))
        errors.append(await trouble(opening(client)))
    assert len([error for error in errors if error]) >= 5
    assert_none(written() + " ".join(errors), PASSWORD, secret, CREDENTIALS, API_KEY)


async def trouble(ask: Callable[[], Awaitable[Any]]) -> str:
    """What an error says, if there is one; it is logged as well, with all that led to it."""
    try:
        await ask()
    except DisComfyError as exc:
        logging.getLogger("main").exception("no")
        return told(exc) + "".join(traceback.format_exception_only(exc))
    return ""


def opening(client: ComfyUIClient) -> Callable[[], Awaitable[None]]:
    async def open_it() -> None:
        async with client.open_socket(heartbeat=5):
            raise ComfyUIError("there is one after all")

    return open_it
