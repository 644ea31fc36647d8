"""`ComfyUIServer`: a ComfyUI that a test can script, and that a demo can run on."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import gettempdir
from types import TracebackType
from typing import Any

from aiohttp import web

from .catalog import Catalog
from .engine import Engine, cancel_all
from .faults import Faults
from .gates import Gate
from .journal import Request
from .models import MODELS
from .prompts import Graph
from .routes import build
from .settings import Settings
from .state import State
from .storage import Storage, inside


class ComfyUIServer:
    """Serves ComfyUI's protocol (0.3.64; with `newer` what later versions added) on one port.

    ``async with ComfyUIServer() as server`` starts and stops it. `port` 0 takes a free one. `models` replaces whole
    model folders, `loras` the folder of LoRAs; the others have the official file names. `extra_definitions` adds node
    classes in the shape of ``/object_info``. Files live below `root`, or in a temporary directory that `stop` removes.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        step_seconds: float = 0.0,
        previews: bool = False,
        paced: bool = False,
        draw: bool = True,
        newer: bool = False,
        loras: Iterable[str] = MODELS["loras"],
        models: Mapping[str, Iterable[str]] | None = None,
        extra_definitions: Mapping[str, dict[str, Any]] | None = None,
        max_upload_size: int = 104_857_600,
        root: Path | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.settings = Settings(step_seconds, previews, paced, draw, newer, max_upload_size)
        self._owns_root = root is None
        storage = Storage(root or Path(gettempdir(), f"playground-comfyui-{uuid.uuid4().hex}"))
        catalog = Catalog({**MODELS, "loras": loras, **(models or {})}, extra_definitions or {}, storage.inputs)
        self._state = State(self.settings, storage, catalog)
        self._engine: Engine | None = None
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> ComfyUIServer:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    # -- life ----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen. Raises `OSError` when the port is taken."""
        runner = web.AppRunner(build(self._state), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._state.storage.open()
        self.port = runner.addresses[0][1]
        self._runner = runner
        self._engine = Engine(self._state)

    async def stop(self) -> None:
        """End for good, and remove the temporary directory if there is one."""
        try:
            await self.kill()
        finally:
            await self._state.studio.close()
            if self._owns_root:
                shutil.rmtree(self.root, ignore_errors=True)

    async def kill(self) -> None:
        """Be gone at once: connections are reset, then refused; queue, history and cache are lost, files stay."""
        engine, self._engine = self._engine, None
        runner, self._runner = self._runner, None
        if engine is None or runner is None or runner.server is None:
            return
        for connection in runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        await cancel_all(self._state.answering)
        await runner.cleanup()
        self._state.queue.forget()
        await engine.stop()

    async def revive(self) -> None:
        """Come back after `kill` on the same port, with nothing queued and numbers from 0."""
        await self.start()

    # -- facts ---------------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def online(self) -> bool:
        """Whether it listens: False before `start`, and between `kill` and `revive`."""
        return self._runner is not None

    @property
    def root(self) -> Path:
        return self._state.storage.root

    @property
    def input_dir(self) -> Path:
        return self._state.storage.input

    @property
    def output_dir(self) -> Path:
        return self._state.storage.output

    @property
    def temp_dir(self) -> Path:
        return self._state.storage.temp

    @property
    def faults(self) -> Faults:
        return self._state.faults

    @property
    def requests(self) -> list[Request]:
        """Every request so far, in order of arrival (the last 50,000 at most)."""
        return self._state.journal.requests

    @property
    def accepted(self) -> list[str]:
        """The ids of accepted prompts in order; one that was accepted twice is there twice."""
        return self._state.journal.accepted

    @property
    def prompts(self) -> dict[str, Graph]:
        """The accepted graphs by prompt id."""
        return self._state.journal.prompts

    @property
    def running(self) -> str | None:
        prompt = self._state.queue.running
        return None if prompt is None else prompt.prompt_id

    @property
    def pending(self) -> list[str]:
        return [prompt.prompt_id for prompt in self._state.queue.pending]

    @property
    def history(self) -> dict[str, dict[str, Any]]:
        return self._state.queue.history

    @property
    def sockets_opened(self) -> int:
        """How many WebSockets were ever opened."""
        return self._state.sockets.opened

    @property
    def open_sockets(self) -> int:
        return len(self._state.sockets.open)

    def count(self, method: str, path: str) -> int:
        """How many requests of a method went to `path` or below it, without ``/api``."""
        return self._state.journal.count(method, path)

    async def wait_for(self, predicate: Callable[[], bool], timeout: float = 30.0) -> None:
        """Return as soon as `predicate` holds; it is asked after everything that happens. Raises `TimeoutError`."""
        await self._state.journal.wait_for(predicate, timeout)

    # -- script --------------------------------------------------------------------------------------------------

    def set_models(self, folder: str, names: Iterable[str]) -> None:
        """Replace the files of one model folder (``"loras"``, ``"checkpoints"`` …)."""
        self._state.catalog.set_models(folder, names)

    def set_metadata(self, folder: str, name: str, metadata: Mapping[str, object] | None) -> None:
        """What the header of a model file says; None for nothing."""
        self._state.catalog.set_metadata(folder, name, metadata)

    def pause(
        self, event: str = "progress", node: str | None = None, prompt_id: str | None = None, *, skip: int = 0
    ) -> Gate:
        """Hold the engine before it sends the next matching event; `skip` of them pass first.

        Events have their wire's names; a preview is ``"preview"``, the last ``executing`` of a run ``"end"``.
        """
        return self._state.gates.for_event(event, node, prompt_id, skip)

    def pause_request(self, method: str, path: str, *, every: bool = False, after_effect: bool = False) -> Gate:
        """Hold the next request to `path` or below (all of them with `every`).

        It is held before it has any effect, or with `after_effect` when it has and only its answer is left.
        """
        return self._state.gates.for_request(method, path, every=every, after_effect=after_effect)

    async def drop_sockets(self) -> None:
        """Abort every open WebSocket, and return when they are gone."""
        dropped = set(self._state.sockets.open)
        for socket in dropped:
            socket.abort()
        await self.wait_for(lambda: dropped.isdisjoint(self._state.sockets.open))

    def go_silent(self, *, new_sockets: bool = False) -> None:
        """Send no frame any more on the open WebSockets, nor on later ones with `new_sockets`; pings are answered."""
        self._state.sockets.silence(new_sockets=new_sockets)

    def speak(self) -> None:
        """End `go_silent`. What was missed is not sent later."""
        self._state.sockets.speak()

    def interrupt(self) -> None:
        """Interrupt what is running, as somebody else's ``POST /interrupt {}`` would."""
        self._state.queue.interrupt()

    def delete_output(self, filename: str, subfolder: str = "", type: str = "output") -> None:
        """Remove a file that the server made, behind its back. Raises `FileNotFoundError`."""
        folder = self._state.storage.folder(type) or self.output_dir
        inside(folder, subfolder, filename).unlink()
