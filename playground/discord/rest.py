"""The one road of every HTTP request: record, fault, token, limits, handler, answer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from playground.discord import limits
from playground.discord.body import read_body
from playground.discord.clock import as_id
from playground.discord.errors import ApiError, unauthorized
from playground.discord.faults import Fault, Faults
from playground.discord.model import Upload
from playground.discord.ratelimit import Bucket, RateLimits
from playground.discord.schema import Schema
from playground.discord.world import World

API = "/api/v10"


@dataclass(slots=True)
class Request:
    """A request as it came. ``status`` is None while it is under way or when its connection was cut."""

    method: str
    path: str
    route: str
    query: dict[str, str]
    at: float
    json: Any = None
    files: dict[int, Upload] = field(default_factory=dict)
    status: int | None = None
    injected: bool = False

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(len(file.data) for file in self.files.values())


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets: the path's variables as integers or tokens, and the body."""

    params: Mapping[str, str]
    query: Mapping[str, str]
    json: Any
    files: Mapping[int, Upload]

    def id(self, name: str) -> int:
        """A snowflake of the path; 0, which nobody has, when it is none."""
        return as_id(self.params[name]) or 0


Handler = Callable[[Call], Any]
"""Returns the JSON of the answer; None is 204. Raises ApiError."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    route: str
    handler: Handler
    bot_only: bool
    bucket: Callable[[Call], Bucket] | None


class Rest:
    """Routes and what surrounds them."""

    def __init__(self, world: World, token: str, faults: Faults, rates: RateLimits, schema: Schema | None) -> None:
        self.requests: list[Request] = []
        self._carrying: deque[Request] = deque()
        self._carried = 0
        self.count_429 = 0
        self.invalid_requests = 0
        self._world = world
        self._token = token
        self._faults = faults
        self._rates = rates
        self._schema = schema
        self.routes: list[web.RouteDef] = []

    def add(
        self,
        method: str,
        route: str,
        handler: Handler,
        *,
        bot_only: bool = True,
        bucket: Callable[[Call], Bucket] | None = None,
    ) -> None:
        """Serve a route, written as in Discord's API description. Without ``bot_only`` its token is in the path."""
        endpoint = Endpoint(route, handler, bot_only, bucket)

        async def serve(request: web.Request) -> web.Response:
            return await self.pass_through(request, route, partial(self._answer, endpoint, request))

        self.routes.append(web.route(method, API + route, serve))

    def add_fallback(self) -> None:
        """Everything else of the API is recorded and not found."""

        async def serve(request: web.Request) -> web.Response:
            return await self.pass_through(request, "", lambda _: _error(ApiError(404, 0, "404: Not Found")))

        self.routes.append(web.route("*", API + "/{path:.*}", serve))

    def matching(self, method: str, path: str) -> list[Request]:
        return [r for r in self.requests if fnmatchcase(r.method, method) and fnmatchcase(r.path, path)]

    async def pass_through(
        self, request: web.Request, route: str, answer: Callable[[Request], web.Response]
    ) -> web.Response:
        """Record a request, and let an armed fault strike before or after ``answer`` gives its response."""
        path = request.path.removeprefix(API)
        record = Request(request.method, path, route, dict(request.query), self._world.clock.time())
        self._note(record)
        response = await self._struck(request, record, answer)
        if request.transport is not None and not request.transport.is_closing():
            record.status = response.status
        self.invalid_requests += response.status in (401, 403, 429)
        self.count_429 += response.status == 429 and not record.injected
        self._world.pulse.beat()
        return response

    def _note(self, record: Request) -> None:
        """In the journal, which forgets its oldest tenth when it is full."""
        self.requests.append(record)
        most = self._world.memory.requests
        if len(self.requests) > most:
            del self.requests[: max(1, most // 10)]

    def _carry(self, record: Request) -> None:
        """Files stay in the journal while there is room for them."""
        if not record.files:
            return
        self._carrying.append(record)
        self._carried += record.size
        while self._carried > self._world.memory.files and len(self._carrying) > 1:
            oldest = self._carrying.popleft()
            self._carried -= oldest.size
            oldest.files = {}

    async def _struck(
        self, request: web.Request, record: Request, answer: Callable[[Request], web.Response]
    ) -> web.Response:
        try:
            body = await read_body(request, self._request_limit())
            record.json, record.files = body.json, body.files
            self._carry(record)
            fault = self._faults.take(record.method, record.path, files=bool(record.files), body=record.json)
            if fault is not None and not fault.after_effect:
                await self._strike(fault, request, record)
            response = answer(record)
            if fault is not None and fault.after_effect:
                await self._strike(fault, request, record)
        except ApiError as error:
            return _error(error)
        except (ConnectionError, aiohttp.ClientError):
            return _error(ApiError(499, 0, "the connection is gone"))
        return response

    async def _strike(self, fault: Fault, request: web.Request, record: Request) -> None:
        """Raises what the fault is; returns when it only held the request up."""
        try:
            await fault.strike(request)
        except ApiError:
            record.injected = True
            raise
        if request.transport is None or request.transport.is_closing():
            record.injected = True
            raise ApiError(499, 0, "the connection is gone")

    def _request_limit(self) -> int:
        return max(limits.REQUEST_BYTES, self._world.attachment_size_limit, self._world.guild.file_limit)

    def _answer(self, endpoint: Endpoint, request: web.Request, record: Request) -> web.Response:
        headers: dict[str, str] = {}
        try:
            if endpoint.bot_only:
                if request.headers.get("Authorization") != f"Bot {self._token}":
                    raise unauthorized()
                # interaction routes are exempt from the global limit, says Discord's documentation
                self._rates.spend(Bucket("overall", ""))
            call = Call(request.match_info, record.query, record.json, record.files)
            if endpoint.bucket is not None:
                headers = self._rates.spend(endpoint.bucket(call))
            if self._schema is not None:
                self._schema.check(record.method, endpoint.route, record.path, record.json)
            return _json(endpoint.handler(call), headers)
        except ApiError as error:
            error.headers = headers | error.headers
            return _error(error)


def _json(result: Any, headers: Mapping[str, str]) -> web.Response:
    if result is None:
        return web.Response(status=204, headers=headers)
    # body instead of json_response: discord.py wants exactly "application/json", without a charset
    return web.Response(body=orjson.dumps(result), content_type="application/json", headers=headers)


def _error(error: ApiError) -> web.Response:
    return web.Response(
        status=error.status,
        body=orjson.dumps(error.body),
        content_type="application/json",
        headers=error.headers,
    )
