"""A browser's window without the browser: what the page says and hears through its socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson

from playground.discord import DiscordServer

Json = dict[str, Any]
Open = Callable[..., Awaitable["Window"]]


class RefusedError(Exception):
    """The reply was an error."""


class Window:
    """One socket. ``heard`` are the pushes so far, ``view`` is what was entered."""

    def __init__(self, session: aiohttp.ClientSession, server: DiscordServer) -> None:
        self.session, self.server = session, server
        self.heard: list[Json] = []
        self.view: Json = {}
        self._replies: dict[Any, asyncio.Future[Json]] = {}
        self._orphans: asyncio.Queue[Json] = asyncio.Queue()
        self._news = asyncio.Event()
        self._number = 0

    async def open(self) -> Window:
        url = self.server.cdn_url
        self.socket = await self.session.ws_connect(f"{url}/page/socket", origin=url, max_msg_size=0)
        self.reading = asyncio.create_task(self._read())
        return self

    async def enter(self, name: str | None = None) -> Window:
        self.view = await self.do("enter", user=None if name is None else str(self.server.user(name).id))
        return self

    async def close(self) -> None:
        await self.socket.close()
        await self.reading

    async def do(self, verb: str, **fields: Any) -> Any:
        """Ask and wait.

        Raises:
            RefusedError: with the sentence of the reply.
        """
        self._number += 1
        number = self._number
        self._replies[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": number, "do": verb, **fields})
        return outcome(await asyncio.wait_for(self._replies[number], 30))

    async def say_raw(self, data: str | bytes) -> Json:
        """Send a frame as it is; the reply that belongs to no request."""
        await (self.socket.send_bytes(data) if isinstance(data, bytes) else self.socket.send_str(data))
        return await asyncio.wait_for(self._orphans.get(), 30)

    async def until(self, kind: str, fits: Callable[[Json], Any] = lambda _: True, timeout: float = 30.0) -> Json:
        """A push that fits; one that is heard already counts."""
        async with asyncio.timeout(timeout):
            while True:
                for push in self.pushed(kind):
                    if fits(push):
                        return push
                self._news.clear()
                await self._news.wait()

    def pushed(self, kind: str) -> list[Json]:
        return [push for push in self.heard if push["push"] == kind]

    async def message(self, fits: Callable[[Json], Any]) -> Json:
        """A message as it was pushed."""
        return (await self.until("message", lambda push: fits(push["message"])))["message"]

    async def state(self, interaction: Json, state: str, timeout: float = 30.0) -> Json:
        """What is told of an interaction when it has come so far."""
        number = interaction["interaction"]
        return await self.until(
            "interaction", lambda push: (push["interaction"], push["state"]) == (number, state), timeout
        )

    async def settled(self) -> None:
        """All that was pushed so far is here."""
        await self.do("history", channel=self.channel("general"))

    async def upload(self, name: str, data: bytes) -> str:
        url = f"{self.server.cdn_url}/page/files"
        async with self.session.post(url, params={"name": name}, data=data) as response:
            return (await response.json())["upload"]

    def channel(self, name: str) -> str:
        return next(place["id"] for place in self.view["channels"] if place["name"] == name)

    async def _read(self) -> None:
        async for frame in self.socket:
            body = orjson.loads(frame.data)
            if "push" in body:
                self.heard.append(body)
                self._news.set()
            elif body["re"] in self._replies:
                self._replies.pop(body["re"]).set_result(body)
            else:
                self._orphans.put_nowait(body)


def outcome(reply: Json) -> Any:
    if not reply["ok"]:
        raise RefusedError(reply["error"])
    return reply["result"]
