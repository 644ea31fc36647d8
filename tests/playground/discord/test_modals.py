"""Modals: what the client lets be filled in, and what the bot reads from it."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord import ui

from playground.discord import Callback, DiscordServer, Interaction, PlaygroundError, Upload
from tests.playground.discord.puppet import Launch, Puppet

READ: dict[str, Any] = {}


def read(label: ui.Label[Any]) -> Any:
    """The field in a label, whatever its kind."""
    return label.component


class Settings(ui.Modal, title="Settings"):
    """A field of every kind, each in a label."""

    note = ui.TextDisplay("Mind the steps")
    steps = ui.Label(text="Steps", component=ui.TextInput(default="20", min_length=1, max_length=3))
    comment = ui.Label(text="Comment", component=ui.TextInput(required=False, min_length=5))
    lora = ui.Label(
        text="LoRA",
        component=ui.Select(
            custom_id="lora",
            required=False,
            options=[
                discord.SelectOption(label="None", value="-", default=True),
                discord.SelectOption(label="Fox", value="fox.safetensors"),
            ],
        ),
    )
    second = ui.Label(text="Second image", component=ui.FileUpload(required=False, max_values=2))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        READ.clear()
        READ["steps"] = read(self.steps).value
        READ["comment"] = read(self.comment).value
        READ["lora"] = read(self.lora).values
        READ["files"] = [await file.read() for file in read(self.second).values]
        await interaction.response.send_message("saved")


class Choices(ui.Modal, title="Choices"):
    size = ui.Label(
        text="Size",
        component=ui.RadioGroup(
            options=[
                discord.RadioGroupOption(label="Small", value="s"),
                discord.RadioGroupOption(label="Big", value="b"),
            ]
        ),
    )
    extras = ui.Label(
        text="Extras",
        component=ui.CheckboxGroup(
            required=False,
            max_values=2,
            options=[
                discord.CheckboxGroupOption(label="Upscale", value="u"),
                discord.CheckboxGroupOption(label="Face", value="f"),
            ],
        ),
    )
    private = ui.Label(text="Private", component=ui.Checkbox(default=True))
    friend = ui.Label(text="For", component=ui.UserSelect(required=False))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        fields = [read(label) for label in (self.size, self.extras, self.private)]
        READ.clear()
        READ.update(size=fields[0].value, extras=fields[1].values, private=fields[2].value)
        READ["friend"] = [user.id for user in read(self.friend).values]
        await interaction.response.edit_message(content="edited")


class Old(ui.Modal, title="Old"):
    """Text inputs in rows, with their own labels."""

    prompt = ui.TextInput(label="Prompt", custom_id="p", max_length=10)

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await interaction.response.send_message(f"old {self.prompt.value}")


@pytest.fixture
async def bot(puppet: Puppet, launch: Launch) -> Puppet:
    class Open(ui.View):
        @ui.button(label="Choose")
        async def choose(self, interaction: discord.Interaction, _: ui.Button[Any]) -> None:
            await interaction.response.send_modal(Choices())

    @puppet.tree.command(description="Settings")
    async def settings(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Settings())

    @puppet.tree.command(description="Old")
    async def old(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Old())

    @puppet.tree.command(description="With a button")
    async def button(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("press", view=Open())

    return await launch(puppet)


@pytest.fixture
async def settings(server: DiscordServer, bot: Puppet) -> Interaction:
    opened = await server.user("ada").slash(server.channel("general"), "settings")
    return await opened.answered()


async def test_modal_is_shown(settings: Interaction) -> None:
    assert settings.response_type is Callback.MODAL
    assert settings.message is None
    modal = settings.modal
    assert modal is not None
    assert modal.title == "Settings"
    assert [field.label for field in modal.fields] == ["Steps", "Comment", "LoRA", "Second image"]
    assert modal.field("Steps").value == "20"
    assert [option["value"] for option in modal.field("lora").options] == ["-", "fox.safetensors"]
    assert not modal.field("Comment").required


async def test_every_field_is_read(server: DiscordServer, settings: Interaction) -> None:
    ada = server.user("ada")
    values = {
        "Steps": "8",
        "Comment": "a nice one",
        "lora": ["Fox"],
        "Second image": [Upload("a.png", b"a"), Upload("b.png", b"b")],
    }

    sent = await (await ada.submit(settings, values)).answered()

    assert READ == {
        "steps": "8",
        "comment": "a nice one",
        "lora": ["fox.safetensors"],
        "files": [b"a", b"b"],
    }
    assert sent.message is not None
    assert sent.message.content == "saved"


async def test_prefilled_fields_are_sent_as_they_are(server: DiscordServer, settings: Interaction) -> None:
    await (await server.user("ada").submit(settings)).answered()

    assert READ == {"steps": "20", "comment": "", "lora": ["-"], "files": []}


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"Steps": ""}, "1 to 3 characters"),
        ({"Steps": "1000"}, "1 to 3 characters"),
        ({"Steps": 8}, "takes text"),
        ({"Comment": "abc"}, "5 to 4000 characters"),
        ({"Size": "8"}, "no 'Size'"),
        ({"LoRA": "Cat"}, "no 'Cat'"),
        ({"LoRA": ["Fox", "None"]}, "takes 1 to 1"),
        ({"Second image": "a.png"}, "takes files"),
        ({"Second image": [Upload("a", b"")] * 3}, "takes 1 to 2"),
        ({"Second image": Upload("a", b"x" * 11)}, "too large"),
    ],
)
async def test_client_does_not_send_what_does_not_fit(
    server: DiscordServer, settings: Interaction, values: dict[str, Any], complaint: str
) -> None:
    server.attachment_size_limit = 10
    with pytest.raises(PlaygroundError, match=complaint):
        await server.user("ada").submit(settings, values)


async def test_form_is_on_one_screen(server: DiscordServer, settings: Interaction) -> None:
    with pytest.raises(PlaygroundError, match="ada's screen"):
        await server.user("bob").submit(settings)
    button = await (await server.user("ada").slash(server.channel("general"), "button")).answered()
    with pytest.raises(PlaygroundError, match="opened no form"):
        await server.user("ada").submit(button)


async def test_modal_opened_by_a_button_edits_its_message(server: DiscordServer, bot: Puppet) -> None:
    ada = server.user("ada")
    shown = await (await ada.slash(server.channel("general"), "button")).answered()
    assert shown.message is not None
    opened = await (await ada.click(shown.message, "Choose")).answered()

    sent = await ada.submit(
        opened, {"Size": "Big", "Extras": ["Face", "u"], "Private": False, "For": server.user("bob")}
    )
    state = await sent.until(lambda _: True)

    assert {"size": "b", "extras": ["f", "u"], "private": False, "friend": [server.user("bob").id]} == READ
    assert (opened.name, sent.name) == (opened.data["custom_id"], sent.data["custom_id"])
    assert (sent.response_type, state.id, state.content) == (Callback.EDIT, shown.message.id, "edited")
    with pytest.raises(PlaygroundError, match="filled in"):
        await ada.submit(opened)
    with pytest.raises(PlaygroundError, match="takes people"):
        await ada.submit(opened, {"Size": "Big", "For": "bob"})


async def test_checkboxes_left_alone(server: DiscordServer, bot: Puppet) -> None:
    ada = server.user("ada")
    shown = await (await ada.slash(server.channel("general"), "button")).answered()
    assert shown.message is not None
    opened = await (await ada.click(shown.message, "Choose")).answered()

    await (await ada.submit(opened, {"Size": "s"})).answered()

    assert READ == {"size": "s", "extras": [], "private": True, "friend": []}


async def test_old_rows_with_text_inputs(server: DiscordServer, bot: Puppet) -> None:
    ada = server.user("ada")
    opened = await (await ada.slash(server.channel("general"), "old")).answered()

    sent = await (await ada.submit(opened, {"Prompt": "a fox"})).answered()

    assert sent.message is not None
    assert sent.message.content == "old a fox"
    with pytest.raises(PlaygroundError, match="1 to 10 characters"):
        await ada.submit(opened, {"p": "x" * 11})
