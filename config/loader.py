"""The settings, loaded when they are first asked for."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from config.errors import ConfigError

if TYPE_CHECKING:
    from config.models import BotConfig

HOME = Path(__file__).resolve().parent.parent
"""The folder that holds the packages, and the ``config.json`` that comes with them."""


def load_config(
    path: Path | None = None, environ: Mapping[str, str] | None = None, env_file: Path | None = None
) -> BotConfig:
    """Read config.json, .env and the environment; the later one wins, key by key.

    Args:
        path: the settings file. Without it, ``config.json`` in the current folder, else the one beside the
            packages; when neither is there, the defaults hold.
        environ: the environment; without it, that of this process.
        env_file: the ``.env`` file. Without it, the one beside ``path`` when that is given, else the one in the
            current folder, else the one beside the packages; it need not be there.

    Raises:
        ConfigError: one line about the first mistake.
    """
    from config.layers import combine, dotenv_layer, json_layer, variables_layer

    config_file = path or find_file("config.json")
    dotenv_file = env_file or (_beside(path) if path else find_file(".env"))

    layers = [json_layer(config_file)] if config_file else []
    workflows = layers[0].members("workflows") if layers else ()
    if dotenv_file:
        layers.insert(0, dotenv_layer(dotenv_file, workflows))
    layers.insert(0, variables_layer("the environment", os.environ if environ is None else environ, workflows))
    return combine(layers)


@cache
def get_config() -> BotConfig:
    """Return the settings of this process; the first call loads them.

    Raises:
        ConfigError: as from :func:`load_config`; nothing is kept then.
    """
    return load_config()


def reset_config() -> None:
    """Forget the settings, so that the next :func:`get_config` loads them anew."""
    get_config.cache_clear()


def require_token(config: BotConfig) -> str:
    """Return the bot's token.

    Raises:
        ConfigError: there is none.
    """
    if not config.discord.token:
        raise ConfigError(".env", "discord.token", "is missing", "set DISCORD_TOKEN in .env or in the environment")
    return config.discord.token


def find_file(name: str) -> Path | None:
    """The file of settings that holds here: the current folder's, else the one beside the packages."""
    return next((folder / name for folder in (Path.cwd(), HOME) if (folder / name).exists()), None)


def _beside(path: Path) -> Path | None:
    candidate = path.with_name(".env")
    return candidate if candidate.exists() else None
