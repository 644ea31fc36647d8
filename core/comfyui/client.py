"""ComfyUI's HTTP interface. One request, one method; nothing here waits for a generation or polls.

Routes and bodies: ComfyUI's ``server.py`` (0.3.64), checked against recorded answers. Routes that only newer
servers have say so.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import quote
from uuid import uuid4

import aiohttp
import orjson

from core.comfyui.receipt import Receipt, read_receipt
from core.comfyui.refusals import rejection
from core.comfyui.transport import (
    BROKEN_ANSWER,
    RawSocket,
    RefusedError,
    Transport,
    read_chunks,
    read_whole,
)
from core.exceptions import ComfyUIError

#: Bytes of a file that is fetched into memory.
_LARGEST_IN_MEMORY = 1024**3


class ComfyUIClient(Transport):
    """HTTP client of one ComfyUI server.

    Args:
        base_url: ``http://host:port``; any host name or address, with or without a path prefix.
        timeout: seconds that one request may take.
        api_key: sent as a bearer token, for servers behind an authenticating proxy.
        client_id: names this program on the server; prompts posted under it send their events to the socket
            of the same name. Drawn when not given.

    Open it with `initialize` and `close`, or with ``async with``. Every method raises `ComfyUIError` when the
    server cannot be reached or refuses.
    """

    def __init__(
        self, base_url: str, timeout: int = 300, *, api_key: str | None = None, client_id: str | None = None
    ) -> None:
        super().__init__(base_url, timeout, api_key=api_key)
        self.client_id = client_id or uuid4().hex

    # Prompts

    async def queue_prompt(self, workflow: dict[str, Any], *, prompt_id: str | None = None, **options: Any) -> str:
        """Queue an API-format graph and return its prompt id; `submit` says more and takes the same options."""
        return (await self.submit(workflow, prompt_id=prompt_id, **options)).prompt_id

    async def submit(
        self,
        workflow: Mapping[str, Any],
        *,
        prompt_id: str | None = None,
        front: bool = False,
        number: float | None = None,
        extra_data: Mapping[str, Any] | None = None,
    ) -> Receipt:
        """``POST /prompt``.

        Args:
            prompt_id: a canonical lower-case UUID; drawn when not given.
            front: run before everything that waits.
            number: the place in the queue instead; lower ones run first, negative ones before all.

        Raises:
            PromptRejectedError: the graph is invalid. It is a `ComfyUIError` and a `WorkflowError`.
            ComfyUIError: with ``maybe_accepted`` when the prompt may be queued although no answer came.
        """
        body: dict[str, Any] = {
            "prompt": workflow,
            "client_id": self.client_id,
            "prompt_id": prompt_id or str(uuid4()),
        }
        if front:
            body["front"] = True
        if number is not None:
            body["number"] = number
        if extra_data:
            body["extra_data"] = extra_data
        try:
            answer = await self._request("POST", "/prompt", json=body)
        except RefusedError as exc:
            if exc.status_code == 400 and isinstance(exc.body, dict):
                raise rejection(exc.body, 400, workflow) from exc
            raise
        return read_receipt(answer, prompt_id)

    async def get_queue(self) -> dict[str, Any]:
        """``GET /queue`` → ``{"queue_running": [entry], "queue_pending": [entry]}``.

        An entry is ``[number, prompt_id, graph, extra_data, output node ids]``.
        """
        return await self._mapping("GET", "/queue")

    async def get_queue_remaining(self) -> int:
        """How many prompts run or wait on the server."""
        answer = await self._mapping("GET", "/prompt")
        try:
            return int(answer["exec_info"]["queue_remaining"])
        except (KeyError, TypeError, ValueError) as exc:
            raise ComfyUIError(BROKEN_ANSWER, 200, detail=f"{answer!r:.500}") from exc

    async def delete_pending(self, *prompt_ids: str) -> None:
        """Take prompts out of the queue. Running, finished and unknown ids are passed over in silence."""
        await self._request("POST", "/queue", json={"delete": list(prompt_ids)})

    async def clear_queue(self) -> None:
        """Take every waiting prompt out of the queue, other programs' included."""
        await self._request("POST", "/queue", json={"clear": True})

    async def interrupt(self, prompt_id: str) -> None:
        """Stop this prompt at its next step, if it is the one that runs. (Without an id, ComfyUI stops any.)"""
        await self._request("POST", "/interrupt", json={"prompt_id": prompt_id})

    async def get_history(self, prompt_id: str) -> dict[str, Any]:
        """``{prompt_id: entry}``, or ``{}`` for an unknown, waiting, running or deleted prompt alike."""
        return await self._mapping("GET", f"/history/{quote(prompt_id, safe='')}")

    async def list_history(self, max_items: int | None = None, offset: int | None = None) -> dict[str, Any]:
        """``{prompt_id: entry}`` of finished prompts, oldest first."""
        params = {"max_items": max_items, "offset": offset}
        return await self._mapping(
            "GET", "/history", params={key: str(value) for key, value in params.items() if value is not None}
        )

    async def delete_history(self, *prompt_ids: str) -> None:
        """Forget finished prompts; their files stay."""
        await self._request("POST", "/history", json={"delete": list(prompt_ids)})

    async def clear_history(self) -> None:
        """Forget every finished prompt, other programs' included."""
        await self._request("POST", "/history", json={"clear": True})

    async def list_jobs(self) -> dict[str, Any]:
        """``GET /api/jobs`` of newer servers; `ComfyUIError` with status 404 elsewhere."""
        return await self._mapping("GET", "/api/jobs")

    async def get_job(self, prompt_id: str) -> dict[str, Any]:
        """``GET /api/jobs/{id}`` of newer servers: status pending, in_progress, completed, failed or cancelled."""
        return await self._mapping("GET", f"/api/jobs/{quote(prompt_id, safe='')}")

    async def cancel_job(self, prompt_id: str) -> bool:
        """Cancel a waiting or running prompt at once (newer servers; 405 elsewhere); False when it was over already."""
        answer = await self._mapping("POST", f"/api/jobs/{quote(prompt_id, safe='')}/cancel")
        return bool(answer.get("cancelled"))

    # Files

    async def download_output(self, filename: str, subfolder: str = "", output_type: str = "output") -> bytes:
        """The bytes of one file, in memory. `stream_output` suits what may be large."""
        async with self._view(filename, subfolder, output_type) as response:
            return await read_whole(response, _LARGEST_IN_MEMORY)

    async def stream_output(
        self,
        target: IO[bytes],
        filename: str,
        subfolder: str = "",
        output_type: str = "output",
        *,
        limit: int = sys.maxsize,
    ) -> int:
        """Write one file to ``target`` in pieces of at most 256 KiB; returns its size in bytes.

        Raises:
            OversizedError: it has more than ``limit`` bytes.
        """
        size = 0
        async with (
            self._view(filename, subfolder, output_type) as response,
            contextlib.aclosing(read_chunks(response, limit)) as chunks,
        ):
            async for chunk in chunks:
                target.write(chunk)
                size += len(chunk)
        return size

    def _view(
        self, filename: str, subfolder: str, output_type: str
    ) -> contextlib.AbstractAsyncContextManager[aiohttp.ClientResponse]:
        params = {"filename": filename, "subfolder": subfolder, "type": output_type}
        return self._send("GET", "/view", params=params)

    async def upload_image(
        self,
        data: bytes | Path,
        filename: str,
        *,
        subfolder: str = "",
        overwrite: bool = False,
        mask_of: Mapping[str, str] | None = None,
    ) -> str:
        """Store an input picture and return the name that LoadImage takes: the server may have changed it.

        Args:
            data: the picture, or the file that holds it (streamed).
            filename: its name on the server; letters, digits, dot, dash and underscore are safe.
            mask_of: for a mask, the picture that it belongs to: ``{"filename", "subfolder", "type"}``.
        """
        form = aiohttp.FormData(quote_fields=False)
        with contextlib.ExitStack() as stack:
            content = stack.enter_context(data.open("rb") if isinstance(data, Path) else io.BytesIO(data))
            form.add_field("image", content, filename=filename, content_type="application/octet-stream")
            form.add_field("type", "input")
            form.add_field("subfolder", subfolder)
            form.add_field("overwrite", "true" if overwrite else "false")
            if mask_of is not None:
                form.add_field("original_ref", orjson.dumps(mask_of).decode())
            route = "/upload/image" if mask_of is None else "/upload/mask"
            answer = await self._mapping("POST", route, data=form)
        folder, name = answer.get("subfolder") or "", answer.get("name")
        if not isinstance(name, str) or not name or not isinstance(folder, str):
            raise ComfyUIError(BROKEN_ANSWER, 200, detail=f"POST {route}: {answer!r:.500}")
        return f"{folder}/{name}" if folder else name

    # The server

    async def test_connection(self) -> bool:
        """Whether the server answers as a ComfyUI does."""
        try:
            return "system" in await self.get_system_stats()
        except ComfyUIError:
            return False

    async def get_system_stats(self) -> dict[str, Any]:
        """``{"system": {comfyui_version, …}, "devices": [{name, vram_total, vram_free, …}]}``, sizes in bytes."""
        return await self._mapping("GET", "/system_stats")

    async def get_features(self) -> dict[str, Any]:
        """What the server says it supports, ``max_upload_size`` in bytes among it."""
        return await self._mapping("GET", "/features")

    async def get_object_info(self, node_class: str | None = None) -> dict[str, Any]:
        """Node definitions by class: of one, or of all (some MB)."""
        path = "/object_info" if node_class is None else f"/object_info/{quote(node_class, safe='')}"
        return await self._mapping("GET", path)

    async def get_models(self, folder: str | None = None) -> list[str]:
        """The model folders; or the files in one, with their sub-folders."""
        answer = await self._request("GET", "/models" if folder is None else f"/models/{quote(folder, safe='')}")
        return [str(name) for name in answer] if isinstance(answer, list) else []

    async def get_embeddings(self) -> list[str]:
        """Names of the textual-inversion embeddings."""
        answer = await self._request("GET", "/embeddings")
        return [str(name) for name in answer] if isinstance(answer, list) else []

    async def get_metadata(self, folder: str, filename: str) -> dict[str, Any]:
        """The metadata in a safetensors file's header; status 404 when it has none."""
        return await self._mapping("GET", f"/view_metadata/{quote(folder, safe='')}", params={"filename": filename})

    async def free(self, *, unload_models: bool = True, free_memory: bool = True) -> None:
        """Ask the server to give memory back when its queue is empty."""
        await self._request("POST", "/free", json={"unload_models": unload_models, "free_memory": free_memory})

    def open_socket(self, *, heartbeat: float) -> contextlib.AbstractAsyncContextManager[RawSocket]:
        """The server's event socket under our client id; closed when the block ends. Text frames come as bytes."""
        return self._socket("/ws", {"clientId": self.client_id}, heartbeat)
