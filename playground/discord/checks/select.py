"""Selects, and the option lists that radio groups and checkbox groups share with them."""

from __future__ import annotations

from typing import Any

from playground.discord import limits
from playground.discord.checks.form import Form, Path


def check_select(form: Form, path: Path, part: dict[str, Any], *, modal: bool) -> None:
    """Of any type; the options of a string select are ``check_options``'s."""
    form.text((*path, "custom_id"), part.get("custom_id"), limits.CUSTOM_ID, 1, optional=False)
    form.text((*path, "placeholder"), part.get("placeholder"), limits.PLACEHOLDER)
    if modal and part.get("disabled"):
        form.refuse((*path, "disabled"), "MODAL_COMPONENT_DISABLED", "A select in a modal cannot be disabled")
    check_counts(form, path, part, limits.OPTIONS)


def check_counts(form: Form, path: Path, part: dict[str, Any], most: int) -> None:
    """``min_values`` and ``max_values``."""
    low = form.integer((*path, "min_values"), part.get("min_values"), 0, most)
    high = form.integer((*path, "max_values"), part.get("max_values"), 1, most)
    if low is not None and high is not None and low > high:
        form.refuse((*path, "min_values"), "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")


def check_options(form: Form, path: Path, part: dict[str, Any], least: int, most: int) -> None:
    place = (*path, "options")
    options = form.items(place, part.get("options"), most, least, optional=False)
    values: set[Any] = set()
    defaults = 0
    for number, item in enumerate(options):
        option = form.mapping((*place, number), item)
        form.text((*place, number, "label"), option.get("label"), limits.OPTION_TEXT, 1, optional=False)
        value = form.text((*place, number, "value"), option.get("value"), limits.OPTION_TEXT, 1, optional=False)
        form.text((*place, number, "description"), option.get("description"), limits.OPTION_TEXT)
        if value and value in values:
            form.refuse(
                (*place, number, "value"),
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        values.add(value)
        defaults += bool(option.get("default"))
    highest = part.get("max_values")
    allowed = highest if isinstance(highest, int) else 1
    if options and isinstance(highest, int) and highest > len(options):
        form.refuse(
            (*path, "max_values"),
            "NUMBER_TYPE_MAX",
            f"int value should be less than or equal to {len(options)}.",
        )
    if defaults > allowed:
        form.refuse(
            place, "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", f"At most {allowed} options may be set as default"
        )
