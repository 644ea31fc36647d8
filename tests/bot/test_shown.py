"""Which files a message shows, and that no address that somebody wrote down is asked."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from bot.shown import Shown, shown_in

CDN = "https://cdn.discordapp.com/attachments/1/2"


def message(*attached: Any, embeds: tuple[dict[str, Any], ...] = ()) -> Any:
    return SimpleNamespace(attachments=attached, embeds=[discord.Embed.from_dict(embed) for embed in embeds])  # pyright: ignore[reportArgumentType] - as they come


def attachment(filename: str, content_type: str | None = None) -> Any:
    return SimpleNamespace(filename=filename, url=f"{CDN}/{filename}?ex=1", content_type=content_type)


def names(found: list[Shown]) -> list[tuple[str, str]]:
    return [(file.filename, file.kind) for file in found]


def test_pictures_and_videos_are_told_by_their_type_or_else_by_their_name() -> None:
    attached = [
        attachment("a.png", "image/png"),
        attachment("b.PNG"),
        attachment("c", "image/webp"),
        attachment("d.mp4", "video/mp4"),
        attachment("e.webm"),
        attachment("f.png", "text/plain"),
        attachment("g.txt"),
    ]
    assert names(shown_in(message(*attached))) == [
        ("a.png", "images"),
        ("b.PNG", "images"),
        ("c", "images"),
        ("d.mp4", "videos"),
        ("e.webm", "videos"),
    ]


def test_what_an_embed_shows_is_found_once() -> None:
    embed = {"type": "rich", "image": {"url": f"{CDN}/a%20b.png?ex=2", "proxy_url": "https://media.discordapp.net/x"}}
    assert names(shown_in(message(embeds=(embed, embed)))) == [("a b.png", "images")]
    listed = attachment("a.png", "image/png")
    again = {"type": "rich", "image": {"url": f"{CDN}/a.png?ex=3"}}
    assert names(shown_in(message(listed, embeds=(again,)))) == [("a.png", "images")]


def test_a_picture_from_elsewhere_is_taken_from_discord() -> None:
    copy = "https://images-ext-1.discordapp.net/external/x/https/example.com/a.png"
    linked = {"type": "image", "thumbnail": {"url": "https://example.com/a.png", "proxy_url": copy}}
    assert [file.url for file in shown_in(message(embeds=(linked,)))] == [copy]


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8188/object_info.png",
        "https://example.com/a.png",
        "https://cdn.discordapp.com.example.com/a.png",
        "https://example.com/.discordapp.com/a.png",
        "https://user@example.com#.discordapp.com/a.png",
        "http://cdn.discordapp.com/a.png",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_discords_is_no_picture(url: str) -> None:
    embed = {"type": "rich", "image": {"url": url}}
    assert shown_in(message(embeds=(embed, {"type": "rich", "thumbnail": {"url": f"{CDN}/a.png"}}))) == []
