"""/api/jobs, which newer servers have (upstream's source was read for it; it is not in the recordings)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from ..prompts import Prompt
from ..state import State
from .answers import number_from

_STATUS_OF_END = {
    "execution_success": "completed",
    "execution_error": "failed",
    "execution_interrupted": "cancelled",
}


class JobRoutes:
    """One view on what waits, runs, and is done."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/jobs", self.list_jobs),
            web.get("/jobs/{prompt_id}", self.show),
            web.post("/jobs/{prompt_id}/cancel", self.cancel),
        ]

    async def list_jobs(self, request: web.Request) -> web.Response:
        wanted = request.query.get("status")
        jobs = [job for job in self._jobs() if wanted is None or job["status"] in wanted.split(",")]
        offset, limit = number_from(request, "offset") or 0, number_from(request, "limit")
        page = jobs[offset:] if limit is None else jobs[offset : offset + limit]
        more = offset + len(page) < len(jobs)
        pagination = {"offset": offset, "limit": limit, "total": len(jobs), "has_more": more}
        return web.json_response({"jobs": page, "pagination": pagination})

    async def show(self, request: web.Request) -> web.Response:
        prompt_id = request.match_info["prompt_id"]
        entry = self._state.queue.history.get(prompt_id)
        job = next((job for job in self._jobs() if job["id"] == prompt_id), None)
        if job is None:
            return web.json_response({"error": "Job not found"}, status=404)
        if entry is not None:
            _, _, graph, extra_data, _ = entry["prompt"]
            job |= {"outputs": entry["outputs"], "execution_status": entry["status"]}
            job["workflow"] = {"prompt": graph, "extra_data": extra_data}
        return web.json_response(job)

    async def cancel(self, request: web.Request) -> web.Response:
        """Take a pending prompt away, or interrupt a running one; false for one that is over or unknown."""
        prompt_id = request.match_info["prompt_id"]
        deleted = self._state.queue.delete(prompt_id)
        if deleted:
            await self._state.announce()
        return web.json_response({"cancelled": deleted or self._state.queue.interrupt(prompt_id)})

    def _jobs(self) -> list[dict[str, Any]]:
        """Newest first."""
        queue = self._state.queue
        waiting = [_queued(prompt, "pending") for prompt in reversed(queue.pending)]
        running = [] if queue.running is None else [_queued(queue.running, "in_progress")]
        return waiting + running + [_finished(entry) for entry in reversed(queue.history.values())]


def _queued(prompt: Prompt, status: str) -> dict[str, Any]:
    created = prompt.extra_data.get("create_time")
    job = {"id": prompt.prompt_id, "status": status, "priority": prompt.number, "outputs_count": 0}
    return job | ({} if created is None else {"create_time": created})


def _finished(entry: dict[str, Any]) -> dict[str, Any]:
    number, prompt_id, _, extra_data, _ = entry["prompt"]
    messages = dict(entry["status"]["messages"])
    end = next(name for name in _STATUS_OF_END if name in messages)
    files = [
        {**item, "nodeId": node_id, "mediaType": media}
        for node_id, shown in entry["outputs"].items()
        for media, items in shown.items()
        for item in items
        if isinstance(item, dict)
    ]
    job: dict[str, Any] = {
        "id": prompt_id,
        "status": _STATUS_OF_END[end],
        "priority": number,
        "create_time": extra_data.get("create_time"),
        "execution_start_time": messages["execution_start"]["timestamp"],
        "execution_end_time": messages[end]["timestamp"],
        "execution_error": messages.get("execution_error"),
        "outputs_count": len(files),
        "preview_output": next((file for file in files if file["type"] == "output"), files[0] if files else None),
    }
    return {key: value for key, value in job.items() if value is not None}
