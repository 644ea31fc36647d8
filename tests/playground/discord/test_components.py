"""Buttons and selects."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import ui

from playground.discord import Callback, DiscordServer, Interaction, Permission, PlaygroundError
from tests.playground.discord.puppet import Launch, Puppet, Raw


class Setup(ui.View):
    """A select, a button that edits, one that answers anew, one that is off, and a link."""

    @ui.select(
        placeholder="Model",
        max_values=2,
        options=[discord.SelectOption(label="Flux", value="f"), discord.SelectOption(label="HiDream", value="h")],
    )
    async def model(self, interaction: discord.Interaction, select: ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"model {','.join(select.values)}")

    @ui.button(label="Generate", custom_id="go")
    async def go(self, interaction: discord.Interaction, button: ui.Button[Any]) -> None:
        button.disabled = True
        await interaction.response.edit_message(content="running", view=self)
        await interaction.edit_original_response(content="done")

    @ui.button(label="Copy")
    async def copy(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        assert interaction.message is not None
        await interaction.response.send_message(f"copy of {interaction.message.content}", ephemeral=True)

    @ui.button(label="Later")
    async def later(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        await interaction.response.defer()
        await interaction.edit_original_response(content="later done")
        await interaction.followup.send("by the way")

    @ui.button(label="Off", disabled=True)
    async def off(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
        raise AssertionError("nobody can press it")


@pytest.fixture
async def setup(server: DiscordServer, puppet: Puppet, launch: Launch) -> Interaction:
    @puppet.tree.command(description="Open the form")
    async def form(interaction: discord.Interaction, private: bool = False) -> None:
        view = Setup()
        view.add_item(ui.Button(label="Site", url="https://example.org"))
        await interaction.response.send_message("form", view=view, ephemeral=private)

    await launch(puppet)
    reply = await server.user("ada").slash(server.channel("general"), "form")
    return await reply.answered()


async def test_message_shows_its_components(setup: Interaction) -> None:
    message = setup.message
    assert message is not None
    assert [button["label"] for button in message.buttons] == ["Generate", "Copy", "Later", "Off", "Site"]
    assert [select["placeholder"] for select in message.selects] == ["Model"]
    assert message.component("go")["label"] == "Generate"
    ids = [part["id"] for part in message.parts]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    with pytest.raises(PlaygroundError, match="Generate"):
        message.component("Nothing")


async def test_click_edits_the_message(server: DiscordServer, setup: Interaction) -> None:
    message = setup.message
    assert message is not None

    click = await server.user("ada").click(message, "Generate")
    done = await click.until(lambda m: m.content == "done")

    assert click.response_type is Callback.EDIT
    assert done.id == message.id
    assert [state.content for state in click.edits] == ["running", "done"]
    assert [state.content for state in setup.edits] == ["form", "running", "done"]
    assert done.edited_at is not None
    with pytest.raises(PlaygroundError, match="disabled"):
        await server.user("ada").click(message, custom_id="go")


async def test_click_answered_by_a_new_message(server: DiscordServer, setup: Interaction) -> None:
    message = setup.message
    assert message is not None

    click = await (await server.user("bob").click(message, label="Copy")).answered()

    assert click.message is not None
    assert (click.message.content, click.message.ephemeral) == ("copy of form", True)
    assert click.message.interaction is not None
    assert click.message.interaction.clicked_id == message.id


async def test_click_deferred_and_followed_up(server: DiscordServer, setup: Interaction) -> None:
    message = setup.message
    assert message is not None

    click = await server.user("ada").click(message, "Later")
    state = await click.until(lambda m: m.content == "later done")
    await server.until(lambda: click.followups)

    assert click.response_type is Callback.DEFERRED_EDIT
    assert state.id == message.id
    assert [followup.content for followup in click.followups] == ["by the way"]


async def test_select_by_label_or_value(server: DiscordServer, setup: Interaction) -> None:
    message, ada = setup.message, server.user("ada")
    assert message is not None

    chosen = await ada.select(message, "Model", ["HiDream", "f"])

    assert (await chosen.until(lambda _: True)).content == "model h,f"
    with pytest.raises(PlaygroundError, match="has no 'SDXL'"):
        await ada.select(message, "Model", "SDXL")
    with pytest.raises(PlaygroundError, match="takes 1 to 2"):
        await ada.select(message, "Model", ["f", "h", "f"])
    with pytest.raises(PlaygroundError, match="no list of options"):
        await ada.select(message, "Generate", ["f"])


async def test_what_nobody_could_press(server: DiscordServer, setup: Interaction) -> None:
    message, ada = setup.message, server.user("ada")
    assert message is not None
    for label, complaint in (("Off", "disabled"), ("Site", "no button"), ("Model", "no button")):
        with pytest.raises(PlaygroundError, match=complaint):
            await ada.click(message, label)


async def test_ephemeral_messages_are_for_one_person(server: DiscordServer, setup: Interaction) -> None:
    ada, bob, general = server.user("ada"), server.user("bob"), server.channel("general")
    private = await (await ada.slash(general, "form", private=True)).answered()
    message = private.message
    assert message is not None

    assert message in ada.sees(general)
    assert message not in bob.sees(general)
    assert message not in general.messages
    with pytest.raises(PlaygroundError, match="does not see"):
        await bob.click(message, "Generate")
    with pytest.raises(PlaygroundError, match="does not see"):
        await bob.context_menu(message, "Edit image…")
    await ada.delete(message)
    assert private.message is None
    with pytest.raises(PlaygroundError, match="gone"):
        await ada.click(message, "Generate")


async def test_messages_are_deleted_by_whom_may(server: DiscordServer, setup: Interaction) -> None:
    message, ada, mod = setup.message, server.user("ada"), server.user("mod")
    assert message is not None
    with pytest.raises(PlaygroundError, match="cannot delete"):
        await ada.delete(message)

    mod.permissions |= Permission.MANAGE_MESSAGES
    await mod.delete(message)

    assert server.message(message.id) is None
    own = await ada.say(server.channel("general"), "mine")
    await ada.delete(own)
    assert server.channel("general").messages == ()


async def test_click_sends_the_full_message(server: DiscordServer, raw: Raw) -> None:
    await raw.register({"name": "draw", "description": "Draw"})
    asked = await server.user("ada").slash(server.channel("general"), "draw")
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    await raw.answer(asked, 4, {"content": "hi", "components": [row]})
    assert asked.message is not None

    click = await server.user("ada").click(asked.message, "Go")

    payload = click.payload()
    assert payload["message"]["content"] == "hi"
    assert payload["data"] == {"custom_id": "go", "component_type": 2, "id": 2}
    assert payload["attachment_size_limit"] == 10 * 1024 * 1024
    assert payload["member"]["user"]["id"] == str(server.user("ada").id)


async def test_components_v2(server: DiscordServer, puppet: Puppet, launch: Launch) -> None:
    class Page(ui.LayoutView):
        box: ui.Container[Any] = ui.Container(
            ui.TextDisplay("A fox"),
            ui.MediaGallery(discord.MediaGalleryItem("attachment://a.png")),
            ui.Section("again?", accessory=ui.Button(label="Again", custom_id="again")),
        )

    @puppet.tree.command(description="Show")
    async def show(interaction: discord.Interaction) -> None:
        from io import BytesIO

        await interaction.response.send_message(view=Page(), file=discord.File(BytesIO(b"x"), "a.png"))

    await launch(puppet)
    reply = await (await server.user("ada").slash(server.channel("general"), "show")).answered()

    assert puppet.problems == []
    assert reply.message is not None
    assert reply.message.text == "A fox\nagain?"
    assert reply.message.embedded == {"a.png"}
    assert (await server.user("ada").click(reply.message, "Again")).data["custom_id"] == "again"
