"""/prompt, /queue, /interrupt and /history."""

from __future__ import annotations

import re
import time
import uuid
from typing import Any

from aiohttp import web

from ..faults import PromptFault
from ..prompts import Prompt
from ..state import State
from ..validation import refusal, validate
from .answers import RECORD, TroubleError, number_from, read_json, reset, told, trouble

_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PromptRoutes:
    """The life of a prompt, as seen over HTTP."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/prompt", self.remaining),
            web.post("/prompt", self.submit),
            web.get("/queue", self.show_queue),
            web.post("/queue", self.change_queue),
            web.post("/interrupt", self.interrupt),
            web.get("/history", self.show_history),
            web.get("/history/{prompt_id}", self.show_one),
            web.post("/history", self.change_history),
        ]

    async def remaining(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state.status["status"])

    async def submit(self, request: web.Request) -> web.Response:
        fault = self._state.faults.take_prompt()
        if fault is not None and not fault.accept:
            return _failed(request, fault)
        answer = await self._accept(request)
        return answer if fault is None else _failed(request, fault)

    async def _accept(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        if not isinstance(body, (dict, list, str)):
            raise TroubleError("the body holds nothing")
        if not isinstance(body, dict) or "prompt" not in body:
            message = "No prompt provided"
            return _refused(refusal("no_prompt", message, message))
        graph = body["prompt"]
        if not isinstance(graph, dict):
            raise TroubleError("the prompt is not a graph")
        number = self._number(body)
        prompt_id = self._prompt_id(body)
        if prompt_id is None:
            return _refused(refusal("invalid_prompt_id", "prompt_id must be a valid UUID"))
        request[RECORD].prompt_id = prompt_id
        newer = self._state.settings.newer
        verdict = validate(graph, self._state.catalog, self._state.storage, newer=newer)
        if verdict.error is not None:
            return _refused(verdict.error, verdict.node_errors)
        extra_data = dict(body.get("extra_data") or {})
        if "client_id" in body:
            extra_data["client_id"] = body["client_id"]
        if newer:
            extra_data["create_time"] = time.time_ns() // 1_000_000
        self._state.journal.add_prompt(prompt_id, graph)
        self._state.queue.put(Prompt(number, prompt_id, graph, extra_data, verdict.outputs))
        await self._state.announce()
        answer = {"prompt_id": prompt_id, "number": number, "node_errors": verdict.node_errors}
        return web.json_response(answer)

    def _number(self, body: dict[str, Any]) -> float:
        if "number" not in body:
            return self._state.queue.take_number(front=bool(body.get("front")))
        try:
            return float(body["number"])
        except (TypeError, ValueError) as exc:
            raise TroubleError("number is not a number") from exc

    def _prompt_id(self, body: dict[str, Any]) -> str | None:
        """The client's id, or a drawn one; None when it is none. Before there were rules for it, anything was one."""
        if not self._state.settings.newer:
            return str(body.get("prompt_id", uuid.uuid4()))
        given = body.get("prompt_id")
        if given is None:
            return str(uuid.uuid4())
        return given if isinstance(given, str) and _CANONICAL_UUID.fullmatch(given) else None

    async def show_queue(self, _request: web.Request) -> web.Response:
        queue = self._state.queue
        running = [] if queue.running is None else [queue.running.wire()]
        pending = [prompt.wire() for prompt in queue.pending]
        return web.json_response({"queue_running": running, "queue_pending": pending})

    async def change_queue(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        queue = self._state.queue
        if told(body, "clear"):
            queue.clear()
            await self._state.announce()
        for prompt_id in told(body, "delete", ()):
            if queue.delete(prompt_id):
                if not queue.pending:
                    await self._state.announce()  # the recording has two for the last one
                await self._state.announce()
        return web.Response()

    async def interrupt(self, request: web.Request) -> web.Response:
        """With an id only while that one runs; an empty or broken body stops whoever is running."""
        try:
            body = await read_json(request)
        except TroubleError:
            body = {}
        if not isinstance(body, dict):
            raise TroubleError("the body is not an object")
        prompt_id = request[RECORD].prompt_id = body.get("prompt_id") or None
        if not self._state.faults.takes_effect("interrupt"):
            self._state.queue.interrupt(prompt_id)
        return web.Response()

    async def show_history(self, request: web.Request) -> web.Response:
        offset = number_from(request, "offset")
        past = self._state.queue.past(number_from(request, "max_items"), -1 if offset is None else offset)
        return web.json_response(past)

    async def show_one(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        entry = self._state.queue.history.get(prompt_id)
        if entry is None or self._state.faults.takes_effect("history"):
            return web.json_response({})
        return web.json_response({prompt_id: entry})

    async def change_history(self, request: web.Request) -> web.Response:
        body = await read_json(request)
        history = self._state.queue.history
        if told(body, "clear"):
            history.clear()
        for prompt_id in told(body, "delete", ()):
            history.pop(prompt_id, None)
        return web.Response()


def _refused(error: dict[str, Any], node_errors: dict[str, Any] | None = None) -> web.Response:
    return web.json_response({"error": error, "node_errors": node_errors or {}}, status=400)


def _failed(request: web.Request, fault: PromptFault) -> web.Response:
    return reset(request) if fault.status is None else trouble(fault.status)
