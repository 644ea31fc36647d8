"""Where files get their bytes: drawn in a thread, or fixed ones when the server does not draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

from .faults import Faults
from .recipes import NodeError, Recipe
from .samples import SAMPLES
from .settings import Settings

_Result = TypeVar("_Result")


class Studio:
    """Makes the bytes of outputs and previews. Pillow is imported when the first picture is drawn."""

    def __init__(self, settings: Settings, faults: Faults) -> None:
        self._settings = settings
        self._faults = faults
        self._pool: ThreadPoolExecutor | None = None
        self._closed = Event()

    async def picture(self, recipe: Recipe, index: int, texts: Mapping[str, Any]) -> bytes:
        """A PNG; `texts` become its text chunks."""
        if not self._settings.draw:
            return self._settings.sample
        from .encoding import png

        return await self.run(png, recipe, index, texts)

    async def media(self, recipe: Recipe, extension: str, fps: float) -> bytes:
        """A file of any other type; latents are always the fixed one."""
        if not self._settings.draw or extension == "latent":
            return SAMPLES[extension]
        from .encoding import media

        return await self.run(media, recipe, extension, fps, self._closed.is_set)

    async def preview(self, recipe: Recipe, progress: float) -> bytes:
        """A JPEG for a preview frame, padded to `Faults.preview_bytes`."""
        if self._settings.draw:
            from .encoding import preview

            image = await self.run(preview, recipe, progress)
        else:
            image = SAMPLES["jpg"]
        return image.ljust(self._faults.preview_bytes or 0, b"\0")

    async def measure(self, path: Path) -> tuple[int, int]:
        """The size of an image file. Raises `NodeError` when it is none."""
        return await self.run(_measure, path)

    async def run(self, function: Callable[..., _Result], *args: Any) -> _Result:
        """Run `function` in this studio's one thread."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, "playground-studio")
        return await asyncio.get_running_loop().run_in_executor(self._pool, function, *args)

    async def close(self) -> None:
        """Wait for what is being drawn: for a picture to its end, for a video no longer than a frame."""
        self._closed.set()
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await asyncio.to_thread(pool.shutdown)


def _measure(path: Path) -> tuple[int, int]:
    """The size of a picture the right way up. What is broken fails here, as in the real server."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.load()
            return ImageOps.exif_transpose(image).size
    except UnidentifiedImageError as exc:
        raise NodeError(f"cannot identify image file '{path}'", "PIL.UnidentifiedImageError") from exc
    except FileNotFoundError as exc:
        raise NodeError(f"[Errno 2] No such file or directory: '{path}'", "FileNotFoundError") from exc
    except (RuntimeError, SyntaxError, Image.DecompressionBombError) as exc:  # of decoders, for what is in the file
        raise NodeError(str(exc), type(exc).__name__) from exc
