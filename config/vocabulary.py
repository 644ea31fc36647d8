"""What the settings and the workflows call things."""

from __future__ import annotations

from collections.abc import Mapping

PARAMETERS: Mapping[str, type[int] | type[float] | type[str]] = {
    "prompt": str,
    "negative_prompt": str,
    "lyrics": str,
    "width": int,
    "height": int,
    "steps": int,
    "cfg": float,
    "guidance": float,
    "denoise": float,
    "sampler": str,
    "scheduler": str,
    "seed": int,
    "batch_size": int,
    "length": int,
    "fps": float,
    "duration": float,
    "upscale_factor": float,
    "lora_strength": float,
}
"""The parameters of a workflow that take a default, a limit or choices, with the type of their values."""

ROLES = (
    *("positive", "negative", "lyrics", "seed", "steps", "cfg", "guidance", "denoise", "sampler", "scheduler"),
    *("width", "height", "batch_size", "length", "fps", "duration"),
    *("images", "masks", "videos", "audios", "loras", "upscale_factor"),
)
"""What an input of a graph can be for."""
