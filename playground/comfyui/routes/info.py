"""What the server is and has: /object_info, /models, /system_stats and their like."""

from __future__ import annotations

import platform
from pathlib import PurePosixPath

from aiohttp import web

from ..state import State
from .answers import read_object

_VERSIONS = {False: "0.3.64+playground", True: "0.11.1+playground"}
_GIB = 1024**3
_DEVICE = {
    "name": "playground (no GPU: demo pictures)",
    "type": "cpu",
    "index": None,
    "vram_total": 24 * _GIB,
    "vram_free": 22 * _GIB,
    "torch_vram_total": 24 * _GIB,
    "torch_vram_free": 22 * _GIB,
}


class InfoRoutes:
    """Routes that only read."""

    def __init__(self, state: State) -> None:
        self._state = state

    def table(self) -> list[web.RouteDef]:
        return [
            web.get("/object_info", self.object_info),
            web.get("/object_info/{class_type}", self.object_info),
            web.get("/models", self.folders),
            web.get("/models/{folder}", self.models),
            web.get("/embeddings", self.embeddings),
            web.get("/view_metadata/{folder}", self.metadata),
            web.get("/system_stats", self.system_stats),
            web.get("/features", self.features),
            web.post("/free", self.free),
        ]

    async def object_info(self, request: web.Request) -> web.Response:
        return web.json_response(self._state.catalog.object_info(request.match_info.get("class_type")))

    async def folders(self, _request: web.Request) -> web.Response:
        return web.json_response(list(self._state.catalog.models))

    async def models(self, request: web.Request) -> web.Response:
        names = self._state.catalog.models.get(request.match_info["folder"])
        return web.Response(status=404) if names is None else web.json_response(names)

    async def embeddings(self, _request: web.Request) -> web.Response:
        names = self._state.catalog.models.get("embeddings", [])
        return web.json_response([str(PurePosixPath(name).with_suffix("")) for name in names])

    async def metadata(self, request: web.Request) -> web.Response:
        found = self._state.catalog.metadata(request.match_info["folder"], request.query.get("filename", ""))
        return web.Response(status=404) if found is None else web.json_response(found)

    async def system_stats(self, _request: web.Request) -> web.Response:
        system = {
            "os": "posix",
            "ram_total": 64 * _GIB,
            "ram_free": 48 * _GIB,
            "comfyui_version": _VERSIONS[self._state.settings.newer],
            "python_version": platform.python_version(),
            "pytorch_version": "none",
            "embedded_python": False,
            "argv": ["playground.comfyui"],
        }
        return web.json_response({"system": system, "devices": [_DEVICE]})

    async def features(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state.features)

    async def free(self, request: web.Request) -> web.Response:
        await read_object(request)
        return web.Response()
