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

VARIABLES: Mapping[str, tuple[str, str]] = {
    "DISCORD_TOKEN": ("discord", "token"),
    "DISCORD_GUILD_ID": ("discord", "guild_id"),
    "DISCORD_API_URL": ("discord", "api_url"),
    "COMFYUI_URL": ("comfyui", "url"),
    "COMFYUI_API_KEY": ("comfyui", "api_key"),
}
"""Settings with a variable of their own. It goes before ``SECTION__KEY``, and counts as not set when it is empty."""

BETWEEN = "__"
"""What stands between a section and a key in the name of a variable."""
