"""Settings: ``config.json``, ``.env`` and the environment, as one frozen object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from config.errors import ConfigError
from config.loader import get_config, load_config, require_token, reset_config

if TYPE_CHECKING:
    from config.models import BotConfig

__all__ = ["BotConfig", "ConfigError", "get_config", "load_config", "require_token", "reset_config"]


def __getattr__(name: str) -> object:
    """Import the models only when they are asked for: pydantic takes longer than all the rest."""
    if name == "BotConfig":
        from config.models import BotConfig

        return BotConfig
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
