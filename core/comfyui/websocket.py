"""The one socket to a server, shared by every job that runs there.

The socket is a hint, never the truth: it drops, it goes silent without closing, and what was said meanwhile is
not said again. So it tells its subscribers two things only: what it heard, and when they should look for
themselves. Who looks, and where, is `core.comfyui.execution`'s business.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Self

import aiohttp
import orjson

from core.comfyui.client import ComfyUIClient
from core.comfyui.events import (
    Event,
    Executing,
    ExecutionStart,
    Link,
    Preview,
    ProgressState,
    Status,
    parse_binary,
    parse_text,
)
from core.comfyui.queue_meter import QueueMeter
from core.comfyui.subscription import Listener, Subscription
from core.comfyui.transport import CONNECT_TIMEOUT, UNREACHABLE, RawSocket
from core.exceptions import ComfyUIError
from utils.logging import get_logger

log = get_logger(__name__)

#: A machine that is switched off says nothing: it is missed after one and a half of these.
HEARTBEAT = 8.0
_FLAGS = orjson.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}}).decode()
_BACKOFF = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
_LONGEST_SILENCE = 120.0
#: These frames repeat at every step what others said of every node: half of all bytes, and news only after a gap.
_REPEATS = (b'{"type": "progress_state"', b'{"type":"progress_state"')


class EventSocket:
    """Keeps one socket open while anybody listens, and opens a new one when it breaks or goes silent.

    Args:
        client: whose server and client id are used; must be open as long as this is.
        silence_timeout: seconds without a frame, while somebody listens, after which the socket is replaced.
            A node that works for long without a word makes the next wait twice as long, up to two minutes.
    """

    def __init__(self, client: ComfyUIClient, *, silence_timeout: float = 20.0, heartbeat: float = HEARTBEAT) -> None:
        self.queue = QueueMeter()
        self._client = client
        self._silence_timeout = silence_timeout
        self._heartbeat = heartbeat
        self._subscriptions: dict[str, Subscription] = {}
        self._gaps: set[str] = set()  # prompts of which something may have gone unheard
        self._late: set[Subscription] = set()
        self._wanted = asyncio.Event()
        self._attempt = asyncio.Event()
        self._connected = False
        self._last_frame = 0.0
        self._patience = silence_timeout
        self._running: str | None = None
        self._breaks = 0
        self._silenced = False
        self._task: asyncio.Task[None] | None = None

    @property
    def breaks(self) -> int:
        """How often the server broke the socket, or could not be reached: it may have been restarted each time."""
        return self._breaks

    @property
    def connected(self) -> bool:
        return self._connected

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._keep_open(), name="comfyui-socket")
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.asynccontextmanager
    async def subscribe(self, prompt_id: str, listener: Listener, *, late: bool = False) -> AsyncIterator[Subscription]:
        """Hear of one prompt for as long as the block runs.

        Enters when the socket is open, so that a prompt posted inside the block is heard from its first event;
        or when opening it failed: the subscription then begins as soon as it succeeds.

        Args:
            listener: called in the event loop; must return at once. What it raises, `Subscription.wait` raises.
            late: the prompt was posted before, perhaps by another client: the server tells its events to that one
                alone. So it rings whenever the queue becomes shorter.

        Raises:
            ValueError: somebody listens to this prompt already.
        """
        if prompt_id in self._subscriptions:
            raise ValueError(f"{prompt_id} is listened to already")
        if not self._subscriptions:
            self._last_frame = time.monotonic()  # silence counts from the moment somebody listens
        subscription = self._subscriptions[prompt_id] = Subscription(listener)
        if late:
            self._gaps.add(prompt_id)
            self._late.add(subscription)
        try:
            if not self._connected:
                attempt = self._attempt
                self._wanted.set()
                await attempt.wait()
                if not self._connected:
                    self._miss(prompt_id, subscription)
                subscription.hush()
            yield subscription
        finally:
            del self._subscriptions[prompt_id]
            self._gaps.discard(prompt_id)
            self._late.discard(subscription)
            subscription.close()

    async def _keep_open(self) -> None:
        failures = 0
        while True:
            await self._wanted.wait()
            opened = False
            try:
                async with self._client.open_socket(heartbeat=self._heartbeat) as socket:
                    await self._greet(socket)
                    opened, failures = True, 0
                    self._silenced = False
                    await self._listen(socket)
                self._breaks += not self._silenced
            except ComfyUIError as exc:
                self._breaks += 1
                if failures == 0:
                    log.warning("comfyui socket unavailable", detail=exc.detail)
            if opened:
                self._down()
            else:
                failures += 1
            self._settle()
            await self._pause(_BACKOFF[min(failures, len(_BACKOFF) - 1)])

    async def _pause(self, seconds: float) -> None:
        """Wait before the next attempt; a new subscriber cuts it short, and without subscribers none is made."""
        self._wanted.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        if self._subscriptions:
            self._wanted.set()

    async def _greet(self, socket: RawSocket) -> None:
        await socket.send_str(_FLAGS)
        # The first frame proves that the server has registered this socket under our client id.
        first = await socket.receive(timeout=CONNECT_TIMEOUT)
        if first.type is not aiohttp.WSMsgType.TEXT:
            raise ComfyUIError(UNREACHABLE, detail="the socket was closed as soon as it was open")
        self._take(first.type, first.data)
        self._connected = True
        for subscription in self._subscriptions.values():
            subscription.deliver(Link(up=True))
        self._settle()

    def _down(self) -> None:
        self._connected = False
        self._running = None
        self.queue.forget()
        for prompt_id, subscription in self._subscriptions.items():
            self._miss(prompt_id, subscription)

    def _miss(self, prompt_id: str, subscription: Subscription) -> None:
        """What the server says of this prompt from now on is not heard."""
        self._gaps.add(prompt_id)
        subscription.deliver(Link(up=False))

    def _settle(self) -> None:
        """An attempt came to its end: let in who waited for it, and have everybody look what was missed."""
        attempt, self._attempt = self._attempt, asyncio.Event()
        attempt.set()
        for subscription in self._subscriptions.values():
            subscription.ring()

    async def _listen(self, socket: RawSocket) -> None:
        watch = asyncio.create_task(self._watch(socket), name="comfyui-socket-watch")
        try:
            async for message in socket:
                self._take(message.type, message.data)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, socket: RawSocket) -> None:
        """Close a socket that says nothing while somebody waits for it to speak."""
        while True:
            quiet = time.monotonic() - self._last_frame
            if quiet >= self._patience and self._subscriptions:
                self._patience = min(self._patience * 2, _LONGEST_SILENCE)
                log.info("comfyui socket silent", seconds=round(quiet, 1))
                self._silenced = True
                await socket.close()
                return
            await asyncio.sleep(max(self._patience - quiet, self._patience / 4))

    def _take(self, kind: aiohttp.WSMsgType, data: bytes) -> None:
        self._last_frame = time.monotonic()
        if kind is aiohttp.WSMsgType.TEXT:
            if not self._gaps and data.startswith(_REPEATS):
                return
            event = parse_text(data)
        elif kind is aiohttp.WSMsgType.BINARY:
            event = parse_binary(data)
        else:
            return
        if event is not None:
            self._dispatch(event)

    def _dispatch(self, event: Event) -> None:
        if type(event) is Status:
            self._count(event.queue_remaining)
            return
        kind, prompt_id = type(event), event.prompt_id
        if kind is Executing or kind is ExecutionStart:
            self._runs(prompt_id)
        elif kind is Preview and prompt_id is None:
            prompt_id = self._running
        elif kind is ProgressState:
            self._gaps.discard(prompt_id or "")
        subscription = self._subscriptions.get(prompt_id) if prompt_id is not None else None
        if subscription is not None:
            self._patience = self._silence_timeout
            subscription.deliver(event)

    def _runs(self, prompt_id: str | None) -> None:
        if prompt_id is None or prompt_id == self._running:
            return
        before = self._subscriptions.get(self._running) if self._running is not None else None
        if before is not None:
            before.expect_end()  # one prompt runs at a time
        self._running = prompt_id

    def _count(self, remaining: int) -> None:
        left = self.queue.left
        self.queue.update(remaining)
        if self.queue.left > left:
            for subscription in self._late:
                subscription.ring()
