"""Modals, choices and commands that Discord refuses."""

from __future__ import annotations

from typing import Any

import pytest

from playground.discord import DiscordServer
from tests.playground.discord.puppet import Ask, Raw

Json = dict[str, Any]


def at(errors: Any, path: str) -> list[str]:
    for key in path.split(".") if path else ():
        errors = errors.get(key, {})
    return [error["code"] for error in errors.get("_errors", [])]


def text(**more: Any) -> Json:
    return {"type": 4, "custom_id": "t", "style": 1, **more}


def labelled(component: Json, **more: Any) -> Json:
    return {"type": 18, "label": "Steps", "component": component, **more}


def modal(*parts: Json, **more: Any) -> Json:
    return {"custom_id": "m", "title": "Settings", "components": list(parts) or [labelled(text())], **more}


def pick(kind: int, count: int) -> Json:
    return {
        "type": kind,
        "custom_id": "p",
        "options": [{"label": f"L{number}", "value": f"v{number}"} for number in range(count)],
    }


PARTS = "data.components"
FIELD = f"{PARTS}.0.component"
BAD_MODALS: list[tuple[Json, str, str]] = [
    (modal(title="x" * 46), "data.title", "BASE_TYPE_BAD_LENGTH"),
    (modal(title=""), "data.title", "BASE_TYPE_BAD_LENGTH"),
    (modal(custom_id="x" * 101), "data.custom_id", "BASE_TYPE_BAD_LENGTH"),
    (modal(components=[]), PARTS, "BASE_TYPE_BAD_LENGTH"),
    (modal(*(labelled(text(custom_id=str(n))) for n in range(6))), PARTS, "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(text(), label="x" * 46)), f"{PARTS}.0.label", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(text(), description="x" * 101)), f"{PARTS}.0.description", "BASE_TYPE_MAX_LENGTH"),
    (modal(labelled(text()), labelled(text())), f"{PARTS}.1.component.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (modal({"type": 2}), f"{PARTS}.0.type", "BASE_TYPE_CHOICES"),
    (modal({"type": 10, "content": ""}), f"{PARTS}.0.content", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled({"type": 2})), f"{FIELD}.type", "BASE_TYPE_CHOICES"),
    (modal(labelled(text(style=3))), f"{FIELD}.style", "BASE_TYPE_CHOICES"),
    (modal(labelled(text(value="x" * 4001))), f"{FIELD}.value", "BASE_TYPE_MAX_LENGTH"),
    (modal(labelled(text(value="xx", max_length=1))), f"{FIELD}.value", "BASE_TYPE_MAX_LENGTH"),
    (modal(labelled(text(value="x", min_length=2))), f"{FIELD}.value", "BASE_TYPE_MIN_LENGTH"),
    (modal(labelled(text(min_length=3, max_length=2))), f"{FIELD}.min_length", "NUMBER_TYPE_MAX"),
    (modal(labelled(text(max_length=4001))), f"{FIELD}.max_length", "NUMBER_TYPE_MAX"),
    (modal(labelled(text(placeholder="x" * 101))), f"{FIELD}.placeholder", "BASE_TYPE_MAX_LENGTH"),
    (modal(labelled(pick(3, 0))), f"{FIELD}.options", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(pick(3, 26))), f"{FIELD}.options", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(pick(3, 2) | {"disabled": True})), f"{FIELD}.disabled", "MODAL_COMPONENT_DISABLED"),
    (modal(labelled(pick(21, 1))), f"{FIELD}.options", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(pick(21, 11))), f"{FIELD}.options", "BASE_TYPE_BAD_LENGTH"),
    (modal(labelled(pick(22, 11))), f"{FIELD}.options", "BASE_TYPE_BAD_LENGTH"),
    (
        modal(labelled({"type": 19, "custom_id": "u", "max_values": 11})),
        f"{FIELD}.max_values",
        "NUMBER_TYPE_MAX",
    ),
    (
        modal({"type": 1, "components": [text()]}),
        f"{PARTS}.0.components.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    (
        modal({"type": 1, "components": [text(label="x"), text(label="y", custom_id="u")]}),
        f"{PARTS}.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
]


@pytest.mark.parametrize(("data", "path", "code"), BAD_MODALS)
async def test_modal_is_refused(asked: Ask, raw: Raw, data: Json, path: str, code: str) -> None:
    interaction = await asked()

    status, error = await raw.answer(interaction, 9, data)

    assert (status, error["code"]) == (400, 50035)
    assert code in at(error["errors"], path), error
    assert interaction.response_type is None
    assert (await raw.answer(interaction, 9, modal()))[0] == 200


async def test_modal_cannot_answer_a_modal(server: DiscordServer, asked: Ask, raw: Raw) -> None:
    opened = await asked()
    await raw.answer(opened, 9, modal())
    sent = await server.user("ada").submit(opened, {"Steps": "8"})

    assert at((await raw.answer(sent, 9, modal()))[1]["errors"], "type") == ["BASE_TYPE_CHOICES"]
    assert at((await raw.answer(sent, 7, {"content": "x"}))[1]["errors"], "type") == ["BASE_TYPE_CHOICES"]


def option(**more: Any) -> Json:
    return {"name": "size", "description": "Size", "type": 4, **more}


def command(*options: Json, **more: Any) -> Json:
    return {"name": "draw", "description": "Draw", "options": list(options), **more}


def menu(number: int, kind: int) -> Json:
    return {"name": f"Menu {number}", "type": kind}


CHOICE = {"name": "One", "value": 1}
BAD_COMMANDS: list[tuple[list[Json], str, str]] = [
    ([command(name="Draw")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command(name="draw it")], "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command(name="x" * 33)], "0.name", "BASE_TYPE_BAD_LENGTH"),
    ([command(description="")], "0.description", "BASE_TYPE_BAD_LENGTH"),
    ([command(description="x" * 101)], "0.description", "BASE_TYPE_BAD_LENGTH"),
    ([command(name_localizations={"de": "Mal"})], "0.name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME"),
    (
        [command(description_localizations={"de": "x" * 101})],
        "0.description_localizations.de",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ([command(name_localizations={"xx": "mal"})], "0.name_localizations.xx", "BASE_TYPE_CHOICES"),
    ([command(name_localizations={"de_DE": "mal"})], "0.name_localizations.de_DE", "BASE_TYPE_CHOICES"),
    ([command(name_localizations={"de": "x" * 33})], "0.name_localizations.de", "BASE_TYPE_BAD_LENGTH"),
    ([command(name_localizations={"de": ""})], "0.name_localizations.de", "BASE_TYPE_BAD_LENGTH"),
    ([command(name_localizations={"de": None})], "0.name_localizations.de", "BASE_TYPE_REQUIRED"),
    ([command(name_localizations={"de": "zwei w"})], "0.name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command(name_localizations={"fr": "e\u0301"})], "0.name_localizations.fr", "APPLICATION_COMMAND_INVALID_NAME"),
    ([command(name_localizations=["mal"])], "0.name_localizations", "MODEL_TYPE_CONVERT"),
    ([command(description_localizations={"de": ""})], "0.description_localizations.de", "BASE_TYPE_BAD_LENGTH"),
    ([command(description_localizations={"xx": "x"})], "0.description_localizations.xx", "BASE_TYPE_CHOICES"),
    (
        [command(option(name_localizations={"de": "Größe"}))],
        "0.options.0.name_localizations.de",
        "APPLICATION_COMMAND_INVALID_NAME",
    ),
    (
        [command(option(), option(name="length", name_localizations={"de": "size"}))],
        "0.options.1.name_localizations.de",
        "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    (
        [command(), command(name="paint", name_localizations={"de": "draw"})],
        "1.name_localizations.de",
        "APPLICATION_COMMANDS_DUPLICATE_NAME",
    ),
    (
        [menu(1, 3), menu(2, 3) | {"name_localizations": {"de": "Menu 1"}}],
        "1.name_localizations.de",
        "APPLICATION_COMMANDS_DUPLICATE_NAME",
    ),
    ([menu(1, 3) | {"name_localizations": {"de": "x" * 33}}], "0.name_localizations.de", "BASE_TYPE_BAD_LENGTH"),
    ([menu(1, 3) | {"description_localizations": {"de": "x"}}], "0.description_localizations", "BASE_TYPE_MAX_LENGTH"),
    (
        [command(option(choices=[CHOICE | {"name_localizations": {"de": "x" * 101}}]))],
        "0.options.0.choices.0.name_localizations.de",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        [command(option(choices=[CHOICE | {"name_localizations": {"german": "x"}}]))],
        "0.options.0.choices.0.name_localizations.german",
        "BASE_TYPE_CHOICES",
    ),
    ([command(), command()], "1.name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    ([command(name=f"c{n}") for n in range(101)], "", "BASE_TYPE_MAX_LENGTH"),
    ([menu(n, 3) for n in range(16)], "", "BASE_TYPE_MAX_LENGTH"),
    ([menu(n, 2) for n in range(16)], "", "BASE_TYPE_MAX_LENGTH"),
    ([menu(1, 3) | {"description": "x"}], "0.description", "BASE_TYPE_MAX_LENGTH"),
    ([menu(1, 9)], "0.type", "BASE_TYPE_CHOICES"),
    ([command(*(option(name=f"o{n}") for n in range(26)))], "0.options", "BASE_TYPE_MAX_LENGTH"),
    ([command(option(), option())], "0.options.1.name", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"),
    ([command(option(type=12))], "0.options.0.type", "BASE_TYPE_CHOICES"),
    (
        [command(option(), option(name="more", required=True))],
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    ([command(option(choices=[CHOICE] * 26))], "0.options.0.choices", "BASE_TYPE_MAX_LENGTH"),
    (
        [command(option(choices=[{"name": "x" * 101, "value": 1}]))],
        "0.options.0.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        [command(option(choices=[{"name": "One", "value": "1"}]))],
        "0.options.0.choices.0.value",
        "NUMBER_TYPE_COERCE",
    ),
    (
        [command(option(choices=[CHOICE], autocomplete=True))],
        "0.options.0.autocomplete",
        "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
    ),
    (
        [command(option(type=11, autocomplete=True))],
        "0.options.0",
        "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
    ),
    (
        [command(option(type=1, options=[option(type=1)]))],
        "0.options.0.options.0",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        [command(*(option(name=f"o{n}", description="x" * 100, type=3, choices=[
            {"name": "x" * 100, "value": f"{m}" * 50} for m in range(3)]) for n in range(20)))],
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
    (
        [command(*(option(name=f"o{n}", type=3, choices=[
            {"name": "x", "name_localizations": {"de": "x" * 100, "fr": "x"}, "value": "x"} for m in range(4)
        ]) for n in range(20)))],
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("commands", "path", "code"), BAD_COMMANDS)
async def test_command_is_refused(server: DiscordServer, raw: Raw, commands: list[Json], path: str, code: str) -> None:
    status, error = await raw("PUT", f"/applications/{server.application_id}/commands", commands)

    assert (status, error["code"]) == (400, 50035)
    assert code in at(error["errors"], path), error
    assert server.commands == []


async def test_as_many_commands_as_there_may_be(server: DiscordServer, raw: Raw) -> None:
    group = option(name="more", type=2, options=[option(name="sub", type=1, options=[option()])])
    full = command(*(option(name=f"größe-{n}", choices=[CHOICE] * 25) for n in range(25)))
    commands = [command(group, name="edit"), full, *(command(name=f"c{n}") for n in range(98))]
    commands += [menu(n, kind) for kind in (2, 3) for n in range(15)]

    await raw.register(*commands)

    ids = {entry["name"]: entry["id"] for entry in server.commands if entry["type"] == 1}
    assert len(server.commands) == 130
    await raw.register(*commands[:2])
    assert [entry["id"] for entry in server.commands] == [ids["edit"], ids["draw"]]
    _, listed = await raw("GET", f"/applications/{server.application_id}/commands")
    assert listed == server.commands
    assert server.schema_violations == []


async def test_names_in_every_language(server: DiscordServer, raw: Raw) -> None:
    spoken = {"hi": "छवि-बनाएं", "th": "วาดภาพ", "ja": "画像アップスケール", "ko": "이미지", "ru": "рисунок", "vi": "vẽ"}
    shown = {"de": "Bild vergrößern …", "ja": "画像を拡大"}
    choice = CHOICE | {"name_localizations": {"de": "Eins, zwei!"}}
    draw = command(option(name_localizations={"de": "größe"}, choices=[choice]), name_localizations=spoken)

    await raw.register(draw, menu(1, 3) | {"name_localizations": shown})

    assert [entry["name_localizations"] for entry in server.commands] == [spoken, shown]
    assert server.schema_violations == []


async def test_only_the_longest_translation_of_a_text_counts(raw: Raw, server: DiscordServer) -> None:
    locales = ("de", "fr", "ja", "ko", "es-ES", "pt-BR", "zh-CN")
    options = [option(name=f"o{n}", description_localizations=dict.fromkeys(locales, "x" * 100)) for n in range(25)]
    await raw.register(command(*options))
    assert len(server.commands) == 1


async def test_commands_of_others(raw: Raw, server: DiscordServer) -> None:
    assert (await raw("PUT", "/applications/1/commands", []))[1]["code"] == 20012
    assert (await raw("PUT", f"/applications/{server.application_id}/guilds/1/commands", []))[1]["code"] == 50001


@pytest.mark.parametrize(
    ("choices", "path", "code"),
    [
        ([{"name": "x", "value": "x"}] * 26, "data.choices", "BASE_TYPE_MAX_LENGTH"),
        ([{"name": "x" * 101, "value": "x"}], "data.choices.0.name", "BASE_TYPE_BAD_LENGTH"),
        ([{"name": "", "value": "x"}], "data.choices.0.name", "BASE_TYPE_BAD_LENGTH"),
        ([{"name": "x", "value": "x" * 101}], "data.choices.0.value", "BASE_TYPE_MAX_LENGTH"),
        ([{"name": "x", "value": 1}], "data.choices.0.value", "BASE_TYPE_STRING"),
        (
            [{"name": "x", "value": "x", "name_localizations": {"de": ""}}],
            "data.choices.0.name_localizations.de",
            "BASE_TYPE_BAD_LENGTH",
        ),
    ],
)
async def test_autocomplete_choices_are_refused(
    server: DiscordServer, raw: Raw, choices: list[Json], path: str, code: str
) -> None:
    await raw.register(command(option(type=3, autocomplete=True)))
    ada, general = server.user("ada"), server.channel("general")
    with pytest.raises(TimeoutError):
        await ada.autocomplete(general, "draw", focused="size", value="x", timeout=0.01)
    typing = next(iter(server.world.interactions.values()))

    status, error = await raw.answer(typing, 8, {"choices": choices})

    assert (status, at(error["errors"], path)) == (400, [code])
    assert at((await raw.answer(typing, 5))[1]["errors"], "type") == ["BASE_TYPE_CHOICES"]
    choice = {"name": "x", "value": "x", "name_localizations": {"de": "y"}}
    assert (await raw.answer(typing, 8, {"choices": [choice] * 25}))[0] == 200
