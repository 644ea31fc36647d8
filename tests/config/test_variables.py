from __future__ import annotations

import json

import pytest

from config.layers import VARIABLES
from config.models import BotConfig

FLUX = {"workflows": {"MyFlux": {"file": "flux.json"}}}


@pytest.mark.parametrize(
    ("variable", "text", "section", "key", "value"),
    [
        ("DISCORD_TOKEN", "abc", "discord", "token", "abc"),
        ("DISCORD_GUILD_ID", "123456789012345678", "discord", "guild_id", 123456789012345678),
        ("DISCORD_API_URL", "http://127.0.0.1:4000/api/v10", "discord", "api_url", "http://127.0.0.1:4000/api/v10"),
        ("COMFYUI_URL", "http://[::1]:8188", "comfyui", "url", "http://[::1]:8188"),
        ("COMFYUI_API_KEY", "key", "comfyui", "api_key", "key"),
        ("DISCORD__TOKEN", "abc", "discord", "token", "abc"),
        ("COMFYUI__TIMEOUT", "12", "comfyui", "timeout", 12),
        ("comfyui__silence_timeout", "2.5", "comfyui", "silence_timeout", 2.5),
        ("Logging__Level", "debug", "logging", "level", "DEBUG"),
        ("LOGGING__FILE", "", "logging", "file", None),
        ("STORAGE__MAX_FILES", "0", "storage", "max_files", 0),
        ("GENERATION__EDITQWEN_WORKFLOW", "mine", "generation", "editqwen_workflow", ("mine",)),
        ("GENERATION__EDITQWEN_WORKFLOW", '["one", "two"]', "generation", "editqwen_workflow", ("one", "two")),
    ],
)
@pytest.mark.parametrize("place", ["env", "dotenv"])
def test_a_variable_sets_its_key(settings, place: str, variable: str, text: str, section, key, value) -> None:
    given = {"env": {variable: text}} if place == "env" else {"dotenv": f"{variable}={text}\n"}
    assert getattr(getattr(settings.load(**given), section), key) == value


def test_every_field_of_a_section_has_a_variable(settings) -> None:
    for section, field in BotConfig.model_fields.items():
        if section == "workflows":
            continue
        values = field.get_default(call_default_factory=True, validated_data={}).model_dump()
        env = {f"{section}__{key}".upper(): _typed(value) for key, value in values.items()}
        assert settings.load(env=env) == BotConfig(), section


def _typed(value: object) -> str:
    return "" if value is None else json.dumps(value) if isinstance(value, tuple) else str(value)


def test_own_names_lead_to_fields_that_exist() -> None:
    for section, key in VARIABLES.values():
        assert key in BotConfig.model_fields[section].annotation.model_fields


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_variable_of_its_own_name_counts_as_not_set(settings, variable: str, empty: str) -> None:
    section, key = VARIABLES[variable]
    value = {"guild_id": 7}.get(key, "http://kept")
    loaded = settings.load({section: {key: value}}, env={variable: empty})
    assert getattr(getattr(loaded, section), key) == value


def test_the_own_name_goes_before_the_general_one(settings) -> None:
    both = {"DISCORD_TOKEN": "own", "DISCORD__TOKEN": "general"}
    assert settings.load(env=both).discord.token == "own"
    assert settings.load(env=dict(reversed(both.items()))).discord.token == "own"
    assert settings.load(env={"DISCORD__TOKEN": "general"}, dotenv="DISCORD_TOKEN=own").discord.token == "general"


@pytest.mark.parametrize(
    "variable",
    ["PATH", "LOGGING", "STORAGE", "DISCORD_WEBHOOK", "COMFYUI_TIMEOUT", "COMFYUIX__TIMEOUT", "MY__COMFYUI__URL", "__"],
)
def test_variables_that_are_not_ours_are_passed_over(settings, variable: str) -> None:
    assert settings.load(env={variable: "x"}, dotenv=f"{variable}=y\n") == BotConfig()


def test_dotenv_lines_of_all_kinds(settings) -> None:
    text = "\ufeff# a comment\nexport DISCORD_TOKEN='abc'\nBARE\nCOMFYUI__TIMEOUT = 9  # seconds\n\n"
    loaded = settings.load(dotenv=text)
    assert loaded.discord.token == "abc"
    assert loaded.comfyui.timeout == 9


def test_a_workflow_is_named_in_any_case(settings) -> None:
    loaded = settings.load(FLUX, env={"WORKFLOWS__MYFLUX__ENABLED": "false"})
    assert list(loaded.workflows) == ["MyFlux"]
    assert loaded.workflows["MyFlux"].enabled is False
    assert loaded.workflows["MyFlux"].file == "flux.json"


def test_a_workflow_can_be_added(settings) -> None:
    loaded = settings.load(FLUX, env={"WORKFLOWS__SDXL__FILE": "sdxl.json"})
    assert {name: entry.file for name, entry in loaded.workflows.items()} == {
        "MyFlux": "flux.json",
        "sdxl": "sdxl.json",
    }


def test_limits_and_defaults_go_by_key_or_as_json(settings) -> None:
    loaded = settings.load(
        FLUX,
        env={
            "WORKFLOWS__MYFLUX__LIMITS": '{"steps": {"max": 9}}',
            "WORKFLOWS__MYFLUX__LIMITS__WIDTH__MAX": "4096",
            "WORKFLOWS__MYFLUX__DEFAULTS__STEPS": "8",
            "WORKFLOWS__MYFLUX__DEFAULTS__CFG": "1",
        },
    )
    entry = loaded.workflows["MyFlux"]
    assert entry.limits["width"].max == 4096
    assert entry.limits["steps"].max == 9
    assert entry.defaults == {"steps": 8, "cfg": 1.0}
