"""Bodies against Discord's own API description, where that is at hand.

The description is ``openapi.json`` of discord/discord-api-spec. Needs the jsonschema package.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

ROOT = "urn:discord-api"
#: Most of what a bot sends at its start is the same each time.
_KEPT_VALUES = 1000
BODIES = (
    ("POST", "/channels/{channel_id}/messages"),
    ("PATCH", "/channels/{channel_id}/messages/{message_id}"),
    ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"),
    ("POST", "/webhooks/{webhook_id}/{webhook_token}"),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/@original"),
    ("PATCH", "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}"),
    ("PUT", "/applications/{application_id}/commands"),
    ("PUT", "/applications/{application_id}/guilds/{guild_id}/commands"),
)


@dataclass(frozen=True, slots=True)
class Violation:
    """A body that Discord's description does not allow."""

    method: str
    route: str
    path: str
    message: str


class Schema:
    """Checks bodies and keeps what was wrong."""

    def __init__(self, openapi: Path) -> None:
        self._description = _described(openapi)
        self.violations: list[Violation] = []

    def check(self, method: str, route: str, path: str, body: Any) -> None:
        """Record what is wrong with a body of one of the routes of ``BODIES``; others pass."""
        if (method, route) not in BODIES:
            return
        schema = ("paths", route, method.lower(), "requestBody", "content", "application/json", "schema")
        problem = self.problem(schema, body)
        if problem is not None:
            self.violations.append(Violation(method, route, path, problem))

    def problem(self, schema: tuple[str, ...], value: Any) -> str | None:
        """What is wrong with a value by the schema at that place of the description, or None."""
        pointer = "/".join(step.replace("~", "~0").replace("/", "~1") for step in schema)
        return self._description.problem(pointer, orjson.dumps(value))


class _Description:
    """What a file says. A validator is made when it is first needed, and what was found about a value is kept."""

    def __init__(self, openapi: Path) -> None:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import best_match
        from referencing import Registry, Resource
        from referencing.jsonschema import DRAFT202012

        document: dict[str, Any] = orjson.loads(openapi.read_bytes())
        # Discord takes snowflakes as integers too, and discord.py sends those of attachments so
        document["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        self._registry = Registry().with_resource(ROOT, Resource(document, DRAFT202012))
        self._make = Draft202012Validator
        self._best = best_match
        self._validators: dict[str, Validator] = {}
        self.problem = lru_cache(_KEPT_VALUES)(self._problem)

    def _problem(self, pointer: str, value: bytes) -> str | None:
        if pointer not in self._validators:
            self._validators[pointer] = self._make({"$ref": f"{ROOT}#/{pointer}"}, registry=self._registry)
        error = self._best(self._validators[pointer].iter_errors(orjson.loads(value)))
        return None if error is None else f"{error.json_path}: {error.message}"


@cache
def _described(openapi: Path) -> _Description:
    """Read once a process: it is long."""
    return _Description(openapi)
