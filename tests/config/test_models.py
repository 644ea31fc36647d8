from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from config.models import (
    BotConfig,
    ComfyUIConfig,
    DiscordConfig,
    GenerationConfig,
    Limit,
    LoggingConfig,
    SecurityConfig,
    StorageConfig,
    WorkflowEntry,
)

SECTIONS = [
    BotConfig,
    ComfyUIConfig,
    DiscordConfig,
    GenerationConfig,
    Limit,
    LoggingConfig,
    SecurityConfig,
    StorageConfig,
    WorkflowEntry,
]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_every_field_says_what_to_set_it_to(section: type[BaseModel]) -> None:
    for name, field in section.model_fields.items():
        assert field.description, name
        assert not field.description.endswith("."), name


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)
def test_an_unknown_key_is_refused(section: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        section.model_validate({"file": "a.json"} | {"surprise": 1})
    assert "surprise" in str(caught.value)


def test_nothing_can_be_changed() -> None:
    with pytest.raises(ValidationError):
        BotConfig().comfyui.url = "http://other"
    with pytest.raises(ValidationError):
        BotConfig().comfyui = ComfyUIConfig()


def test_defaults_are_those_of_a_server_on_the_same_machine() -> None:
    config = BotConfig()
    assert config.discord.token == ""
    assert config.discord.guild_id is None
    assert config.discord.api_url is None
    assert config.comfyui.url == "http://127.0.0.1:8188"
    assert config.comfyui.timeout == 300
    assert config.generation.default_workflow == "flux_lora"
    assert config.workflows == {}
    assert config.storage == StorageConfig(outputs="outputs", workflows="workflows", max_files=2000)
    assert config.logging == LoggingConfig(level="INFO", file="logs/bot.log", format="console")
    assert config.security == SecurityConfig(per_user=10, global_limit=100, window_seconds=60, max_image_mb=25)


def test_an_address_has_no_trailing_slash() -> None:
    assert ComfyUIConfig(url="http://comfyui:8188/").url == "http://comfyui:8188"
    assert DiscordConfig(api_url="http://127.0.0.1:4000/api/v10/").api_url == "http://127.0.0.1:4000/api/v10"


def test_blanks_around_a_pasted_token_are_dropped() -> None:
    assert DiscordConfig(token=" abc\n").token == "abc"


def test_an_empty_text_stands_for_none_where_none_is_allowed() -> None:
    assert LoggingConfig(file="").file is None
    assert DiscordConfig.model_validate({"guild_id": " ", "api_url": ""}) == DiscordConfig()


def test_the_level_may_be_written_in_lower_case() -> None:
    assert LoggingConfig.model_validate({"level": "debug"}).level == "DEBUG"


@pytest.mark.parametrize(
    ("section", "values"),
    [
        (ComfyUIConfig, {"timeout": 0}),
        (ComfyUIConfig, {"timeout": True}),
        (ComfyUIConfig, {"silence_timeout": 0}),
        (ComfyUIConfig, {"silence_timeout": float("nan")}),
        (ComfyUIConfig, {"offline_timeout": -1}),
        (ComfyUIConfig, {"job_timeout": float("inf")}),
        (DiscordConfig, {"guild_id": 0}),
        (DiscordConfig, {"guild_id": 2**64}),
        (GenerationConfig, {"default_workflow": " "}),
        (GenerationConfig, {"setup_timeout": 841}),
        (GenerationConfig, {"progress_interval": 0.5}),
        (StorageConfig, {"outputs": ""}),
        (StorageConfig, {"max_files": -1}),
        (LoggingConfig, {"level": "LOUD"}),
        (LoggingConfig, {"format": "xml"}),
        (SecurityConfig, {"per_user": 0}),
        (SecurityConfig, {"global_limit": 0}),
        (SecurityConfig, {"window_seconds": 0}),
        (SecurityConfig, {"max_image_mb": 501}),
    ],
)
def test_values_out_of_range_are_refused(section: type[BaseModel], values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        section.model_validate(values)


def test_secrets_are_not_shown() -> None:
    config = BotConfig(
        discord=DiscordConfig(token="t0ken", api_url="http://me:pa55@proxy/api"),
        comfyui=ComfyUIConfig(url="https://me:w0rd%21@gpu:1", api_key="k3y"),
    )
    shown = f"{config} {config!r}"
    assert "https://gpu:1" in shown
    assert "http://proxy/api" in shown
    assert not [secret for secret in ("t0ken", "pa55", "w0rd", "k3y") if secret in shown]
    assert set(config.secrets()) == {"t0ken", "pa55", "w0rd!", "k3y"}
    assert config.comfyui.url == "https://me:w0rd%21@gpu:1"


def test_without_secrets_there_are_none() -> None:
    assert BotConfig().secrets() == ()


def test_a_refused_secret_is_not_in_the_error() -> None:
    with pytest.raises(ValidationError) as caught:
        BotConfig.model_validate({"discord": {"token": ["s3cret"]}, "comfyui": {"url": "ws://u:s3cret@h"}})
    assert "s3cret" not in str(caught.value)
