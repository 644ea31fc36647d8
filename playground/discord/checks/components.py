"""Components of messages."""

from __future__ import annotations

from typing import Any

from playground.discord import limits
from playground.discord.checks.embeds import check_url
from playground.discord.checks.form import Form, Path
from playground.discord.checks.select import check_options, check_select
from playground.discord.message import walk
from playground.discord.protocol import SELECTS, Part

V2_TOP = frozenset({Part.ROW, Part.SECTION, Part.TEXT, Part.GALLERY, Part.FILE, Part.SEPARATOR, Part.CONTAINER})
LINK, PREMIUM = 5, 6


def check_components(form: Form, path: Path, value: Any, *, v2: bool) -> list[dict[str, Any]]:
    """The components at ``path``, with ids given to those that have none.

    Without the flag IS_COMPONENTS_V2 these are at most five action rows.
    """
    most = limits.COMPONENTS_V2 if v2 else limits.ROWS
    parts = [form.mapping((*path, n), part) for n, part in enumerate(form.items(path, value, most))]
    for number, part in enumerate(parts):
        _check(form, (*path, number), part, V2_TOP if v2 else frozenset({Part.ROW}))
    everything = list(walk(parts))
    if v2 and len(everything) > limits.COMPONENTS_V2:
        form.refuse(
            path,
            "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
            f"The maximum number of components is {limits.COMPONENTS_V2}",
        )
    if sum(len(str(part.get("content", ""))) for part in everything) > limits.COMPONENTS_V2_TEXT:
        form.refuse(
            path,
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            f"Component displayable text size exceeds maximum size of {limits.COMPONENTS_V2_TEXT}",
        )
    check_custom_ids(form, path, parts)
    return number_components(parts)


def check_custom_ids(form: Form, path: Path, parts: list[dict[str, Any]]) -> None:
    """No custom id twice in one message or modal."""
    used: set[str] = set()

    def visit(place: Path, part: dict[str, Any]) -> None:
        custom_id = part.get("custom_id")
        if isinstance(custom_id, str):
            if custom_id in used:
                form.refuse(
                    (*place, "custom_id"),
                    "COMPONENT_CUSTOM_ID_DUPLICATED",
                    "Component custom id cannot be duplicated",
                )
            used.add(custom_id)
        for number, inner in enumerate(part.get("components") or []):
            visit((*place, "components", number), inner)
        for key in ("component", "accessory"):
            if isinstance(part.get(key), dict):
                visit((*place, key), part[key])

    for number, part in enumerate(parts):
        visit((*path, number), part)


def number_components(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts, each with an ``id`` that is unique in the message."""
    taken = {part["id"] for part in walk(parts) if part.get("id")}
    free = (number for number in range(1, 10_000) if number not in taken)

    def numbered(part: dict[str, Any]) -> dict[str, Any]:
        copy = {**part, "id": part.get("id") or next(free)}
        if "components" in part:
            copy["components"] = [numbered(inner) for inner in part["components"]]
        for key in ("component", "accessory"):
            if key in part:
                copy[key] = numbered(part[key])
        return copy

    return [numbered(part) for part in parts]


def _check(form: Form, path: Path, part: dict[str, Any], allowed: frozenset[Part]) -> None:
    kind = part.get("type")
    if kind not in allowed:
        form.choices((*path, "type"), sorted(map(int, allowed)))
    elif kind == Part.ROW:
        _check_row(form, path, part)
    elif kind == Part.TEXT:
        form.text((*path, "content"), part.get("content"), limits.COMPONENTS_V2_TEXT, 1, optional=False)
    elif kind == Part.GALLERY:
        items = form.items((*path, "items"), part.get("items"), limits.GALLERY_ITEMS, 1, optional=False)
        for number, item in enumerate(items):
            _check_media(form, (*path, "items", number, "media"), form.mapping(path, item).get("media"))
    elif kind in (Part.FILE, Part.THUMBNAIL):
        key = "file" if kind == Part.FILE else "media"
        _check_media(form, (*path, key), part.get(key))
    elif kind == Part.CONTAINER:
        _check_each(form, path, part, V2_TOP - {Part.CONTAINER}, limits.COMPONENTS_V2)
    elif kind == Part.SECTION:
        _check_each(form, path, part, frozenset({Part.TEXT}), 3)
        accessory = form.mapping((*path, "accessory"), part.get("accessory"))
        if accessory.get("type") == Part.BUTTON:
            _check_button(form, (*path, "accessory"), accessory)
        else:
            _check(form, (*path, "accessory"), accessory, frozenset({Part.THUMBNAIL}))


def _check_each(form: Form, path: Path, part: dict[str, Any], allowed: frozenset[Part], most: int) -> None:
    inner = form.items((*path, "components"), part.get("components"), most, 1, optional=False)
    for number, item in enumerate(inner):
        place = (*path, "components", number)
        _check(form, place, form.mapping(place, item), allowed)


def _check_media(form: Form, path: Path, media: Any) -> None:
    url = form.mapping(path, media).get("url")
    if url is None:
        form.required((*path, "url"))
    check_url(form, (*path, "url"), url)


def _check_row(form: Form, path: Path, row: dict[str, Any]) -> None:
    inner = (*path, "components")
    parts = form.items(inner, row.get("components"), limits.ROW_BUTTONS, 1, optional=False)
    kinds = {part.get("type") for part in parts if isinstance(part, dict)}
    if kinds & SELECTS and len(parts) > 1:
        form.refuse(inner, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width")
    for number, item in enumerate(parts):
        place = (*inner, number)
        part = form.mapping(place, item)
        if part.get("type") == Part.BUTTON:
            _check_button(form, place, part)
        elif part.get("type") in SELECTS:
            check_select(form, place, part, modal=False)
            if part["type"] == Part.SELECT:
                check_options(form, place, part, 1, limits.OPTIONS)
        else:
            form.choices((*place, "type"), (2, 3, 5, 6, 7, 8))


def _check_button(form: Form, path: Path, button: dict[str, Any]) -> None:
    form.text((*path, "label"), button.get("label"), limits.BUTTON_LABEL)
    style = form.integer((*path, "style"), button.get("style"), 1, 6)
    if button.get("style") is None:
        form.required((*path, "style"))
    if style == LINK:
        if not form.text((*path, "url"), button.get("url"), limits.BUTTON_URL, 1, optional=False):
            return
        check_url(form, (*path, "url"), button["url"])
        if button.get("custom_id"):
            form.refuse(
                (*path, "custom_id"),
                "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
                "A custom id and url cannot both be specified",
            )
    elif style != PREMIUM:
        form.text((*path, "custom_id"), button.get("custom_id"), limits.CUSTOM_ID, 1, optional=False)
    if style != PREMIUM and not button.get("label") and not button.get("emoji"):
        form.refuse(path, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required")
