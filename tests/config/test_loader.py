from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import config
from config import ConfigError, get_config, load_config, loader, require_token, reset_config
from config.models import BotConfig, DiscordConfig


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, Path]]:
    """The current folder and the folder of the packages, both empty, without a variable that counts."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setattr(loader, "HOME", home)
    for variable in ("COMFYUI_URL", "COMFYUI__URL", "DISCORD_TOKEN", "DISCORD__TOKEN"):
        monkeypatch.delenv(variable, raising=False)
    reset_config()
    yield here, home
    reset_config()


def write_url(folder: Path, host: str) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps({"comfyui": {"url": f"http://{host}"}}))
    return path


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(settings) -> None:
    loaded = settings.load(
        {"comfyui": {"url": "http://file", "timeout": 1, "silence_timeout": 1}},
        dotenv="COMFYUI_URL=http://dotenv\nCOMFYUI__TIMEOUT=2\n",
        env={"COMFYUI_URL": "http://environment"},
    )
    assert loaded.comfyui.url == "http://environment"
    assert loaded.comfyui.timeout == 2
    assert loaded.comfyui.silence_timeout == 1
    assert loaded.comfyui.offline_timeout == 300


def test_what_is_loaded_is_a_plain_frozen_config(settings) -> None:
    assert settings.load() == BotConfig()
    assert type(settings.load()) is BotConfig


def test_without_any_file_the_defaults_hold(elsewhere: tuple[Path, Path]) -> None:
    assert load_config(environ={}) == BotConfig()


def test_the_file_in_the_current_folder_goes_before_the_one_beside_the_packages(
    elsewhere: tuple[Path, Path],
) -> None:
    here, home = elsewhere
    write_url(home, "home")
    assert load_config(environ={}).comfyui.url == "http://home"
    write_url(here, "here")
    assert load_config(environ={}).comfyui.url == "http://here"


def test_dotenv_is_found_on_its_own(elsewhere: tuple[Path, Path]) -> None:
    here, home = elsewhere
    write_url(home, "home")
    (home / ".env").write_text("DISCORD_TOKEN=home-token")
    assert load_config(environ={}).discord.token == "home-token"
    (here / ".env").write_text("DISCORD_TOKEN=here-token")
    loaded = load_config(environ={})
    assert loaded.discord.token == "here-token"
    assert loaded.comfyui.url == "http://home"


def test_with_a_path_only_the_dotenv_beside_it_counts(elsewhere: tuple[Path, Path], tmp_path: Path) -> None:
    here, _ = elsewhere
    (here / ".env").write_text("DISCORD_TOKEN=here-token")
    path = write_url(tmp_path, "named")
    assert load_config(path, {}).discord.token == ""
    (tmp_path / ".env").write_text("DISCORD_TOKEN=beside-token")
    assert load_config(path, {}).discord.token == "beside-token"
    assert load_config(path, {}, here / ".env").discord.token == "here-token"


@pytest.mark.parametrize("given_as", ["path", "env_file"])
def test_a_file_that_was_named_must_be_there(given_as: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.file: cannot be read \(No such file or directory\); "):
        load_config(environ={}, **{given_as: tmp_path / "missing.file"})


def test_the_process_environment_is_taken_when_none_is_given(
    elsewhere: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMFYUI_URL", "http://process")
    assert load_config().comfyui.url == "http://process"


def test_get_config_loads_once_and_again_after_a_reset(elsewhere: tuple[Path, Path]) -> None:
    here, _ = elsewhere
    write_url(here, "first")
    first = get_config()
    assert first.comfyui.url == "http://first"
    write_url(here, "second")
    assert get_config() is first
    reset_config()
    assert get_config().comfyui.url == "http://second"


def test_a_failed_load_is_not_kept(elsewhere: tuple[Path, Path]) -> None:
    here, _ = elsewhere
    (here / "config.json").write_text("{")
    with pytest.raises(ConfigError):
        get_config()
    write_url(here, "mended")
    assert get_config().comfyui.url == "http://mended"


def test_a_token_is_required_where_it_is_needed() -> None:
    assert require_token(BotConfig(discord=DiscordConfig(token="abc"))) == "abc"
    with pytest.raises(ConfigError, match=r"^\.env: discord\.token: is missing; set DISCORD_TOKEN in \.env or "):
        require_token(BotConfig())


def test_the_package_offers_the_model_by_name() -> None:
    assert config.BotConfig is BotConfig
    with pytest.raises(AttributeError, match="Nothing"):
        _ = config.Nothing
