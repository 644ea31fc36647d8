from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config import ConfigError, load_config
from config.models import BotConfig

TIMEOUT = "set it to the seconds that one HTTP request may take, 1 to 86400"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"comfyui": {"timeout": "soon"}}, f"config.json: comfyui.timeout: must be a whole number; {TIMEOUT}"),
        ({"comfyui": {"timeout": 1.5}}, f"config.json: comfyui.timeout: must be a whole number; {TIMEOUT}"),
        (
            {"comfyui": {"timeout": 0}},
            f"config.json: comfyui.timeout: must be greater than or equal to 1; {TIMEOUT}",
        ),
        ({"comfyui": {"timeout": True}}, f"config.json: comfyui.timeout: must not be true or false; {TIMEOUT}"),
        ({"comfyui": {"timout": 1}}, "config.json: comfyui.timout: unknown key; did you mean comfyui.timeout?"),
        ({"ComfyUI": {}}, "config.json: ComfyUI: unknown key; did you mean comfyui?"),
        (
            {"zebra": {}},
            "config.json: zebra: unknown key; remove it, or use one of discord, comfyui, generation, progress, "
            "workflows, storage, logging, security",
        ),
        (
            {"security": 3},
            "config.json: security: must be an object; set it to an object: how much a user may ask for",
        ),
        (
            {"logging": {"level": "loud"}},
            "config.json: logging.level: must be 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'; set it to the "
            "least severity that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL",
        ),
        (
            {"storage": {"outputs": 3}},
            "config.json: storage.outputs: must be text; set it to the folder that results are written to",
        ),
        (
            {"comfyui": {"url": "comfyui:8188"}},
            "config.json: comfyui.url: must begin with http:// or https://; set it to the address of ComfyUI, such as "
            "http://127.0.0.1:8188, http://comfyui:8188 or http://[::1]:8188",
        ),
        (
            {"workflows": {"x": {"file": "x.json", "loras": 5}}},
            "config.json: workflows.x.loras: must be a list; set it to a list of patterns for the LoRA files that fit, "
            'folders included, such as ["flux/*", "*_f1d*"]; left out, all do',
        ),
        (
            {"workflows": {"x": {"file": "x.json", "choices": {"steps": []}}}},
            "config.json: workflows.x.choices.steps: must not be empty; set workflows.x.choices to an object of lists "
            'by parameter of the only values that are allowed, such as {"upscale_factor": [2, 4, 8]}',
        ),
        (
            {"workflows": {"x": {}}},
            "config.json: workflows.x.file: is missing; set it to the name of a file in the workflows folder, such as "
            "flux_lora.json",
        ),
        (
            {"workflows": {"x": "x.json"}},
            "config.json: workflows.x: must be an object; set workflows to an object of workflows by name, such as "
            '{"flux_lora": {"file": "flux_lora.json"}}',
        ),
        (
            {"workflows": {"x": {"file": "x", "limits": {"widht": {}}}}},
            "config.json: workflows.x.limits.widht: unknown key; did you mean workflows.x.limits.width?",
        ),
        (
            {"workflows": {"x": {"file": "x", "limits": {"width": {"min": 2, "max": 1}}}}},
            "config.json: workflows.x.limits.width: min is greater than max; set workflows.x.limits to an object of "
            'ranges by parameter that differ from the usual ones, such as {"steps": {"min": 4, "max": 12}}',
        ),
        (
            {"workflows": {"x": {"file": "x", "defaults": {"steps": []}}}},
            "config.json: workflows.x.defaults.steps: has the wrong type; set workflows.x.defaults to an object of "
            'values by parameter that differ from those saved in the workflow, such as {"steps": 8}',
        ),
        ("[1]", "config.json: is not a JSON object; begin it with { and end it with }"),
        (
            '{"discord": {}, "comfyui": {"timeout": 1}, "comfyui": {}}',
            "config.json: comfyui: is written twice in one object; keep one of them",
        ),
        (
            '{\n  "comfyui": {\n    "timeout" 1\n  }\n}',
            "config.json: line 3, column 15: is not valid JSON (Expecting ':' delimiter); correct it there, or just "
            "before",
        ),
        ("", "config.json: line 1, column 1: is not valid JSON (Expecting value); correct it there, or just before"),
        ("[" * 100_000, "config.json: holds a number or a nesting beyond all bounds; take it out"),
        ("1" * 10_000, "config.json: holds a number or a nesting beyond all bounds; take it out"),
    ],
)
def test_a_mistake_in_the_file(settings, data: object, line: str) -> None:
    assert str(settings.mistake(data)) == line


@pytest.mark.parametrize(
    ("variable", "text", "line"),
    [
        ("COMFYUI__TIMEOUT", "soon", f"comfyui.timeout: must be a whole number; {TIMEOUT}"),
        ("COMFYUI__TIMOUT", "1", "comfyui.timout: unknown key; did you mean COMFYUI__TIMEOUT?"),
        (
            "DISCORD_GUILD_ID",
            "my guild",
            "discord.guild_id: must be a whole number; set it to the id of the one guild that gets the commands at "
            "once; left out, they are global",
        ),
        (
            "WORKFLOWS__X__ENABLED",
            "false",
            "workflows.x.file: is missing; set it to the name of a file in the workflows folder, such as "
            "flux_lora.json",
        ),
    ],
)
def test_a_mistake_in_a_variable(settings, variable: str, text: str, line: str) -> None:
    assert str(settings.mistake(env={variable: text})) == f"{variable} in the environment: {line}"
    assert str(settings.mistake(dotenv=f"{variable}={text}\n")) == f"{variable} in .env: {line}"


def test_json_in_a_variable_that_is_not_json(settings) -> None:
    error = settings.mistake(
        {"workflows": {"x": {"file": "x.json"}}}, env={"WORKFLOWS__X__LIMITS": '{"steps": {"max": 9}'}
    )
    assert str(error).startswith("WORKFLOWS__X__LIMITS in the environment: workflows.x.limits: must be an object; ")


def test_the_source_that_won_is_the_one_that_is_named(settings) -> None:
    bad = {"comfyui": {"timeout": "x"}}
    assert settings.mistake(bad).source == "config.json"
    assert settings.mistake(bad, dotenv="COMFYUI__TIMEOUT=y").source == "COMFYUI__TIMEOUT in .env"
    assert settings.mistake(bad, env={"comfyui__timeout": "z"}).source == "comfyui__timeout in the environment"
    assert settings.load(bad, env={"COMFYUI__TIMEOUT": "5"}).comfyui.timeout == 5


def test_the_first_mistake_is_named_and_the_others_are_counted(settings) -> None:
    data = {"security": {"per_user": 0}, "comfyui": {"timeout": 0, "job_timeout": -1}, "extra": 1}
    error = settings.mistake(data)
    assert error.key == "comfyui.timeout"
    assert str(error).endswith(" (and 3 more mistakes)")
    assert str(settings.mistake({"comfyui": {"timeout": 0, "url": "x"}})).endswith(" (and 1 more mistake)")


def test_the_parts_are_at_hand(settings) -> None:
    error = settings.mistake({"comfyui": {"timeout": 0}})
    assert (error.source, error.key) == ("config.json", "comfyui.timeout")
    assert (error.problem, error.remedy) == ("must be greater than or equal to 1", TIMEOUT)


def test_a_file_outside_the_current_folder_is_named_with_its_path(
    settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert settings.mistake("[]").source == str(tmp_path / "config.json")


@pytest.mark.parametrize(
    ("data", "given"),
    [
        ({"discord": {"token": ["s3cret"]}}, {}),
        ({"discord": {"tokn": "s3cret"}}, {}),
        ({"discord": "s3cret"}, {}),
        ({"comfyui": {"api_key": 5, "url": "wss://me:s3cret@h"}}, {}),
        ({"comfyui": {"url": "http://me:s3cret@:1"}}, {}),
        ({}, {"env": {"COMFYUI_URL": "me:s3cret@h"}}),
        ({}, {"dotenv": "DISCORD_API_URL=http://me:s3cret@h:x"}),
        ('{"discord": {"token": "s3cret"', {}),
        ('{"discord": {"token": "s3cret", "token": "s3cret"}}', {}),
    ],
)
def test_a_secret_is_never_repeated(settings, data: object, given: dict[str, object]) -> None:
    error = settings.mistake(data, **given)
    assert "s3cret" not in "".join(traceback.format_exception(error))


def test_a_folder_in_place_of_a_file(settings) -> None:
    settings.dotenv.mkdir()
    assert str(settings.mistake()) == ".env: cannot be read (Is a directory); put a readable file there"
    settings.file.unlink()
    settings.file.mkdir()
    with pytest.raises(ConfigError, match=r"^config\.json: cannot be read \(Is a directory\); put "):
        load_config(settings.file, {})


def test_a_file_that_is_not_text(settings) -> None:
    settings.dotenv.write_bytes(b"DISCORD_TOKEN=\xff\xfe\n")
    assert str(settings.mistake()) == ".env: is not UTF-8 text; save it as UTF-8"
    settings.file.write_bytes(b"\xff\xfe{}")
    with pytest.raises(ConfigError, match=r"^config\.json: is not UTF-8 text; save it as UTF-8$"):
        load_config(settings.file, {})


def test_a_file_with_a_byte_order_mark_is_fine(settings) -> None:
    assert settings.load('\ufeff{"comfyui": {"timeout": 5}}').comfyui.timeout == 5


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda members: st.lists(members, max_size=3) | st.dictionaries(st.text(max_size=5), members, max_size=3),
    max_leaves=6,
)
SECTION = st.sampled_from([*BotConfig.model_fields, "other"])
KEY = st.sampled_from(["token", "url", "timeout", "level", "file", "per_user", "flux", "x"])
FILES = st.dictionaries(SECTION, st.dictionaries(KEY, JSON, max_size=3) | JSON, max_size=4)


@given(FILES | JSON, st.dictionaries(st.tuples(SECTION, KEY).map("__".join), st.text(max_size=5), max_size=3))
@hypothesis_settings(max_examples=150)
def test_whatever_is_in_the_file_it_loads_or_is_refused_in_one_line(settings, data, env) -> None:
    outcome = outcome_of(lambda: settings.load(json.dumps(data), env=env))
    if isinstance(outcome, ConfigError):
        assert len(str(outcome).splitlines()) == 1
        assert outcome.problem
        assert outcome.remedy
    else:
        assert type(outcome) is BotConfig


def outcome_of(load: Callable[[], BotConfig]) -> BotConfig | ConfigError:
    try:
        return load()
    except ConfigError as exc:
        return exc
