"""The faults, and what is to come of a job that one finds at a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from playground.discord.faults import Faults
from tests.matrix import strikes
from tests.matrix.scene import End, Scene
from tests.matrix.stages import (
    ADDED,
    ADDING,
    FINISHED,
    POSTED,
    POSTING,
    RUNNING,
    SENDING,
    SENT,
    STAGES,
    STORED,
    UPLOADED,
    UPLOADING,
    UPLOADS,
    WAITING,
    Stage,
)

T = TypeVar("T")

#: Nobody has seen any of the files, and there is a message for them.
UNSEEN = frozenset(STAGES) - {UPLOADED, ADDING, ADDED, SENDING, SENT}
#: The stage is about a request to ComfyUI.
ASKED = frozenset({POSTING, POSTED, FINISHED})
NO_RETRIES = {"comfyui": {"retries": 0}}


@dataclass(frozen=True, eq=False)
class Fault:
    """Something that goes wrong.

    Attributes:
        strike: makes it happen, and undoes it as far as it passes.
        left_out: the stages that it cannot find a job at, each with the reason.
        kills: whether it needs a process.
        settings: what the configuration says about it, by section.
        ends: what comes of the job, where that is not what the stage says.
        runs: how often ComfyUI takes the job, where that is not once.
        aimed: where it strikes the very request that the stage is about, instead of coming while that is held.
    """

    name: str
    strike: strikes.Strike
    left_out: Mapping[Stage, str] = field(default_factory=dict)
    kills: bool = False
    settings: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    ends: Mapping[Stage, End] = field(default_factory=dict)
    runs: Mapping[Stage, int] = field(default_factory=dict)
    aimed: frozenset[Stage] = frozenset()

    async def bring(self, scene: Scene, stage: Stage) -> None:
        """Have Ada's job go where it strikes."""
        await (stage.eve(scene) if stage in self.aimed else stage.reach(scene))


def _at(stages: Iterable[Stage], value: T) -> dict[Stage, T]:
    return dict.fromkeys(stages, value)


_NOTHING_LEFT = _at((FINISHED, *UPLOADS), "ComfyUI is through with the job")
_NOTHING_ASKED = _at((STORED, *UPLOADS), "of this job nothing is asked of ComfyUI then")
_HELD_UP = _at((POSTING, POSTED, FINISHED, *UPLOADS), "a request that is held is all that the bot sees of it")
_ANY_START = _at(frozenset(STAGES) - {FINISHED}, "a start is refused whatever there is to do after it")
_BEFORE = _at((UPLOADED, ADDED, SENT), "what is refused has no effect")
_AFTER = _at((UPLOADING, ADDING, SENDING), "there is an effect already")
_SEEN = _at(frozenset(STAGES) - UNSEEN, "what was delivered is the users' own to throw away")
_ON_DISK = _at((FINISHED, *UPLOADS), "the file is on its way to the disk, or there")

#: ComfyUI was known to have it: a bot that has heard of its events knows without an answer, unless it was killed since.
_LOST = _at((WAITING, RUNNING), End.LOST)

FAULTS = (
    Fault("kill", strikes.killed, kills=True),
    Fault("kill-twice", strikes.killed_twice, kills=True),
    Fault("kill-unseen", strikes.killed_and_finished_unseen, _NOTHING_LEFT, kills=True),
    Fault("kill-comfyui", strikes.killed_with_comfyui, kills=True, ends=_LOST, runs={POSTED: 2}),
    Fault("kill-16-min", strikes.killed_for_long, kills=True),
    Fault("kill-refused", strikes.killed_and_refused, _ANY_START, kills=True),
    Fault("sigterm", strikes.terminated, kills=True),
    Fault("comfyui", strikes.comfyui_restarted, runs=_at((POSTED, WAITING, RUNNING), 2)),
    Fault("comfyui-once", strikes.comfyui_restarted, settings=NO_RETRIES, ends={POSTED: End.LOST, **_LOST}),
    Fault("comfyui-stops", strikes.comfyui_stopped, _HELD_UP),
    Fault("comfyui-500", strikes.comfyui_answers(500), _NOTHING_ASKED, aimed=ASKED),
    Fault("comfyui-503", strikes.comfyui_answers(503), _NOTHING_ASKED, aimed=ASKED),
    Fault("comfyui-garbled", strikes.comfyui_answers(None), _NOTHING_ASKED, aimed=ASKED),
    Fault("socket-drops", strikes.sockets_dropped),
    Fault("socket-mute", strikes.sockets_mute),
    Fault("gateway-4000", strikes.gateway_dropped(4000)),
    Fault("gateway-1001", strikes.gateway_dropped(1001)),
    Fault("gateway-reset", strikes.gateway_dropped(None)),
    Fault("gateway-refuses", strikes.gateway_refused),
    Fault("gateway-op-9", strikes.session_invalid),
    Fault("429-via", strikes.requests(Faults.rate_limit, retry_after=0.05), _BEFORE, aimed=UPLOADS),
    Fault("429-bare", strikes.requests(Faults.rate_limit, retry_after=0.05, via=False), _BEFORE, aimed=UPLOADS),
    Fault("500", strikes.requests(Faults.status, status=500), _BEFORE, aimed=UPLOADS),
    Fault("503", strikes.requests(Faults.status, status=503), _BEFORE, aimed=UPLOADS),
    Fault("reset", strikes.requests(Faults.reset), _BEFORE, aimed=UPLOADS),
    Fault("500-lost", strikes.requests(Faults.status, status=500, after_effect=True), _AFTER, aimed=UPLOADS),
    Fault("503-lost", strikes.requests(Faults.status, status=503, after_effect=True), _AFTER, aimed=UPLOADS),
    Fault("reset-lost", strikes.requests(Faults.reset, after_effect=True), _AFTER, aimed=UPLOADS),
    Fault("16-min", strikes.token_dead),
    Fault("deleted", strikes.messages_deleted, _SEEN, ends=_at(UNSEEN, End.DM)),
    Fault("channel-gone", strikes.channel_deleted, _SEEN, ends=_at(UNSEEN, End.DM)),
    Fault("channel-shut", strikes.channel_closed),
    Fault("shut-16-min", strikes.channel_closed_and_token_dead, ends=_at(UNSEEN, End.DM)),
    Fault("nowhere", strikes.unreachable, _SEEN, ends=_at(UNSEEN, End.KEPT)),
    Fault("disk-full", strikes.disk_full, _ON_DISK, ends=_at(STAGES, End.FAILED)),
)
