from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from config import ConfigError, load_config
from config.models import BotConfig


class Settings:
    """A folder with a settings file and a ``.env``, away from those of this checkout and this process."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "config.json"
        self.dotenv = folder / ".env"

    def load(
        self, data: object = None, *, env: Mapping[str, str] | None = None, dotenv: str | None = None
    ) -> BotConfig:
        """Load from a file with this content (text as it is, anything else as JSON)."""
        self.file.write_text(data if isinstance(data, str) else json.dumps(data or {}), "utf-8")
        if dotenv is not None:
            self.dotenv.write_text(dotenv, "utf-8")
        return load_config(self.file, env or {})

    def mistake(
        self, data: object = None, *, env: Mapping[str, str] | None = None, dotenv: str | None = None
    ) -> ConfigError:
        """Return the error that loading this ends with."""
        with pytest.raises(ConfigError) as caught:
            self.load(data, env=env, dotenv=dotenv)
        assert "\n" not in str(caught.value)
        return caught.value


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.chdir(tmp_path)
    return Settings(tmp_path)
