"""A modal as the client shows it, and what is sent when it is filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from playground.discord.errors import PlaygroundError, listed
from playground.discord.model import Account, Channel, Upload
from playground.discord.protocol import SELECTS, Json, Part
from playground.discord.resolved import Resolved


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. ``component`` is its wire JSON."""

    label: str
    component: Json

    @property
    def custom_id(self) -> str:
        return self.component["custom_id"]

    @property
    def kind(self) -> Part:
        return Part(self.component["type"])

    @property
    def required(self) -> bool:
        return self.component.get("required") is not False

    @property
    def options(self) -> list[Json]:
        return self.component.get("options") or []

    @property
    def value(self) -> str:
        """The text that it is opened with."""
        return self.component.get("value") or ""


@dataclass(frozen=True, slots=True)
class Modal:
    """A form on the screen. ``parts`` are its wire components."""

    custom_id: str
    title: str
    parts: tuple[Json, ...]

    @classmethod
    def read(cls, data: Json) -> Modal:
        return cls(data["custom_id"], data["title"], tuple(data["components"]))

    @property
    def fields(self) -> tuple[Field, ...]:
        found: list[Field] = []
        for part in self.parts:
            if part["type"] == Part.LABEL:
                found.append(Field(part["label"], part["component"]))
            elif part["type"] == Part.ROW:
                found += [Field(inner.get("label", ""), inner) for inner in part["components"]]
        return tuple(found)

    def field(self, name: str) -> Field:
        """By label or custom id."""
        for field in self.fields:
            if name in (field.label, field.custom_id):
                return field
        raise PlaygroundError(f"the form has no {name!r}, but {listed(field.label for field in self.fields)}")

    def submitted(self, values: Mapping[str, Any], resolved: Resolved) -> Json:
        """The data of the submit interaction. What is not in ``values`` is sent as it was prefilled.

        Raises:
            PlaygroundError: the client would not let it be sent.
        """
        given = {self.field(name).custom_id: value for name, value in values.items()}
        answers = {
            field.custom_id: {
                "type": int(field.kind),
                "id": field.component["id"],
                "custom_id": field.custom_id,
                **_answer(field, given.get(field.custom_id), resolved),
            }
            for field in self.fields
        }
        components: list[Json] = []
        for part in self.parts:
            shell: Json = {"type": part["type"], "id": part["id"]}
            if part["type"] == Part.LABEL:
                shell["component"] = answers[part["component"]["custom_id"]]
            elif part["type"] == Part.ROW:
                shell["components"] = [answers[inner["custom_id"]] for inner in part["components"]]
            components.append(shell)
        return {"custom_id": self.custom_id, "components": components, **resolved.written()}


def _answer(field: Field, given: Any, resolved: Resolved) -> Json:
    if field.kind is Part.TEXT_INPUT:
        return {"value": _text(field, field.value if given is None else given)}
    if field.kind is Part.CHECKBOX:
        return {"value": bool(field.component.get("default") if given is None else given)}
    if field.kind is Part.RADIO:
        picked = pick(field.component, given, field.label, required=field.required)
        return {"value": picked[0] if picked else None}
    if field.kind is Part.UPLOAD:
        return {"values": _uploads(field, given, resolved)}
    if field.kind in SELECTS - {Part.SELECT}:
        return {"values": _entities(field, given, resolved)}
    return {"values": pick(field.component, given, field.label, required=field.required)}


def _text(field: Field, text: Any) -> str:
    if not isinstance(text, str):
        raise PlaygroundError(f"{field.label!r} takes text")
    shortest, longest = field.component.get("min_length") or 0, field.component.get("max_length") or 4000
    if not text and not field.required:
        return ""
    if not text or not shortest <= len(text) <= longest:
        raise PlaygroundError(f"{field.label!r} takes {max(shortest, 1)} to {longest} characters, not {len(text)}")
    return text


def pick(component: Json, given: Any, label: str, *, required: bool = True) -> list[str]:
    """Values of the options picked by value or label; those picked beforehand when ``given`` is None."""
    options = component.get("options") or []
    if given is None:
        values = [option["value"] for option in options if option.get("default")]
    else:
        values = []
        for name in [given] if isinstance(given, str) else given:
            option = next((option for option in options if name in (option["value"], option["label"])), None)
            if option is None:
                raise PlaygroundError(f"{label!r} has no {name!r}, but {listed(o['label'] for o in options)}")
            values.append(option["value"])
    _check_count(component, len(values), label, required=required)
    if len(set(values)) < len(values):
        raise PlaygroundError(f"the same is picked twice for {label!r}")
    return values


def _uploads(field: Field, given: Any, resolved: Resolved) -> list[str]:
    uploads = [given] if isinstance(given, Upload) else list(given or [])
    if not all(isinstance(upload, Upload) for upload in uploads):
        raise PlaygroundError(f"{field.label!r} takes files")
    if any(len(upload.data) > resolved.file_limit for upload in uploads):
        raise PlaygroundError(f"a file for {field.label!r} is too large")
    _check_count(field.component, len(uploads), field.label, required=field.required)
    return [resolved.file(upload) for upload in uploads]


def _entities(field: Field, given: Any, resolved: Resolved) -> list[str]:
    picked = [given] if isinstance(given, Account | Channel) else list(given or [])
    wanted = Channel if field.kind is Part.CHANNEL_SELECT else Account
    if not all(isinstance(one, wanted) for one in picked):
        raise PlaygroundError(f"{field.label!r} takes {'channels' if wanted is Channel else 'people'}")
    _check_count(field.component, len(picked), field.label, required=field.required)
    return [resolved.channel(one) if isinstance(one, Channel) else resolved.account(one) for one in picked]


def _check_count(component: Json, count: int, label: str, *, required: bool) -> None:
    if not count and not required:
        return
    least = component.get("min_values")
    low, high = 1 if least is None else least, component.get("max_values") or 1
    if not max(low, int(required)) <= count <= high:
        if not count:
            raise PlaygroundError(f"{label!r} has to be filled in")
        raise PlaygroundError(f"{label!r} takes {low} to {high}, not {count}")
