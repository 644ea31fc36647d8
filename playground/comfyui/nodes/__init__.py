"""The node classes that the server knows, as facts: inputs, types, ranges, outputs (ComfyUI 0.3.64)."""

from __future__ import annotations

from .conditioning import CONDITIONING
from .images import IMAGES
from .latents import LATENTS
from .loaders import LOADERS
from .masks import MASKS
from .media import MEDIA
from .sampling import SAMPLING
from .sound import SOUND
from .wire import Definition, Folder

_ALL: tuple[Definition, ...] = (*LOADERS, *CONDITIONING, *SAMPLING, *LATENTS, *IMAGES, *MASKS, *MEDIA, *SOUND)

TABLE = {str(definition["name"]): definition for definition in _ALL}

__all__ = ["TABLE", "Definition", "Folder"]
