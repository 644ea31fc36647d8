"""A stage: the real bot between a Discord-compatible and a ComfyUI-compatible server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from shutil import copy
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import stamina
from PIL import Image

from bot.client import ComfyUIBot
from bot.progress import ProgressBudget
from config.models import BotConfig
from core.jobs.models import Delivery, Job
from core.jobs.sql import open_store
from core.jobs.store import StoreError
from playground.comfyui import ComfyUIServer
from playground.discord import Channel, DiscordServer, Interaction, Message, Permission, User
from playground.discord.ratelimit import RateLimits
from tests.playground.discord.puppet import pointed_at

Logged = Callable[[str], list[dict[str, Any]]]

ROOT = Path(__file__).parents[2]
OPENAPI = ROOT.parent / "shared" / "discord" / "openapi.json"
WORKFLOWS = {
    "flux_lora": {"file": "flux_lora.json", "name": "Flux.1 dev", "description": "All-round pictures"},
    "hidream_lora": {"file": "hidream_lora.json", "name": "HiDream I1"},
}


#: Beginnings of the names of tasks that the bot, its engine and discord.py's views start.
TASKS = (
    "job-",
    "desk-",
    "ask-",
    "progress-",
    "comfyui-",
    "catalog-",
    "outputs-",
    "workflows-",
    "discord-ui",
    "CommandTree",
)


class TestBot(ComfyUIBot):
    """The bot without discord.py's waits."""

    __test__ = False

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s before it identifies anew."""


@dataclass
class Stage:
    """Everything on it, and who stands there.

    ``refusals`` is how often Discord may answer with 429 in a test.
    """

    discord: DiscordServer
    comfyui: ComfyUIServer
    config: BotConfig
    outputs: Path
    bot: TestBot = field(init=False)
    connection: asyncio.Task[None] = field(init=False)
    refusals: int = 0

    async def start(self) -> None:
        """A bot comes up."""
        self.bot = TestBot(self.config, guild_ready_timeout=0)
        self.bot.progress_budget = ProgressBudget(0.0)
        await self.bot.login(self.discord.token)
        self.connection = asyncio.create_task(self.bot.connect())
        async with asyncio.timeout(30):
            await self.bot.wait_until_ready()

    async def stop(self) -> None:
        """It leaves; what it used up of a limit, which the next one could not know, is granted anew."""
        await self.bot.close()
        self.discord.ratelimits._windows.clear()
        await asyncio.wait_for(self.connection, 30)

    async def job(self, number: int = -1) -> Job:
        """A job as it is stored, by when it was made."""
        return sorted(await self.bot.engine.jobs.store.find(), key=lambda job: job.created_at)[number]

    async def told(self, number: int = -1) -> Job:
        """The same, once nothing is left to be done about any."""
        async with asyncio.timeout(30):
            while tasks := list(self.bot.desk._tasks.values()):
                await asyncio.wait(tasks)
        return await self.job(number)

    @property
    def channel(self) -> Channel:
        return self.discord.channel("general")

    @property
    def ada(self) -> User:
        return self.discord.user("ada")

    async def generate(self, **options: Any) -> Interaction:
        """Ada types /generate."""
        return await self.ada.slash(self.channel, "generate", **options)

    async def picture(self, **options: Any) -> Message:
        """A result of Ada's."""
        return await (await self.generate(**{"prompt": "a fox", "workflow": "flux_lora", **options})).until(done)

    async def form(self, **options: Any) -> Message:
        """Ada types /generate without a workflow; the form that opens."""
        reply = await self.generate(**options)
        return await reply.until(lambda message: bool(message.selects))


@pytest.fixture
async def comfyui() -> AsyncIterator[ComfyUIServer]:
    async with ComfyUIServer(draw=False) as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a test changes of the configuration, by section. Given by indirect parameters.

    ``server`` holds arguments of Discord's server, ``graphs`` workflows by name that are there beside the shipped ones;
    ``only_graphs`` leaves the shipped ones out.
    """
    return getattr(request, "param", {})


@pytest.fixture
def workflows(tmp_path: Path, settings: dict[str, Any]) -> Path:
    """The workflows folder."""
    folder = tmp_path / "workflows"
    folder.mkdir()
    if not settings.get("only_graphs"):
        for entry in WORKFLOWS.values():
            copy(ROOT / "workflows" / entry["file"], folder)
    for name, graph in settings.get("graphs", {}).items():
        (folder / f"{name}.json").write_bytes(orjson.dumps(graph))
    return folder


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database without jobs: to bring one to the tables of now takes longer than most tests do."""
    data = tmp_path_factory.mktemp("tables")

    async def make() -> None:
        async with open_store(BotConfig.model_validate({"storage": {"data": str(data)}})):
            pass

    asyncio.run(make())
    return data / "jobs.db"


@pytest.fixture
def data_folder(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bot's data folder. What is kept there outlasts the bot, and need not outlast the machine."""
    monkeypatch.setattr(
        "core.jobs.sql.database._PRAGMAS", ("journal_mode = WAL", "synchronous = OFF", "foreign_keys = ON")
    )
    folder = tmp_path / "data"
    folder.mkdir()
    copy(tables, folder)
    return folder


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sleeps before a request is repeated or a connection is tried again take no time, and no limit needs one."""

    async def sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    instant = SimpleNamespace(**{**vars(asyncio), "sleep": sleep})
    for module in ("discord.http", "discord.webhook.async_", "discord.client", "bot.client", "bot.connection"):
        monkeypatch.setattr(f"{module}.asyncio", instant)
    monkeypatch.setattr(RateLimits, "spend", lambda self, bucket: {})


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_longer_for_answers(monkeypatch)


@pytest.fixture(autouse=True)
def no_pauses() -> Iterator[None]:
    """The bot's attempts follow upon each other at once."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    """What the bot has logged under a message: the named values of each line."""
    caplog.set_level("INFO", "bot")
    return lambda message: [getattr(r, "fields", {}) for r in caplog.records if r.getMessage() == message]


@pytest.fixture
async def stage(
    comfyui: ComfyUIServer, tmp_path: Path, workflows: Path, data_folder: Path, settings: dict[str, Any]
) -> AsyncIterator[Stage]:
    openapi = OPENAPI if OPENAPI.exists() else None
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(DiscordServer(openapi=openapi, **settings.get("server", {})))
        sections: dict[str, dict[str, Any]] = {
            "discord": {"token": server.token, "api_url": server.api_url},
            "comfyui": {"url": comfyui.url, "silence_timeout": 5},
            "generation": {},
            "progress": {},
            "storage": {
                "outputs": str(tmp_path / "outputs"),
                "workflows": str(workflows),
                "data": str(data_folder),
            },
            "workflows": {} if settings.get("only_graphs") else dict(WORKFLOWS),
            "security": {},
        }
        for section in sections.keys() & settings.keys():
            sections[section].update(settings[section])
        config = BotConfig.model_validate(sections)
        stack.enter_context(pointed_at(server))
        stage = Stage(server, comfyui, config, tmp_path / "outputs")
        await stage.start()
        stack.push_async_callback(stage.stop)
        yield stage
    assert server.schema_violations == []
    assert server.count_429 <= stage.refusals
    await settled()
    assert running_tasks() == []


@pytest.fixture
def png() -> bytes:
    """A small picture."""
    out = BytesIO()
    Image.new("RGB", (48, 32), (200, 120, 40)).save(out, "PNG")
    return out.getvalue()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is written into the checkout."""
    monkeypatch.chdir(tmp_path)


def wait_longer_for_answers(patch: pytest.MonkeyPatch) -> None:
    """Discord's 3 s become 8: on a busy machine a bot is late that waits for nothing."""
    for module in ("interaction", "world"):
        patch.setattr(f"playground.discord.{module}.ANSWER_SECONDS", 8.0)


def running_tasks() -> list[str]:
    """Names of the tasks of the bot that are not over."""
    return [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith(TASKS)]


async def settled() -> None:
    """Wait until every handler that has begun is over: they do a little more after what a user sees last.

    Some 5 s more, where discord.py waits for the limit on edits after the last one.
    """
    names = ("discord-ui", "CommandTree", "discord.py: on_interaction")
    handlers = [task for task in asyncio.all_tasks() if task.get_name().startswith(names)]
    async with asyncio.timeout(30):
        await asyncio.gather(*handlers, return_exceptions=True)


def graph_of(stage: Stage, number: int = -1) -> dict[str, Any]:
    """The graph that ComfyUI was sent."""
    return stage.comfyui.prompts[stage.comfyui.accepted[number]]


def inputs(graph: dict[str, Any], node_class: str) -> dict[str, Any]:
    """The inputs of the first node of a class."""
    return next(node["inputs"] for node in graph.values() if node["class_type"] == node_class)


def done(message: Message) -> bool:
    """A result stands there."""
    return bool(message.attachments)


def failed(message: Message) -> bool:
    """A failure stands there."""
    return message.embed is not None and message.embed.get("color") == 0xED4245


async def full_disk(_: object) -> None:
    """What a store's method does that has no room."""
    raise StoreError("The disk is full.", detail="SQLITE_FULL")


async def untold(stage: Stage) -> Job:
    """A job of Ada's whose message is gone, and who takes no direct messages."""
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    stage.ada.accepts_dms = False
    moderator = stage.discord.user("mona")
    moderator.permissions |= Permission.MANAGE_MESSAGES
    assert reply.message is not None
    await moderator.delete(reply.message)
    gate.release()
    job = await stage.told()
    assert job.delivery is Delivery.KEPT
    return job
