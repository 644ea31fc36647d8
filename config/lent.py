"""What another bot may have of somebody's settings: the workflows, and how /generate behaves. Never a secret.

The values are not checked: whoever is lent them says what is wrong. Nothing heavy is imported for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from config.loader import find_file
from config.vocabulary import BETWEEN, VARIABLES

_SECTIONS = ("workflows", "generation")
_FOLDER = ("storage", "workflows")
_USUAL_FOLDER = "workflows"


def lent_settings() -> dict[str, Any]:
    """The sections of the ``config.json`` that would be read here, and the folder of workflows.

    Raises:
        ConfigError: there is one that cannot be read.
    """
    file = find_file("config.json")
    settings = {} if file is None else _read(file)
    return {name: settings[name] for name in _SECTIONS if name in settings} | lent_folder(settings)


def lent_folder(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The section that names the folder of workflows."""
    section, key = _FOLDER
    storage = settings.get(section)
    named = storage.get(key) if isinstance(storage, dict) else None
    return {section: {key: _from_anywhere(named if isinstance(named, str) and named else _USUAL_FOLDER)}}


def lent_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of ``.env`` and of an environment that say the same things; the environment goes first."""
    return {
        name: _from_anywhere(value) if _path(name) == _FOLDER else value
        for name, value in {**_dotenv(), **environ}.items()
        if value is not None and (_path(name) == _FOLDER or _path(name)[0] in _SECTIONS)
    }


def told(token: str, api_url: str, comfyui_url: str, home: Path, outputs: Path) -> dict[str, str]:
    """The variables that tell a bot where everything is, with a folder for all that it keeps."""
    return {
        "DISCORD_TOKEN": token,
        "DISCORD_API_URL": api_url,
        "DISCORD__USER_INSTALL": "true",
        "COMFYUI_URL": comfyui_url,
        "STORAGE__DATA": str(home / "data"),
        "STORAGE__OUTPUTS": str(outputs),
        "LOGGING__FILE": str(home / "bot.log"),
    }


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment less all that is a setting, or could be one."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() not in VARIABLES and (BETWEEN not in name or name.startswith(BETWEEN))
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        settings = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        settings = None
    if isinstance(settings, dict):
        return settings
    from config.layers import json_layer

    return dict(json_layer(file).data)  # says what is wrong


def _path(name: str) -> tuple[str, ...]:
    return tuple(name.lower().split(BETWEEN))


def _from_anywhere(folder: str) -> str:
    """A folder that is here, also for those who are elsewhere; others are the bot's to look for."""
    here = Path.cwd() / folder
    return str(here) if here.is_dir() else folder


def _dotenv() -> Mapping[str, str | None]:
    from dotenv import dotenv_values

    file = find_file(".env")
    try:
        return dotenv_values(file, encoding="utf-8-sig") if file else {}
    except (OSError, ValueError):
        return {}
