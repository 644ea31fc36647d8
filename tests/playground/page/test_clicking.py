"""Buttons, lists and forms, from the page to the real client; and what is shown when nobody answers."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest

from playground.discord import DiscordServer, Interaction
from tests.playground.discord.puppet import Launch, Puppet, Raw
from tests.playground.page.window import Open, RefusedError, Window

READ: dict[str, Any] = {}
ROW = {
    "type": 1,
    "components": [
        {"type": 2, "style": 1, "label": "Go", "custom_id": "go"},
        {"type": 2, "style": 2, "label": "Off", "custom_id": "off", "disabled": True},
    ],
}
LIST: dict[str, Any] = {
    "type": 1,
    "components": [
        {"type": 3, "custom_id": "size", "options": [{"label": "Small", "value": "s"}, {"label": "Big", "value": "b"}]}
    ],
}
MANY = {"type": 1, "components": [{**LIST["components"][0], "custom_id": "many", "max_values": 2}]}


class Form(discord.ui.Modal, title="Settings"):
    steps = discord.ui.Label(text="Steps", component=discord.ui.TextInput(max_length=3))
    size = discord.ui.Label(
        text="Size", component=discord.ui.Select(options=[discord.SelectOption(label="Big", value="b")])
    )
    image = discord.ui.Label(text="Image", component=discord.ui.FileUpload(max_values=2, required=False))
    extra = discord.ui.Label(text="Extra", component=discord.ui.Checkbox(custom_id="extra"))
    friend = discord.ui.Label(text="For", component=discord.ui.UserSelect(custom_id="friend", required=False))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        for name in ("size", "image", "friend"):
            READ[name] = list(getattr(self, name).component.values)
        READ["steps"], READ["extra"] = self.steps.component.value, self.extra.component.value
        READ["bytes"] = [await file.read() for file in self.image.component.values]
        await interaction.response.send_message("saved")


@pytest.fixture
async def ada(window: Open) -> Window:
    return await window("ada")


@pytest.fixture
async def posted(server: DiscordServer, raw: Raw) -> dict[str, Any]:
    """A message with buttons and a list; nobody answers its clicks by itself."""
    path = f"/channels/{server.channel('general').id}/messages"
    _, message = await raw("POST", path, {"content": "form", "components": [ROW, LIST, MANY]})
    return {"message": message["id"]}


@pytest.fixture
async def opened(puppet: Puppet, launch: Launch, ada: Window) -> dict[str, Any]:
    """The form on Ada's screen."""
    READ.clear()

    @puppet.tree.command(description="Open the form")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Form())

    await launch(puppet)
    sent = await ada.do("slash", channel=ada.channel("general"), command="ask")
    return (await ada.until("modal", lambda push: push["modal"]["interaction"] == sent["interaction"]))["modal"]


def asked(server: DiscordServer) -> Interaction:
    return list(server.world.interactions.values())[-1]


def custom_ids(modal: dict[str, Any]) -> dict[str, str]:
    return {part["label"]: part["component"]["custom_id"] for part in modal["components"]}


async def test_a_click_is_sent_and_answered(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    click = await ada.do("click", **posted, custom_id="go")
    sent = await ada.state(click, "sent")
    await raw.answer(asked(server), 7, {"content": "done", "components": []})
    await ada.state(click, "answered")

    assert (sent["source"], sent["custom_id"], sent["error"]) == (posted["message"], "go", None)
    assert (sent["user"], sent["channel"]) == (ada.view["user"]["id"], ada.channel("general"))
    assert (await ada.message(lambda message: message["content"] == "done"))["components"] == []


async def test_a_click_answered_by_a_message_shows_what_was_clicked(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    await ada.do("click", **posted, custom_id="go")
    await raw.answer(asked(server), 4, {"content": "yes"})

    answer = await ada.message(lambda message: message["content"] == "yes")

    assert answer["reply_to"] == {"id": posted["message"], "author": "disbot", "text": "form"}
    assert answer["interaction"] is None


async def test_an_embed_is_cited_by_its_title(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    embed = {"title": "A fox", "description": "> in **snow**"}
    path = f"/channels/{server.channel('general').id}/messages/{posted['message']}"
    await raw("PATCH", path, {"content": "", "embeds": [embed]})
    await ada.do("click", **posted, custom_id="go")
    await raw.answer(asked(server), 4, {"content": "yes"})
    assert (await ada.message(lambda message: message["content"] == "yes"))["reply_to"]["text"] == "A fox"


async def test_a_private_answer_cites_what_everybody_sees(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    await ada.do("click", **posted, custom_id="go")
    await raw.answer(asked(server), 4, {"content": "psst", "flags": 64})
    assert (await ada.message(lambda message: message["content"] == "psst"))["reply_to"]["id"] == posted["message"]


async def test_more_answers_cite_the_first(ada: Window, server: DiscordServer, raw: Raw) -> None:
    await raw.register({"name": "draw", "description": "Draw"})
    await ada.do("slash", channel=ada.channel("general"), command="draw")
    await raw.answer(asked(server), 4, {"content": "first"})
    await raw("POST", raw.hook(asked(server)), {"content": "second"})

    first, second = [await ada.message(lambda m, text=text: m["content"] == text) for text in ("first", "second")]

    assert (first["interaction"]["name"], first["reply_to"]) == ("draw", None)
    assert (second["interaction"], second["reply_to"]["id"]) == (None, first["id"])


async def test_the_answer_to_a_form_cites_where_its_button_was(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    click = await ada.do("click", **posted, custom_id="go")
    field = {"type": 18, "label": "Steps", "component": {"type": 4, "custom_id": "t", "style": 1}}
    await raw.answer(asked(server), 9, {"custom_id": "m", "title": "M", "components": [field]})
    await ada.do("submit", interaction=click["interaction"], values={"t": "8"})
    await raw.answer(asked(server), 4, {"content": "sent"})

    answer = await ada.message(lambda message: message["content"] == "sent")

    assert answer["reply_to"]["id"] == posted["message"]


async def test_what_was_clicked_privately_is_not_cited_publicly(ada: Window, server: DiscordServer, raw: Raw) -> None:
    await raw.register({"name": "draw", "description": "Draw"})
    await ada.do("slash", channel=ada.channel("general"), command="draw")
    await raw.answer(asked(server), 4, {"content": "private", "components": [ROW], "flags": 64})
    private = await ada.message(lambda message: message["content"] == "private")
    await ada.do("click", message=private["id"], custom_id="go")

    await raw.answer(asked(server), 4, {"content": "public"})

    assert (await ada.message(lambda message: message["content"] == "public"))["reply_to"] is None


async def test_options_are_picked_from_a_list(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    await ada.do("select", **posted, custom_id="size", values=["b"])
    assert asked(server).data["values"] == ["b"]


@pytest.mark.parametrize(
    ("verb", "fields", "complaint"),
    [
        ("click", {"custom_id": "off"}, "is disabled"),
        ("click", {"custom_id": "nothing"}, "has no 'nothing'"),
        ("click", {"custom_id": "size"}, "no button"),
        ("click", {"custom_id": ""}, "has no ''"),
        ("click", {"custom_id": 7}, "has to be a text"),
        ("select", {"custom_id": "go", "values": ["b"]}, "no list"),
        ("select", {"custom_id": "size", "values": []}, "filled in"),
        ("select", {"custom_id": "size", "values": ["s", "b"]}, "1 to 1"),
        ("select", {"custom_id": "size", "values": ["x"]}, "has no 'x'"),
        ("select", {"custom_id": "many", "values": ["s", "s"]}, "picked twice"),
        ("select", {"custom_id": "size", "values": [["b"]]}, "takes texts"),
        ("select", {"custom_id": "size", "values": "b"}, "has to be a list"),
    ],
)
async def test_what_nobody_could_press(
    ada: Window, server: DiscordServer, posted: dict[str, Any], verb: str, fields: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RefusedError, match=complaint):
        await ada.do(verb, **posted, **fields)
    assert server.world.interactions == {}


@pytest.mark.parametrize("other", ["bob", "cleo"])
async def test_private_answers_are_ones_own(window: Open, server: DiscordServer, raw: Raw, other: str) -> None:
    await raw.register({"name": "draw", "description": "Draw"})
    ada, somebody = await window("ada"), await window(other)
    place = ada.channel("general")
    await ada.do("slash", channel=place, command="draw")
    await raw.answer(asked(server), 4, {"content": "private", "components": [ROW], "flags": 64})
    private = await ada.message(lambda message: message["content"] == "private")
    await somebody.settled()

    assert private["ephemeral"]
    assert somebody.heard == []
    for attempt in (
        somebody.do("click", message=private["id"], custom_id="go"),
        somebody.do("delete", message=private["id"]),
        somebody.do("menu", channel=place, command="draw", message=private["id"]),
        somebody.do("say", channel=place, content="hm", reply_to=private["id"]),
    ):
        with pytest.raises(RefusedError, match="The message is gone"):
            await attempt
    await ada.do("delete", message=private["id"])
    assert (await ada.until("gone"))["message"] == private["id"]
    await somebody.settled()
    assert somebody.heard == []


async def test_a_form_is_filled_in(ada: Window, server: DiscordServer, opened: dict[str, Any]) -> None:
    ids = custom_ids(opened)
    files = [await ada.upload("a.png", b"a"), await ada.upload("b.png", b"b")]
    bob = server.user("bob")
    values = {
        ids["Steps"]: "8",
        ids["Size"]: ["b"],
        ids["Image"]: files,
        ids["Extra"]: True,
        ids["For"]: [str(bob.id)],
    }

    await ada.do("submit", interaction=opened["interaction"], values=values)
    gone = await ada.until("modal_gone")

    assert (READ["steps"], READ["size"], READ["bytes"], READ["extra"]) == ("8", ["b"], [b"a", b"b"], True)
    assert [one.id for one in READ["friend"]] == [bob.id]
    assert gone["interaction"] == opened["interaction"]
    with pytest.raises(RefusedError, match="no longer open"):
        await ada.do("submit", interaction=opened["interaction"], values=values)


@pytest.mark.parametrize(
    ("label", "value", "complaint"),
    [
        ("Steps", "1000", "1 to 3 characters"),
        ("Steps", 8, "takes text"),
        ("Size", "x", "has no 'x'"),
        ("Size", [{}], "takes texts"),
        ("Size", None, "has to be filled in"),
        ("Extra", "yes", "ticked or not"),
        ("Image", ["unknown"], "attach it again"),
        ("For", ["12"], "somebody who is here"),
    ],
)
async def test_what_does_not_fit_a_form(
    ada: Window, opened: dict[str, Any], label: str, value: object, complaint: str
) -> None:
    ids = custom_ids(opened)
    with pytest.raises(RefusedError, match=complaint):
        await ada.do(
            "submit",
            interaction=opened["interaction"],
            values={ids["Steps"]: "8", ids["Size"]: ["b"], ids[label]: value},
        )
    assert READ == {}


async def test_a_form_is_closed_without_sending(window: Open, ada: Window, opened: dict[str, Any]) -> None:
    same, bob = await window("ada"), await window("bob")
    for number in (opened["interaction"], "12", None, [opened]):
        with pytest.raises(RefusedError, match=r"no longer open|has to be an id"):
            await bob.do("close", interaction=number)
    assert [modal["interaction"] for modal in same.view["modals"]] == [opened["interaction"]]

    await ada.do("close", interaction=opened["interaction"])

    await same.until("modal_gone")
    with pytest.raises(RefusedError, match="no longer open"):
        await ada.do("submit", interaction=opened["interaction"], values={})
    assert (await window("ada")).view["modals"] == []


async def test_a_form_takes_the_place_of_another(ada: Window, opened: dict[str, Any]) -> None:
    await ada.do("slash", channel=ada.channel("general"), command="ask")
    assert (await ada.until("modal_gone"))["interaction"] == opened["interaction"]
    assert len(ada.pushed("modal")) == 2


async def test_a_form_stays_while_its_sending_fails(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    click = await ada.do("click", **posted, custom_id="go")
    field = {"type": 18, "label": "Steps", "component": {"type": 4, "custom_id": "t", "style": 1}}
    await raw.answer(asked(server), 9, {"custom_id": "m", "title": "M", "components": [field]})
    submit = {"interaction": click["interaction"], "values": {"t": "8"}}
    sent = await ada.do("submit", **submit)
    with pytest.raises(RefusedError, match="on its way already"):
        await ada.do("submit", **submit)

    server.clock.advance(3.1)
    failed = await ada.state(sent, "failed")
    again = await ada.do("submit", **submit)
    await raw.answer(asked(server), 6)

    assert (failed["error"], failed["source"]) == ("Something went wrong. Try again.", posted["message"])
    assert again["interaction"] != sent["interaction"]
    await ada.until("modal_gone")


async def test_channels_are_picked_in_a_form(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    click = await ada.do("click", **posted, custom_id="go")
    field = {"type": 18, "label": "Where", "component": {"type": 8, "custom_id": "w"}}
    await raw.answer(asked(server), 9, {"custom_id": "m", "title": "M", "components": [field]})
    secret, bobs = server.channel("pictures"), server.user("bob").dm
    secret.close_to(server.user("ada"))
    for place in (secret.id, bobs.id, 12):
        with pytest.raises(RefusedError, match="a channel of this server"):
            await ada.do("submit", interaction=click["interaction"], values={"w": [str(place)]})

    await ada.do("submit", interaction=click["interaction"], values={"w": [ada.channel("general")]})

    assert asked(server).data["components"][0]["component"]["values"] == [ada.channel("general")]


@pytest.mark.parametrize(
    ("verb", "error"), [("slash", "The application did not respond"), ("click", "This interaction failed")]
)
async def test_nobody_answers_in_time(
    ada: Window, window: Open, server: DiscordServer, raw: Raw, posted: dict[str, Any], verb: str, error: str
) -> None:
    await raw.register({"name": "draw", "description": "Draw"})
    bob = await window("bob")
    fields = (
        {"channel": ada.channel("general"), "command": "draw"} if verb == "slash" else {**posted, "custom_id": "go"}
    )
    used = await ada.do(verb, **fields)

    server.clock.advance(2)
    await ada.settled()
    assert [push["state"] for push in ada.pushed("interaction")] == ["sent"]
    server.clock.advance(1.1)

    assert (await ada.state(used, "failed"))["error"] == error
    await bob.settled()
    assert bob.pushed("interaction") == []


async def test_the_time_for_an_answer_passes_by_itself(
    ada: Window, posted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("world", "interaction"):
        monkeypatch.setattr(f"playground.discord.{module}.ANSWER_SECONDS", 0.02)
    click = await ada.do("click", **posted, custom_id="go")
    assert (await ada.state(click, "failed"))["error"] == "This interaction failed"


async def test_an_answer_that_is_too_late_is_no_answer(
    ada: Window, server: DiscordServer, raw: Raw, posted: dict[str, Any]
) -> None:
    click = await ada.do("click", **posted, custom_id="go")
    server.clock.advance(4)
    assert (await raw.answer(asked(server), 6))[0] == 404
    await ada.state(click, "failed")
    await asyncio.sleep(0)
    await ada.settled()
    assert [push["state"] for push in ada.pushed("interaction")] == ["sent", "failed"]
