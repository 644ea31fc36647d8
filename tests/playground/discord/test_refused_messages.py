"""Bodies of messages that Discord refuses, and where it says the fault is."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import DiscordServer, Upload
from tests.playground.discord.puppet import Ask, Raw

Json = dict[str, Any]


def button(**more: Any) -> Json:
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **more}


def select(**more: Any) -> Json:
    return {"type": 3, "custom_id": "pick", "options": options(2), **more}


def options(count: int) -> list[Json]:
    return [{"label": f"L{number}", "value": f"v{number}"} for number in range(count)]


def row(*parts: Json) -> Json:
    return {"components": [{"type": 1, "components": list(parts)}]}


def rows(count: int) -> Json:
    return {"components": [row(button(custom_id=str(n)))["components"][0] for n in range(count)]}


def buttons(count: int) -> Json:
    return row(*(button(custom_id=str(n)) for n in range(count)))


def embed(**more: Any) -> Json:
    return {"embeds": [{"title": "A", **more}]}


def fields(count: int, **more: Any) -> Json:
    return embed(fields=[{"name": "n", "value": "v", **more} for _ in range(count)])


V2 = 1 << 15
FIRST = "components.0.components.0"
GOOD: list[Json] = [
    {"content": "x" * 2000},
    embed(title="x" * 256, description="x" * 4096),
    fields(25),
    embed(image={"url": "attachment://a.png"}, color=0xFFFFFF, footer={"text": "x" * 2048}),
    {"embeds": [{"title": "A"}] * 10},
    rows(5),
    buttons(5),
    row(button(custom_id="x" * 100, label="x" * 80)),
    row({"type": 2, "style": 5, "label": "Site", "url": "https://example.org"}),
    row({"type": 2, "style": 2, "emoji": {"name": "🦊"}, "custom_id": "fox"}),
    row(select(options=options(25), placeholder="x" * 150, min_values=0, max_values=25)),
    row({"type": 5, "custom_id": "who"}),
    {"flags": V2, "components": [{"type": 10, "content": "x" * 4000}, *rows(5)["components"]]},
]
BAD: list[tuple[Json, str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": 3}, "content", "BASE_TYPE_STRING"),
    ({"content": "x", "flags": "64"}, "flags", "NUMBER_TYPE_COERCE"),
    ({"content": "x", "embeds": {}}, "embeds", "BASE_TYPE_LIST"),
    ({"content": "x", "embeds": ["A"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    ({"embeds": [{"title": "A"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    (embed(title="x" * 257), "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    (embed(description="x" * 4097), "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    (embed(color=-1), "embeds.0.color", "NUMBER_TYPE_MIN"),
    (embed(color=1 << 24), "embeds.0.color", "NUMBER_TYPE_MAX"),
    (embed(url="ftp://x"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(image={"url": "file:///etc/passwd"}), "embeds.0.image.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", "BASE_TYPE_MAX_LENGTH"),
    (embed(author={"name": "x" * 257}), "embeds.0.author.name", "BASE_TYPE_MAX_LENGTH"),
    (fields(26), "embeds.0.fields", "BASE_TYPE_MAX_LENGTH"),
    (fields(1, name="x" * 257), "embeds.0.fields.0.name", "BASE_TYPE_BAD_LENGTH"),
    (fields(1, name=""), "embeds.0.fields.0.name", "BASE_TYPE_BAD_LENGTH"),
    (fields(1, value="x" * 1025), "embeds.0.fields.0.value", "BASE_TYPE_BAD_LENGTH"),
    (fields(1, value=None), "embeds.0.fields.0.value", "BASE_TYPE_REQUIRED"),
    ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    (fields(6, value="x" * 1000), "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    (rows(6), "components", "BASE_TYPE_MAX_LENGTH"),
    (buttons(6), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (row(), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    ({"components": [button()]}, "components.0.type", "BASE_TYPE_CHOICES"),
    (row({"type": 4, "custom_id": "x", "style": 1}), f"{FIRST}.type", "BASE_TYPE_CHOICES"),
    ({"components": [{"type": 1}]}, "components.0.components", "BASE_TYPE_REQUIRED"),
    (
        row({"type": 2, "style": 5, "label": "Site", "url": "https://x.org", "custom_id": "go"}),
        f"{FIRST}.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    (row(select(), button()), "components.0.components", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    (row(button(), button()), "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (row(button(custom_id="x" * 101)), f"{FIRST}.custom_id", "BASE_TYPE_BAD_LENGTH"),
    (row(button(custom_id=None)), f"{FIRST}.custom_id", "BASE_TYPE_REQUIRED"),
    (row(button(label="x" * 81)), f"{FIRST}.label", "BASE_TYPE_MAX_LENGTH"),
    (row(button(label="")), FIRST, "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED"),
    (row(button(style=7)), f"{FIRST}.style", "NUMBER_TYPE_MAX"),
    (row(button(style=None)), f"{FIRST}.style", "BASE_TYPE_REQUIRED"),
    (row(button(style=5)), f"{FIRST}.url", "BASE_TYPE_REQUIRED"),
    (row(select(custom_id="")), f"{FIRST}.custom_id", "BASE_TYPE_BAD_LENGTH"),
    (row(select(placeholder="x" * 151)), f"{FIRST}.placeholder", "BASE_TYPE_MAX_LENGTH"),
    (row(select(options=[])), f"{FIRST}.options", "BASE_TYPE_BAD_LENGTH"),
    (row(select(options=options(26))), f"{FIRST}.options", "BASE_TYPE_BAD_LENGTH"),
    (row(select(max_values=3)), f"{FIRST}.max_values", "NUMBER_TYPE_MAX"),
    (row(select(min_values=2, max_values=1)), f"{FIRST}.min_values", "NUMBER_TYPE_MAX"),
    (
        row(select(options=[{"label": "x" * 101, "value": "v"}])),
        f"{FIRST}.options.0.label",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        row(select(options=[{"label": "L", "value": "x" * 101}])),
        f"{FIRST}.options.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        row(select(options=[{"label": "L", "value": "v", "description": "x" * 101}])),
        f"{FIRST}.options.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        row(select(options=options(1) * 2)),
        f"{FIRST}.options.1.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    (
        row(select(options=[{**option, "default": True} for option in options(2)])),
        f"{FIRST}.options",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    ({"content": "x", "attachments": [{"id": 7}]}, "attachments.0", "ATTACHMENT_NOT_FOUND"),
    ({"flags": V2, "components": [{"type": 10, "content": ""}]}, "components.0.content", "BASE_TYPE_BAD_LENGTH"),
    (
        {"flags": V2, "components": [{"type": 10, "content": "x" * 2001}] * 2},
        "components",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    (
        {"flags": V2, "components": [{"type": 17, "components": [{"type": 10, "content": "x"}] * 40}]},
        "components",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    (
        {
            "flags": V2,
            "components": [{"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": {"type": 3}}],
        },
        "components.0.accessory.type",
        "BASE_TYPE_CHOICES",
    ),
    ({"flags": V2, "components": [{"type": 12, "items": []}]}, "components.0.items", "BASE_TYPE_BAD_LENGTH"),
    (
        {"flags": V2, "components": [{"type": 13, "file": {"url": "attachment://a.png"}}]},
        "components",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    ({"flags": V2, "components": [{"type": 13, "file": {}}]}, "components.0.file.url", "BASE_TYPE_REQUIRED"),
]


def at(errors: Any, path: str) -> list[str]:
    for key in path.split("."):
        errors = errors.get(key, {})
    return [error["code"] for error in errors.get("_errors", [])]


@pytest.mark.parametrize("body", GOOD)
async def test_what_fits_is_taken(server: DiscordServer, raw: Raw, body: Json) -> None:
    status, answer = await raw("POST", f"/channels/{server.channel('general').id}/messages", body)
    assert status == 200, answer
    assert server.schema_violations == []


@pytest.mark.parametrize(("body", "path", "code"), BAD)
async def test_what_does_not_fit_is_refused_by_its_path(
    server: DiscordServer, raw: Raw, body: Json, path: str, code: str
) -> None:
    status, error = await raw("POST", f"/channels/{server.channel('general').id}/messages", body)

    assert (status, error["code"], error["message"]) == (400, 50035, "Invalid Form Body")
    assert code in at(error["errors"], path), error
    assert server.channel("general").messages == ()


async def test_every_way_of_sending_is_checked(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    interaction = await asked()
    long = {"content": "x" * 2001}
    assert at((await raw.answer(interaction, 4, long))[1]["errors"], "data.content") == ["BASE_TYPE_MAX_LENGTH"]
    assert (await raw.answer(interaction, 4, {"content": "hi"}))[0] == 200
    assert interaction.message is not None
    message = f"/channels/{interaction.channel.id}/messages/{interaction.message.id}"

    for method, path in (
        ("POST", raw.hook(interaction)),
        ("PATCH", raw.hook(interaction, "/messages/@original")),
        ("PATCH", message),
    ):
        status, error = await raw(method, path, long)
        assert (status, at(error["errors"], "content")) == (400, ["BASE_TYPE_MAX_LENGTH"])
    assert interaction.message.content == "hi"


@pytest.mark.parametrize("body", [None, {}, {"content": ""}, {"embeds": []}, {"content": None, "components": []}])
async def test_empty_messages(server: DiscordServer, raw: Raw, body: Json | None) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    assert (await raw("POST", path, body))[1]["code"] == 50006
    _, sent = await raw("POST", path, {"content": "hi"})
    assert (await raw("PATCH", f"{path}/{sent['id']}", {"content": ""}))[1]["code"] == 50006
    _, sent = await raw("POST", path, {}, files=(Upload("a.png", b"x"),))
    assert (await raw("PATCH", f"{path}/{sent['id']}", {"attachments": []}))[1]["code"] == 50006


async def test_content_and_components_v2_exclude_each_other(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    body = {"flags": V2, "content": "x", "components": [{"type": 10, "content": "x"}]}

    _, error = await raw("POST", path, body)

    assert error["errors"]["_errors"][0]["code"] == "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2"


async def test_files_too_large_or_too_many(server: DiscordServer, raw: Raw) -> None:
    server.attachment_size_limit = 1000
    path = f"/channels/{server.channel('general').id}/messages"

    fits = await raw("POST", path, {}, files=(Upload("a.png", b"x" * 1000),))
    large = await raw("POST", path, {}, files=(Upload("a.png", b"x" * 1001),))
    many = await raw("POST", path, {}, files=(Upload("a.png", b"x"),) * 11)
    server.guild.premium_tier = 2
    boosted = await raw("POST", path, {}, files=(Upload("a.png", b"x" * 1001),))

    assert fits[0] == boosted[0] == 200
    assert (large[0], large[1]["code"]) == (413, 40005)
    assert (many[0], many[1]["code"]) == (400, 30015)


async def test_request_too_large(server: DiscordServer, raw: Raw) -> None:
    path = f"/channels/{server.channel('general').id}/messages"
    files = tuple(Upload(f"{number}.png", bytes(9 * 1024 * 1024)) for number in range(3))

    status, error = await raw("POST", path, {}, files=files)
    assert (status, error["code"]) == (413, 40005)
    status, error = await raw("POST", path, {"content": "x" * 26 * 1024 * 1024})
    assert (status, error["code"]) == (413, 40005)


async def test_body_that_is_no_json(server: DiscordServer, raw: Raw) -> None:
    url = f"{server.api_url}/channels/{server.channel('general').id}/messages"
    headers = {"Authorization": f"Bot {server.token}", "Content-Type": "application/json"}
    async with raw.session.post(url, data=b"{", headers=headers) as response:
        assert (response.status, (await response.json())["code"]) == (400, 50109)
