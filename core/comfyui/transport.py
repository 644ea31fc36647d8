"""One HTTP session to one server, one request method, and the one place where aiohttp's errors become ours."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from types import TracebackType
from typing import Any, Literal, Self

import aiohttp
import orjson

from core.exceptions import ComfyUIError
from utils.language import phrase

CONNECT_TIMEOUT = 10.0
CLOSE_TIMEOUT = 2.0
#: Bytes of an answer that is read whole. The node definitions of a server with many packs are some MB.
MAX_ANSWER = 64 * 1024**2
#: Bytes of a frame on the socket. Some nodes send their whole picture in one.
MAX_FRAME = 128 * 1024**2
UNREACHABLE = phrase("ComfyUI cannot be reached; try again when it is back.")
BROKEN_ANSWER = phrase("ComfyUI's answer was lost on the way; try again.")
#: What a proxy says for a server behind it that is not there; Cloudflare has numbers of its own.
GATEWAY = frozenset((502, 503, 504, *range(520, 528), 530))
_SENTENCES = {
    404: phrase("ComfyUI does not have that any more; try again."),
    413: phrase("That is too large for ComfyUI."),
    **dict.fromkeys(GATEWAY, UNREACHABLE),
}
_CHUNK = 256 * 1024

#: A socket whose text frames come as bytes: they go to orjson as they are.
RawSocket = aiohttp.ClientWebSocketResponse[Literal[False]]


class Transport:
    """A session that is opened once and shared by every request."""

    def __init__(self, base_url: str, timeout: int, *, api_key: str | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._session: aiohttp.ClientSession | None = None

    async def initialize(self) -> None:
        """Open the session. Calling it again changes nothing."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=self.timeout, sock_connect=CONNECT_TIMEOUT),
            )

    async def close(self) -> None:
        """Close the session and its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def __aenter__(self) -> Self:
        await self.initialize()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            raise ComfyUIError(
                phrase("The ComfyUI client is not open; call initialize() or use it in an `async with`.")
            )
        return self._session

    async def _mapping(self, method: str, path: str, **kwargs: Any) -> dict[str, Any]:
        answer = await self._request(method, path, **kwargs)
        if not isinstance(answer, dict):
            raise ComfyUIError(BROKEN_ANSWER, 200, detail=f"{method} {path}: no JSON object", maybe_accepted=True)
        return answer

    async def _request(self, method: str, path: str, *, json: Any = None, **kwargs: Any) -> Any:
        """The parsed answer, None for an empty one."""
        if json is not None:
            kwargs["data"] = orjson.dumps(json)
            kwargs["headers"] = {"Content-Type": "application/json"}
        async with self._send(method, path, **kwargs) as response:
            body = await read_whole(response)
        try:
            return _parsed(body) if body else None
        except (ValueError, RecursionError) as exc:
            raise ComfyUIError(
                BROKEN_ANSWER, response.status, detail=f"{method} {path}: {exc}", maybe_accepted=True
            ) from exc

    @contextlib.asynccontextmanager
    async def _send(self, method: str, path: str, **kwargs: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        try:
            async with self._http.request(method, self.base_url + path, **kwargs) as response:
                if response.status >= 400:
                    raise RefusedError(response.status, await read_whole(response), f"{method} {path}")
                yield response
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as exc:
            raise ComfyUIError(UNREACHABLE, detail=_told(exc)) from exc
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as exc:
            raise ComfyUIError(BROKEN_ANSWER, detail=f"{method} {path}: {_told(exc)}", maybe_accepted=True) from exc

    @contextlib.asynccontextmanager
    async def _socket(self, path: str, params: Mapping[str, str], heartbeat: float) -> AsyncIterator[RawSocket]:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):  # aiohttp would wait as long as for any request
                socket = await self._http.ws_connect(
                    self.base_url + path,
                    params=params,
                    heartbeat=heartbeat,
                    # attrs makes the parameter; the type checker cannot see it
                    timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_TIMEOUT),  # pyright: ignore[reportCallIssue]
                    max_msg_size=MAX_FRAME,  # previews and the progress of large graphs pass aiohttp's 4 MB
                    decode_text=False,
                )
            async with socket:
                yield socket
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as exc:
            raise ComfyUIError(UNREACHABLE, detail=_told(exc)) from exc


class OversizedError(ComfyUIError):
    """An answer, or a file, of more bytes than are taken."""


class RefusedError(ComfyUIError):
    """An answer of 400 or above; ``body`` is its JSON, or None where it is not JSON."""

    def __init__(self, status: int, body: bytes, request: str) -> None:
        super().__init__(
            _SENTENCES.get(status) or phrase("ComfyUI refused the request (status {status}).", status=status),
            status,
            detail=f"{request}: {body[:500].decode('utf-8', 'replace')}",
            maybe_accepted=status >= 500,
        )
        try:
            self.body: Any = _parsed(body)
        except (ValueError, RecursionError):
            self.body = None


async def read_chunks(response: aiohttp.ClientResponse, limit: int) -> AsyncGenerator[bytes, None]:
    """The body in pieces of at most 256 KiB.

    Raises:
        OversizedError: it is longer than ``limit`` bytes.
    """
    size = response.content_length or 0
    if size <= limit:
        size = 0
        async for chunk in response.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > limit:
                break
            yield chunk
    if size > limit:
        raise OversizedError(
            phrase("ComfyUI's answer is too large to be read; ask the bot's owner to look at ComfyUI."),
            response.status,
            detail=f"{response.method} {response.url.path}: more than {limit} bytes",
        )


async def read_whole(response: aiohttp.ClientResponse, limit: int | None = None) -> bytes:
    """The body in memory, of at most ``limit`` or else `MAX_ANSWER` bytes; raises as `read_chunks` does."""
    limit = limit or MAX_ANSWER
    if 0 < (response.content_length or 0) <= limit and "Content-Encoding" not in response.headers:
        return await response.read()  # its length is known before: as cheap as most answers are
    body = bytearray()
    async with contextlib.aclosing(read_chunks(response, limit)) as chunks:
        async for chunk in chunks:
            body += chunk
    return bytes(body)


def _told(exc: Exception) -> str:
    """An error for the log. The repr of some of aiohttp's holds the headers of the request, a password among them."""
    return f"{type(exc).__name__}: {exc}"


def _parsed(body: bytes) -> Any:
    """JSON, also as only Python writes it.

    ComfyUI lists model files whose names are no text with halves of characters in them, and packs have limits like
    Infinity. The former become question marks, the latter null.

    Raises:
        ValueError, RecursionError: it is nothing of the kind.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        lenient = json.loads(body, parse_constant=lambda _: None)
        return orjson.loads(json.dumps(lenient, ensure_ascii=False).encode(errors="replace"))
