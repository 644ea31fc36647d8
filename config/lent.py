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


def lent_settings() -> dict[str, Any]:
    """The sections of the ``config.json`` that would be read here, and its folder of workflows.

    Raises:
        ConfigError: there is one that cannot be read.
    """
    file = find_file("config.json")
    if file is None:
        return {}
    try:
        settings = json.loads(file.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        from config.layers import json_layer

        settings = json_layer(file).data  # says what is wrong
    lent = {name: settings[name] for name in _SECTIONS if name in settings}
    section, key = _FOLDER
    if isinstance(storage := settings.get(section), dict) and isinstance(storage.get(key), str):
        lent[section] = {key: _from_anywhere(storage[key])}
    return lent


def lent_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables of ``.env`` and of an environment that say the same things; the environment goes first."""
    return {
        name: _from_anywhere(value) if _path(name) == _FOLDER else value
        for name, value in {**_dotenv(), **environ}.items()
        if value is not None and (_path(name) == _FOLDER or _path(name)[0] in _SECTIONS)
    }


def without_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment less all that is a setting, or could be one."""
    return {
        name: value
        for name, value in environ.items()
        if name.upper() not in VARIABLES and (BETWEEN not in name or name.startswith(BETWEEN))
    }


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
