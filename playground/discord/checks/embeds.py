"""Embeds."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from playground.discord import limits
from playground.discord.checks.form import Form, Path
from playground.discord.message import embed_texts

SCHEMES = ("http", "https", "attachment")


def check_embeds(form: Form, path: Path, value: Any) -> list[dict[str, Any]]:
    """The embeds at ``path``, each of them and their 6000 characters together."""
    embeds = [form.mapping((*path, n), embed) for n, embed in enumerate(form.items(path, value, limits.EMBEDS))]
    for number, embed in enumerate(embeds):
        _check(form, (*path, number), embed)
    if sum(len(piece) for embed in embeds for piece in embed_texts(embed)) > limits.EMBED_TOTAL:
        form.refuse(path, "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {limits.EMBED_TOTAL}")
    return embeds


def _check(form: Form, path: Path, embed: dict[str, Any]) -> None:
    form.text((*path, "title"), embed.get("title"), limits.EMBED_TITLE)
    form.text((*path, "description"), embed.get("description"), limits.EMBED_DESCRIPTION)
    form.integer((*path, "color"), embed.get("color"), 0, 0xFFFFFF)
    check_url(form, (*path, "url"), embed.get("url"))
    for key, text, longest in (
        ("footer", "text", limits.EMBED_FOOTER),
        ("author", "name", limits.EMBED_AUTHOR),
    ):
        part = form.mapping((*path, key), embed.get(key))
        form.text((*path, key, text), part.get(text), longest)
        check_url(form, (*path, key, "icon_url"), part.get("icon_url"))
    for key in ("image", "thumbnail"):
        check_url(form, (*path, key, "url"), form.mapping((*path, key), embed.get(key)).get("url"))
    fields = form.items((*path, "fields"), embed.get("fields"), limits.EMBED_FIELDS)
    for number, field in enumerate(fields):
        place = (*path, "fields", number)
        part = form.mapping(place, field)
        form.text((*place, "name"), part.get("name"), limits.EMBED_FIELD_NAME, 1, optional=False)
        form.text((*place, "value"), part.get("value"), limits.EMBED_FIELD_VALUE, 1, optional=False)


def check_url(form: Form, path: Path, value: Any) -> None:
    url = form.text(path, value, limits.EMBED_URL)
    if url and urlsplit(url).scheme not in SCHEMES:
        form.refuse(
            path,
            "URL_TYPE_INVALID_SCHEME",
            f'Scheme "{urlsplit(url).scheme}" is not supported. Scheme must be one of {SCHEMES}.',
        )
