"""The HTTP side: every route twice (plain and below ``/api``), and what happens around each of them."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from ..journal import Request
from ..state import State
from .answers import RECORD, TroubleError, trouble
from .files import FileRoutes
from .info import InfoRoutes
from .jobs import JobRoutes
from .prompts import PromptRoutes


def build(state: State) -> web.Application:
    """The application that serves a state."""
    app = web.Application(client_max_size=state.settings.max_upload_size, middlewares=[_around(state)])
    table = [web.get("/ws", state.sockets.connect)]
    for group in (PromptRoutes(state), InfoRoutes(state), FileRoutes(state)):
        table += group.table()
    if state.settings.newer:
        table += JobRoutes(state).table()
    app.add_routes(table)
    app.add_routes([web.route(route.method, f"/api{route.path}", route.handler) for route in table])
    app.add_routes([web.get("/{page:.*}", _no_page)])
    return app


async def _no_page(_request: web.Request) -> web.Response:
    """The real one looks for a file of its web page: what has no route is missing to a GET, and 405 to all else."""
    return web.Response(status=404)


def _around(state: State) -> Middleware:
    """Record, hold at gates, refuse what is foreign or faulty, and turn failures into the real server's answers."""

    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        record = Request(request.method, _plain(request.path), dict(request.query))
        record.prompt_id = request.match_info.get("prompt_id")
        request[RECORD] = record
        state.journal.add_request(record)
        task = asyncio.current_task()
        assert task is not None
        state.answering.add(task)
        try:
            await state.gates.pass_request(record)
            response = await _answer(state, request, record, handler)
            await state.gates.pass_request(record, after_effect=True)
        except web.HTTPException as refusal:
            state.journal.answered(record, refusal.status)
            raise
        except TroubleError:
            response = trouble()
        finally:
            state.answering.discard(task)
        state.journal.answered(record, response.status)
        return response

    return around


async def _answer(state: State, request: web.Request, record: Request, handler: Handler) -> web.StreamResponse:
    if _is_foreign(request):
        return web.Response(status=403)
    if seconds := state.faults.take_delay(record.path):
        await asyncio.sleep(seconds)
    fault = state.faults.take_path(record.path)
    if fault is None:
        return await handler(request)
    if fault.status is not None:
        return trouble(fault.status)
    return web.Response(body=fault.made_for(record.prompt_id), content_type=fault.content_type)


def _plain(path: str) -> str:
    return path.removeprefix("/api") if path.startswith("/api/") else path


def _is_foreign(request: web.Request) -> bool:
    """Whether a page of another site asks; one that has its own name lead to this address is refused here alone."""
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    try:
        asked = urlsplit(origin)
        return asked.netloc != request.host or not (asked.hostname == "localhost" or ip_address(asked.hostname or ""))
    except ValueError:
        return True
