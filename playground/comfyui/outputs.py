"""What the output nodes leave behind: files, and the entry that the client is told."""

from __future__ import annotations

import random
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .prompts import Prompt
from .recipes import NodeError, Recipe
from .storage import OutsideError, Slot, Storage
from .studio import Studio


@dataclass(frozen=True, slots=True)
class Saver:
    """How an output node saves. `single`: one file of all pictures, with ``animated``."""

    key: str
    extension: str
    single: bool = False
    temp: bool = False
    prefix: str = "ComfyUI"


SAVERS = {
    "SaveImage": Saver("images", "png"),
    "PreviewImage": Saver("images", "png", temp=True),
    "SaveAnimatedWEBP": Saver("images", "webp", single=True),
    "SaveAnimatedPNG": Saver("images", "png", single=True),
    "SaveWEBM": Saver("images", "webm", single=True),
    "SaveVideo": Saver("images", "mp4", single=True, prefix="video/ComfyUI"),
    "VHS_VideoCombine": Saver("gifs", "mp4", single=True, prefix="AnimateDiff"),
    "SaveAudio": Saver("audio", "flac", prefix="audio/ComfyUI"),
    "SaveAudioMP3": Saver("audio", "mp3", prefix="audio/ComfyUI"),
    "SaveAudioOpus": Saver("audio", "opus", prefix="audio/ComfyUI"),
    "PreviewAudio": Saver("audio", "flac", temp=True),
    "SaveLatent": Saver("latents", "latent", prefix="latents/ComfyUI"),
}
_FPS = 8.0


class OutputWriter:
    """Writes the files of output nodes."""

    def __init__(self, storage: Storage, studio: Studio) -> None:
        self._storage = storage
        self._studio = studio

    async def write(
        self, class_type: str, values: Mapping[str, Any], recipe: Recipe, prompt: Prompt
    ) -> dict[str, list[Any]]:
        """What an output node hands out ({} when that is nothing). Raises `NodeError`."""
        if class_type == "PreviewAny":
            return {"text": [str(values.get("source", ""))]}
        saver = SAVERS.get(class_type)
        if saver is None:
            return {}
        pictures = saver.extension == "png" and not saver.single
        slots = [self._slot(saver, values) for _ in range(recipe.count if pictures else 1)]
        for index, slot in enumerate(slots):
            if pictures:
                texts = {"prompt": prompt.graph, **(prompt.extra_data.get("extra_pnginfo") or {})}
                content = await self._studio.picture(recipe, index, texts)
            else:
                content = await self._studio.media(recipe, saver.extension, _FPS if recipe.fps is None else recipe.fps)
            slot.path.write_bytes(content)
        shown = {saver.key: [slot.entry() for slot in slots]}
        return shown | ({"animated": [True]} if saver.single else {})

    def _slot(self, saver: Saver, values: Mapping[str, Any]) -> Slot:
        if saver.temp:
            prefix = "ComfyUI_temp_" + "".join(random.choices(string.ascii_lowercase, k=5))
            return self._storage.new("temp", prefix, saver.extension)
        try:
            return self._storage.new("output", values.get("filename_prefix", saver.prefix), saver.extension)
        except OutsideError as exc:
            raise NodeError("Saving outside the output folder is not allowed.", "Exception") from exc
