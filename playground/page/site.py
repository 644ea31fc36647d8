"""The page's own addresses, and the headers that fence it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from playground.discord import DiscordServer, files
from playground.page.audience import Audience
from playground.page.faults import Switch
from playground.page.guard import Guard
from playground.page.screen import Screen
from playground.page.switches import discord_switches
from playground.page.uploads import Uploads
from playground.page.verbs import Backend, Verbs
from playground.page.view import MEDIA

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Page:
    """Puts the page on a server that has not started yet.

    Args:
        server: whose port serves it, whose users are before it.
        comfyui: what the page says of where pictures come from.

    ``switches`` may be added to; ``changed_faults`` tells the windows that one stands otherwise now.
    """

    def __init__(self, server: DiscordServer, comfyui: Backend) -> None:
        world = server.world
        self.switches: list[Switch] = discord_switches(server)
        self.uploads = Uploads(server.clock, lambda: max(world.attachment_size_limit, world.guild.file_limit))
        self._audience = Audience(server, self.switches)
        self._verbs = Verbs(server, self._audience, self.uploads, self.switches, comfyui)
        self._guard = Guard(server.host)
        self._cdn, self._pulse = world.cdn, world.pulse
        world.watchers.append(self._audience)
        server.extend(self._add_to)

    @property
    def windows(self) -> int:
        """How many are open."""
        return len(self._audience.screens)

    def changed_faults(self) -> None:
        self._audience.changed_faults()

    def _add_to(self, app: web.Application) -> None:
        app.middlewares.append(self._admit)
        app.on_response_prepare.append(_fence)
        app.on_shutdown.append(self._end)
        app.router.add_get("/", self._static)
        app.router.add_post("/page/files", self.uploads.receive)
        app.router.add_get("/page/socket", self._talk)
        app.router.add_get(MEDIA + files.FILE, self._media)
        app.router.add_get("/page/{path:.+}", self._static)

    @web.middleware
    async def _admit(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._guard.admits(request):
            return web.Response(status=403, text="The playground is not known under this name.")
        return await handler(request)

    async def _static(self, request: web.Request) -> web.StreamResponse:
        path = (STATIC / request.match_info.get("path", "index.html")).resolve()
        if not (path.is_relative_to(STATIC) and path.is_file() and path.suffix in TYPES):
            return web.Response(status=404, text="There is nothing here.")
        return web.FileResponse(path, headers={"Content-Type": TYPES[path.suffix], "Cache-Control": "no-cache"})

    async def _media(self, request: web.Request) -> web.Response:
        found = self._cdn.linked(request.match_info["file_id"], request.query, recent=True)
        return files.serve(request, found)

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        screen = Screen(self._verbs.obey)
        self._audience.screens.add(screen)
        try:
            return await screen.serve(request)
        finally:
            self._audience.screens.discard(screen)
            self._pulse.beat()

    async def _end(self, _: web.Application) -> None:
        await self._audience.close()


async def _fence(request: web.Request, response: web.StreamResponse) -> None:
    if request.path == "/" or request.path.startswith("/page/") or response.status == 403:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
