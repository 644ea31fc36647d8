"""Where settings come from: config.json, then .env, then the environment; the later one wins, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from errno import EISDIR
from os import strerror
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.errors import ConfigError
from config.explain import Layer, explain
from config.models import BotConfig
from config.vocabulary import BETWEEN, VARIABLES


class _Settings(BotConfig, BaseSettings):
    model_config = SettingsConfigDict(case_sensitive=True, env_nested_delimiter=BETWEEN)


class _Variables(EnvSettingsSource):
    """Flat names to nested settings. A text that is not the JSON it should be is left for validation to name."""

    def decode_complex_value(self, field_name: str, field: Any, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def json_layer(path: Path) -> Layer:
    """Read a settings file.

    Raises:
        ConfigError: it cannot be read, is not JSON (with line and column), or is not an object.
    """
    name = _shown(path)
    with _reading(name):
        text = path.read_text("utf-8-sig")
    try:
        data = json.loads(text, object_pairs_hook=_without_repeats)
    except json.JSONDecodeError as exc:
        problem = f"line {exc.lineno}, column {exc.colno}: is not valid JSON ({exc.msg})"
        raise ConfigError(name, None, problem, "correct it there, or just before") from exc
    except _RepeatedKeyError as exc:
        raise ConfigError(name, str(exc), "is written twice in one object", "keep one of them") from exc
    except (ValueError, RecursionError) as exc:
        raise ConfigError(name, None, "holds a number or a nesting beyond all bounds", "take it out") from exc
    if not isinstance(data, dict):
        raise ConfigError(name, None, "is not a JSON object", "begin it with { and end it with }")
    return Layer(name, data)


def dotenv_layer(path: Path, workflows: Iterable[str] = ()) -> Layer:
    """Read the settings among the lines of a ``.env`` file.

    Raises:
        ConfigError: it cannot be read.
    """
    name = _shown(path)
    with _reading(name):
        if path.is_dir():
            raise IsADirectoryError(EISDIR, strerror(EISDIR))
        path.stat()
        # Takes a missing file for an empty one, hence the lines above.
        source = DotEnvSettingsSource(_Settings, env_file=path, env_file_encoding="utf-8-sig")
    return variables_layer(name, source.env_vars, workflows)


def variables_layer(origin: str, variables: Mapping[str, str | None], workflows: Iterable[str] = ()) -> Layer:
    """Pick the settings out of variables, whatever the case of their names.

    Args:
        origin: what holds the variables, for errors.
        variables: name to text; names that are not ours are passed over.
        workflows: names of workflows, whose spelling a variable's name follows.
    """
    spelling = {name.lower(): name for name in workflows}
    named: dict[tuple[str, ...], str] = {}
    texts: dict[str, str] = {}
    for variable, text in sorted(variables.items(), key=lambda item: item[0].upper() in VARIABLES):
        path = VARIABLES.get(variable.upper()) or tuple(variable.lower().split(BETWEEN))
        if text is None or len(path) < 2 or path[0] not in BotConfig.model_fields:
            continue
        if variable.upper() in VARIABLES and not text.strip():
            continue
        if path[0] == "workflows":
            path = (path[0], spelling.get(path[1], path[1]), *path[2:])
        named[path] = variable
        texts[BETWEEN.join(path)] = text
    source = _Variables(_Settings)
    source.env_vars = texts
    return Layer(origin, source(), named)


def combine(layers: Sequence[Layer]) -> BotConfig:
    """Validate what the layers say together; where two name a key, the first one wins.

    Raises:
        ConfigError: the first of the mistakes, and how many more there are.
    """

    class Layered(_Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(InitSettingsSource(settings_cls, layer.data) for layer in layers)

    try:
        settings = Layered()
    except ValidationError as exc:
        raise explain(exc, layers) from exc
    return BotConfig(**dict(settings))


class _RepeatedKeyError(ValueError):
    pass


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return members


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


@contextmanager
def _reading(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        reason = exc.strerror or type(exc).__name__
        raise ConfigError(name, None, f"cannot be read ({reason})", "put a readable file there") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(name, None, "is not UTF-8 text", "save it as UTF-8") from exc
