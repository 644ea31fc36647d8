"""Modals: rows with one text input each, or labels that hold any kind of field."""

from __future__ import annotations

from playground.discord import limits
from playground.discord.checks.components import check_custom_ids, number_components
from playground.discord.checks.form import Form, Path
from playground.discord.checks.select import check_counts, check_options, check_select
from playground.discord.protocol import SELECTS, Json, Part

FIELDS = SELECTS | {Part.TEXT_INPUT, Part.UPLOAD, Part.RADIO, Part.CHECKBOXES, Part.CHECKBOX}


def check_modal(form: Form, data: Json) -> Json:
    """A modal, with ids given to its parts."""
    form.text(("data", "title"), data.get("title"), limits.MODAL_TITLE, 1, optional=False)
    form.text(("data", "custom_id"), data.get("custom_id"), limits.CUSTOM_ID, 1, optional=False)
    path: Path = ("data", "components")
    parts = [
        form.mapping((*path, n), part)
        for n, part in enumerate(form.items(path, data.get("components"), limits.MODAL_PARTS, 1, optional=False))
    ]
    for number, part in enumerate(parts):
        _check(form, (*path, number), part)
    check_custom_ids(form, path, parts)
    return {**data, "components": number_components(parts)}


def _check(form: Form, path: Path, part: Json) -> None:
    if part.get("type") == Part.LABEL:
        form.text((*path, "label"), part.get("label"), limits.LABEL, 1, optional=False)
        form.text((*path, "description"), part.get("description"), limits.LABEL_DESCRIPTION)
        field = form.mapping((*path, "component"), part.get("component"))
        _check_field(form, (*path, "component"), field, FIELDS)
    elif part.get("type") == Part.ROW:
        inner = form.items((*path, "components"), part.get("components"), 1, 1, optional=False)
        for number, item in enumerate(inner):
            place = (*path, "components", number)
            field = form.mapping(place, item)
            _check_field(form, place, field, SELECTS | {Part.TEXT_INPUT})
            if field.get("type") == Part.TEXT_INPUT:
                form.text((*place, "label"), field.get("label"), limits.LABEL, 1, optional=False)
    elif part.get("type") == Part.TEXT:
        form.text((*path, "content"), part.get("content"), limits.COMPONENTS_V2_TEXT, 1, optional=False)
    else:
        form.choices((*path, "type"), (1, 10, 18))


def _check_field(form: Form, path: Path, field: Json, allowed: frozenset[Part]) -> None:
    kind = field.get("type")
    if kind not in allowed:
        form.choices((*path, "type"), sorted(map(int, allowed)))
        return
    if kind in SELECTS:
        check_select(form, path, field, modal=True)
        if kind == Part.SELECT:
            check_options(form, path, field, 1, limits.OPTIONS)
        return
    form.text((*path, "custom_id"), field.get("custom_id"), limits.CUSTOM_ID, 1, optional=False)
    if kind == Part.TEXT_INPUT:
        _check_text_input(form, path, field)
    elif kind == Part.UPLOAD:
        check_counts(form, path, field, limits.UPLOADS)
    elif kind == Part.RADIO:
        check_options(form, path, field, *limits.RADIO_OPTIONS)
    elif kind == Part.CHECKBOXES:
        check_counts(form, path, field, limits.CHECKBOX_OPTIONS[1])
        check_options(form, path, field, *limits.CHECKBOX_OPTIONS)


def _check_text_input(form: Form, path: Path, field: Json) -> None:
    if field.get("style") not in (1, 2):
        form.choices((*path, "style"), (1, 2))
    form.text((*path, "placeholder"), field.get("placeholder"), limits.TEXT_INPUT_PLACEHOLDER)
    shortest = form.integer((*path, "min_length"), field.get("min_length"), 0, limits.TEXT_INPUT)
    longest = form.integer((*path, "max_length"), field.get("max_length"), 1, limits.TEXT_INPUT)
    if shortest is not None and longest is not None and shortest > longest:
        form.refuse((*path, "min_length"), "NUMBER_TYPE_MAX", f"int value should be at most {longest}.")
    value = form.text((*path, "value"), field.get("value"), longest or limits.TEXT_INPUT)
    if value and shortest and len(value) < shortest:
        form.refuse((*path, "value"), "BASE_TYPE_MIN_LENGTH", f"Must be {shortest} or more in length.")
