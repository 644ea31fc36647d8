"""What a cell of the matrix takes place on, and how it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from core.jobs.models import Delivery, Job, JobState
from playground.comfyui import ComfyUIServer
from playground.discord import DiscordServer, Interaction, Message, Permission, User
from playground.discord.rest import Request
from tests.matrix.bots import Bot

#: Seconds until something must have happened, on a busy machine too.
PATIENCE = 60.0
#: How many files the workflows make.
FILES = {"paint": 1, "many": 12}
RETRY = "Retry"
_RED = 0xED4245


class End(StrEnum):
    """How a user comes to know the end of a job."""

    MESSAGE = "the result stands in the job's message"
    DM = "the result came as a direct message"
    KEPT = "the result waits in the history"
    LOST = "the job's message says that it was lost, and offers to try again"
    FAILED = "the job's message says why there is no result"

    @property
    def shown(self) -> bool:
        """Whether the files can be seen."""
        return self in (End.MESSAGE, End.DM)


_STATES = {
    End.MESSAGE: JobState.FINISHED,
    End.DM: JobState.FINISHED,
    End.KEPT: JobState.FINISHED,
    End.LOST: JobState.LOST,
    End.FAILED: JobState.FAILED,
}


class Hold(Protocol):
    """What keeps a job where it is."""

    def release(self) -> None: ...


@dataclass
class Scene:
    """Two servers, a bot between them, and people who want pictures: Ada, Bob and Carol, each no more than one.

    Attributes:
        number: of those that take place on the same servers: each has people and channels of its own.
        requests: what holds requests up.
        work: what holds ComfyUI's work up.
        asked: every /generate that was typed, by who did.
    """

    discord: DiscordServer
    comfyui: ComfyUIServer
    bot: Bot
    number: int = 1
    requests: list[Hold] = field(default_factory=list)
    work: list[Hold] = field(default_factory=list)
    asked: dict[str, Interaction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.channel = self.discord.channel(f"pictures-{self.number}")
        self._lobby = self.discord.channel(f"lobby-{self.number}")
        self._workflows: dict[str, str] = {}
        self._requests_before = len(self.discord.requests)
        self._refusals_before = self.discord.count_429

    def user(self, name: str) -> User:
        return self.discord.user(f"{name}-{self.number}")

    async def ask(self, name: str = "ada", *, workflow: str = "paint") -> Interaction:
        """Somebody types /generate: Carol in the lobby, others where the pictures are."""
        place = self._lobby if name == "carol" else self.channel
        self._workflows[name] = workflow
        self.asked[name] = await self.user(name).slash(place, "generate", prompt=f"{name}'s fox", workflow=workflow)
        return self.asked[name]

    async def clear_channel(self) -> None:
        """A moderator deletes every message."""
        moderator = self.user("mod")
        moderator.permissions |= Permission.MANAGE_MESSAGES
        for message in self.channel.messages:
            await moderator.delete(message)

    def let_requests_go(self) -> None:
        while self.requests:
            self.requests.pop().release()

    def let_work_go(self) -> None:
        while self.work:
            self.work.pop().release()

    def clear(self) -> None:
        """Let everything go, and leave nothing behind that goes wrong."""
        self.let_requests_go()
        self.let_work_go()
        self.discord.faults.clear()
        self.comfyui.faults.clear()
        self.comfyui.speak()

    def answered(self, method: str, path: str, *, files: bool = False) -> list[Request]:
        """The requests to Discord since the scene began that were answered; with ``files`` those that brought some."""
        return [
            request
            for request in self.discord.requests[self._requests_before :]
            if request.status is not None
            and fnmatchcase(request.method, method)
            and fnmatchcase(request.path, path)
            and (request.files or not files)
        ]

    def holders(self) -> dict[str, list[int]]:
        """By the name of each file that was posted: the messages that ever held it."""
        found: dict[str, list[int]] = {}
        for states in self._histories():
            for name in {file.filename for state in states for file in state.attachments}:
                found.setdefault(name, []).append(states[0].id)
        return found

    async def told(self, ends: Mapping[str, End]) -> None:
        """Wait until everybody who asked knows how it ended.

        Raises:
            TimeoutError: somebody does not.
        """

        def all_know() -> bool:
            now = (self.discord.message(states[0].id) for states in self._histories())
            seen = {file.filename for message in now if message is not None for file in message.attachments}
            files = sum(FILES[self._workflows[name]] for name in self.asked if ends[name].shown)
            return len(seen) == files and all(self._knows(name, ends[name]) for name in self.asked)

        await self.discord.until(all_know, PATIENCE)

    def _knows(self, name: str, end: End) -> bool:
        message = self.asked[name].message
        if end is End.KEPT:
            refused = [request for request in self.answered("POST", "/channels/*/messages") if request.status == 403]
            return len(refused) >= len([name for name in self.asked if name != "carol"])
        if end is End.DM:
            return any(shown.attachments for shown in self.user(name).dm.messages)
        if message is None:
            return False
        if end is End.MESSAGE:
            return bool(message.attachments)
        failed = message.embed is not None and message.embed.get("color") == _RED
        return failed and (end is End.FAILED or any(button["label"] == RETRY for button in message.buttons))

    async def judge(self, ends: Mapping[str, End], runs: Mapping[str, int]) -> None:
        """Hold what became of each job against what was to become of it: once, and no more.

        Args:
            ends: by who asked.
            runs: how often ComfyUI was to take their prompts.
        """
        jobs = await self.jobs()
        assert len(jobs) == len(self.asked)
        for job in jobs:
            (name,) = (name for name, asked in self.asked.items() if asked.user.id == job.owner)
            self._judge(job, ends[name], FILES[self._workflows[name]], runs[name])
        self.judge_manners()

    def _judge(self, job: Job, end: End, files: int, runs: int) -> None:
        assert (job.state, job.delivery) == (_STATES[end], Delivery.KEPT if end is End.KEPT else Delivery.DONE)
        assert bool(job.delivery_note) == (end is End.KEPT)
        assert self.comfyui.accepted.count(job.id) == runs
        holders = {name: ids for name, ids in self.holders().items() if name.startswith(f"discomfy_{job.id[:8]}_")}
        assert len(holders) == (files if end.shown else 0)
        for name, messages in holders.items():
            assert len(messages) == 1, f"{name} was posted {len(messages)} times"
            assert self.discord.message(messages[0]) is not None, f"{name} is gone"

    def judge_manners(self) -> None:
        """Nothing was sent that Discord does not know, or too often."""
        assert self.discord.schema_violations == []
        assert self.discord.count_429 == self._refusals_before

    async def jobs(self) -> list[Job]:
        """The jobs of these people as they are written down, the newest first; a process ends for it."""
        return await self.bot.records({asked.user.id for asked in self.asked.values()})

    def _histories(self) -> list[list[Message]]:
        """The states of the messages in these people's channels and in private."""
        people = [asked.user for asked in self.asked.values()]
        return [
            states
            for states in self.discord.histories
            if states[0].channel in (self.channel, self._lobby) or states[0].channel.recipient in people
        ]
