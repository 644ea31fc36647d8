"""What a demo's bot is lent of somebody's settings, and what it is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from config import ConfigError, load_config
from config.lent import lent_folder, lent_settings, lent_variables, told, without_settings
from config.models import StorageConfig

OWN = {
    "discord": {"token": "own", "guild_id": 5},
    "comfyui": {"api_key": "own"},
    "generation": {"default_workflow": "mine"},
    "workflows": {"mine": {"file": "mine.json"}},
    "storage": {"workflows": "graphs", "outputs": "own", "url": "postgresql://me:own@host/own"},
    "logging": {"file": "own.log"},
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_workflows_are_lent_and_nothing_else(here: Path) -> None:
    (here / "graphs").mkdir()
    (here / "config.json").write_text(json.dumps(OWN), "utf-8")
    assert lent_settings() == {
        "generation": {"default_workflow": "mine"},
        "workflows": {"mine": {"file": "mine.json"}},
        "storage": {"workflows": str(here / "graphs")},
    }


def test_a_folder_that_is_not_here_is_the_bots_to_look_for(here: Path) -> None:
    assert lent_folder(OWN) == {"storage": {"workflows": "graphs"}}


def test_the_folder_has_its_usual_name(here: Path) -> None:
    (here / "workflows").mkdir()
    usual = {"storage": {"workflows": str(here / StorageConfig().workflows)}}
    assert [lent_folder(settings) for settings in ({}, {"storage": 3}, {"storage": {"workflows": 3}})] == [usual] * 3


@pytest.mark.parametrize("text", ["{", "[]", "3", '"workflows"', "[" * 100_000, "\xff"])
def test_what_cannot_be_read_is_said(here: Path, text: str) -> None:
    (here / "config.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ConfigError, match=r"config\.json"):
        lent_settings()


def test_variables_that_say_the_same_are_lent_the_environments_first(here: Path) -> None:
    (here / "own").mkdir()
    (here / ".env").write_text(
        "DISCORD_TOKEN=own\nWORKFLOWS__MINE__NAME=Mine\nGENERATION__SPOILERS=all\nexport storage__workflows=own\nX\n"
    )
    assert lent_variables({"GENERATION__SPOILERS": "off", "COMFYUI__TIMEOUT": "5", "PATH": "/bin"}) == {
        "WORKFLOWS__MINE__NAME": "Mine",
        "GENERATION__SPOILERS": "off",
        "storage__workflows": str(here / "own"),
    }


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"=\n'"])
def test_a_broken_env_file_lends_nothing(here: Path, content: bytes) -> None:
    (here / ".env").write_bytes(content)
    assert lent_variables({}) == {}


def test_an_env_that_is_a_folder_lends_nothing(here: Path) -> None:
    (here / ".env").mkdir()
    assert lent_variables({}) == {}


def test_no_setting_is_left_in_an_environment() -> None:
    own = ("DISCORD_TOKEN", "discord_token", "Comfyui_Api_Key", "STORAGE__URL", "workflows__a__name", "logging__file")
    kept = {"PATH": "/bin", "LANG": "C", "__CF_USER_TEXT_ENCODING": "0x1F5", "PYTHONPATH": "x"}
    assert without_settings({**dict.fromkeys(own, "own"), **kept}) == kept


def test_what_a_bot_is_told_is_what_it_reads(here: Path) -> None:
    (here / "config.json").write_text("{}", "utf-8")
    variables = told("t", "http://127.0.0.1:1/api/v10", "http://127.0.0.1:2", here / "home", here / "outputs")
    config = load_config(here / "config.json", variables)
    assert (config.discord.token, config.discord.api_url) == ("t", "http://127.0.0.1:1/api/v10")
    assert config.comfyui.url == "http://127.0.0.1:2"
    assert (config.storage.data, config.storage.outputs) == (str(here / "home" / "data"), str(here / "outputs"))
    assert config.logging.file == str(here / "home" / "bot.log")
    assert config.discord.user_install
