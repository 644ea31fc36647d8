"""Whether what is set about media can be done."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from config.errors import ConfigError

if TYPE_CHECKING:
    from config.models import BotConfig

EXTRA = 'pip install "discomfy[video]"'


def can_encode_video() -> bool:
    """Whether PyAV is there; it comes with the extra ``video``."""
    return find_spec("av") is not None


def check_metadata_setting(config: BotConfig) -> None:
    """Refuse to strip where that cannot be done.

    Raises:
        ConfigError: videos and sounds would be left out, for want of PyAV.
    """
    if config.generation.posted_metadata == "strip" and not can_encode_video():
        raise ConfigError(
            "GENERATION__POSTED_METADATA",
            "generation.posted_metadata",
            "is strip, and what takes the tags out of videos is not installed",
            f"{EXTRA}, or set it to keep",
        )
