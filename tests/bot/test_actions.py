"""What can be done with a picture: /editflux, /editqwen and the buttons on a result, with a user's own workflows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.actions import ACTIONS as KINDS
from playground.discord import Message, PlaygroundError, Upload
from tests.bot.conftest import Stage, done, failed, graph_of, inputs, settled
from tests.bot.graphs import ACTIONS, edit, upscale

with_all = pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
pytestmark = pytest.mark.integration

#: What is below every picture of a workflow that can start from one.
AGAIN = ["Reroll", "Vary subtle", "Vary strong", "Edit prompt", "Use as start", "Info", "Delete"]
FORMS = {"Flux edit": "Edit with Flux", "Qwen edit": "Edit with Qwen", "Animate": "Animate"}


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


def picture_sent(stage: Stage) -> bytes:
    return (stage.comfyui.input_dir / inputs(graph_of(stage), "LoadImage")["image"]).read_bytes()


@with_all
@pytest.mark.parametrize(("command", "title"), [("editflux", "Edit with Flux"), ("editqwen", "Edit with Qwen")])
async def test_an_edit_command_changes_the_picture_that_is_sent(
    stage: Stage, png: bytes, command: str, title: str
) -> None:
    options = {"image": Upload("cat.png", png), "prompt": "make it blue", "steps": 3, "seed": 0}
    reply = await stage.ada.slash(stage.channel, command, **options)
    await reply.answered()
    assert reply.response_type == 5
    message = await reply.until(done)
    assert picture_sent(stage) == png
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "make it blue"
    assert (inputs(graph_of(stage), "KSampler")["steps"], inputs(graph_of(stage), "KSampler")["seed"]) == (3, 0)
    assert title in message.text


@with_all
async def test_an_edit_refuses_what_is_no_picture_before_it_is_fetched(stage: Stage) -> None:
    notes = Upload("notes.txt", b"words")
    await (await stage.ada.slash(stage.channel, "editflux", image=notes, prompt="blue")).until(failed)
    assert stage.comfyui.count("POST", "/upload") == 0


@with_all
async def test_a_picture_that_discord_does_not_give_is_a_sentence(stage: Stage, png: bytes) -> None:
    stage.discord.faults.status(404, "GET", "/attachments/*")
    reply = await stage.ada.slash(stage.channel, "editflux", image=Upload("cat.png", png), prompt="blue")
    assert "send it again" in (await reply.until(failed)).text


@with_all
async def test_a_picture_whose_fetching_breaks_off_is_a_sentence(stage: Stage, png: bytes) -> None:
    stage.discord.faults.reset("GET", "/attachments/*", times=None)
    reply = await stage.ada.slash(stage.channel, "editflux", image=Upload("cat.png", png), prompt="blue")
    assert "send it again" in (await reply.until(failed)).text


@with_all
async def test_every_action_that_has_a_workflow_is_on_a_result(stage: Stage) -> None:
    assert labels(await stage.picture()) == ["Upscale", "Flux edit", "Qwen edit", "Animate", *AGAIN]


@pytest.mark.parametrize("settings", [{"graphs": {"upscale": upscale()}}], indirect=True)
async def test_only_actions_with_a_workflow_are_on_a_result(stage: Stage) -> None:
    assert labels(await stage.picture()) == ["Upscale", *AGAIN]


async def test_without_workflows_for_actions_there_are_no_buttons_for_them(stage: Stage) -> None:
    assert labels(await stage.picture()) == AGAIN


@pytest.mark.parametrize(
    "settings", [{"graphs": {"mine": edit()}, "generation": {"editflux_workflow": "mine"}}], indirect=True
)
async def test_which_workflow_an_action_takes_is_configured(stage: Stage) -> None:
    assert labels(await stage.picture()) == ["Flux edit", *AGAIN]
    assert "editflux" in {command["name"] for command in stage.discord.commands}


@with_all
@pytest.mark.parametrize("label", FORMS)
async def test_a_button_opens_a_form_whose_submission_is_a_new_message(stage: Stage, label: str) -> None:
    parent = await stage.picture(prompt="a red fox")
    parent_job = stage.comfyui.accepted[-1]
    opened = await (await stage.ada.click(parent, label=label)).answered()
    assert opened.modal is not None
    assert opened.modal.title == FORMS[label]
    assert opened.modal.field("Prompt").value == "a red fox"
    sent = await stage.ada.submit(opened, {"Prompt": "a blue fox", "Steps": "2", "Seed": "5"})
    message = await sent.until(done)
    assert message.id != parent.id
    assert picture_sent(stage) == parent.attachments[0].data
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == "a blue fox"
    assert (inputs(graph_of(stage), "KSampler")["steps"], inputs(graph_of(stage), "KSampler")["seed"]) == (2, 5)
    unchanged = stage.discord.message(parent.id)
    assert unchanged is not None
    assert unchanged.buttons == parent.buttons
    job = await stage.bot.engine.jobs.get(stage.comfyui.accepted[-1])
    assert job is not None
    assert job.parent == parent_job


@with_all
async def test_the_form_offers_what_the_workflow_has_with_its_ranges(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Qwen edit")).answered()
    assert opened.modal is not None
    assert [field.label for field in opened.modal.fields] == ["Prompt", "Steps", "CFG", "Seed"]
    assert "1 to 50" in str(stage.discord.requests_to("POST", "/interactions/*")[-1].json)


@with_all
async def test_a_wrong_value_in_a_form_is_explained_and_makes_no_job(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Flux edit")).answered()
    sent = await (await stage.ada.submit(opened, {"Prompt": "blue", "Steps": "99"})).answered()
    assert sent.message is not None
    assert sent.message.ephemeral
    assert "between 1 and 50" in sent.message.text
    assert len(stage.comfyui.accepted) == 1


@with_all
async def test_a_prompt_that_an_action_needs_cannot_be_left_empty(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Flux edit")).answered()
    with pytest.raises(PlaygroundError):
        await stage.ada.submit(opened, {"Prompt": ""})


@with_all
async def test_an_action_without_anything_to_ask_starts_at_once(stage: Stage) -> None:
    parent = await stage.picture()
    click = await stage.ada.click(parent, label="Upscale")
    message = await click.until(done)
    assert click.response_type == 5
    assert message.id != parent.id
    assert picture_sent(stage) == parent.attachments[0].data


@with_all
async def test_its_second_click_makes_no_second_job_until_the_first_is_over(stage: Stage) -> None:
    parent = await stage.picture()
    gate = stage.comfyui.pause("executing")
    first = await stage.ada.click(parent, label="Upscale")
    second = await (await stage.ada.click(parent, label="Upscale")).answered()
    assert second.message is not None
    assert second.message.ephemeral
    assert "under way" in second.message.text
    other = await stage.discord.user("bob").click(parent, label="Upscale")
    gate.release()
    await first.until(done)
    await other.until(done)
    assert len(stage.comfyui.accepted) == 3
    await settled()
    await (await stage.ada.click(parent, label="Upscale")).until(done)


@with_all
async def test_a_picture_that_is_gone_is_said(stage: Stage) -> None:
    parent = await stage.picture()
    opened = await (await stage.ada.click(parent, label="Flux edit")).answered()
    next(stage.outputs.iterdir()).unlink()
    stage.discord.world.edit(replace(parent, embeds=(), attachments=()))
    late = await (await stage.ada.submit(opened, {"Prompt": "blue"})).until(failed)
    assert "no longer kept" in late.text
    for label in ("Upscale", "Animate"):
        click = await (await stage.ada.click(parent, label=label)).answered()
        assert click.message is not None
        assert click.message.ephemeral
        assert "no longer kept" in click.message.text


@with_all
async def test_a_button_whose_job_nobody_knows_is_answered(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    parent = await stage.picture()

    async def nothing(job_id: str) -> None:
        """As with another database."""

    monkeypatch.setattr(stage.bot.engine.jobs, "get", nothing)
    click = await (await stage.ada.click(parent, label="Upscale")).answered()
    assert click.message is not None
    assert "no longer known" in click.message.text


@with_all
async def test_a_button_whose_workflow_was_removed_is_answered(stage: Stage) -> None:
    parent = await stage.picture()
    workflow = stage.bot.engine.workflows.get("upscale")
    (workflows,) = (path for path in stage.outputs.parent.iterdir() if path.name == "workflows")
    (workflows / f"{workflow.name}.json").unlink()
    click = await (await stage.ada.click(parent, label="Upscale")).answered()
    assert click.message is not None
    assert "not set up" in click.message.text


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS, "security": {"per_user": 1}}], indirect=True)
async def test_the_limit_holds_for_buttons_and_commands_before_anything_is_uploaded(stage: Stage, png: bytes) -> None:
    parent = await stage.picture()
    click = await stage.ada.click(parent, label="Upscale")
    assert "try again in" in (await click.until(failed)).text
    opened = await (await stage.ada.click(parent, label="Flux edit")).answered()
    sent = await stage.ada.submit(opened, {"Prompt": "blue"})
    assert "try again in" in (await sent.until(failed)).text
    picture = Upload("cat.png", png)
    typed = await stage.ada.slash(stage.channel, "editflux", image=picture, prompt="blue")
    assert "try again in" in (await typed.until(failed)).text
    named = await stage.generate(prompt="a fox", workflow="flux_lora", image=picture)
    assert "try again in" in (await named.until(failed)).text
    assert stage.comfyui.count("POST", "/upload") == 0
    await (await stage.discord.user("bob").click(parent, label="Upscale")).until(done)


@with_all
async def test_an_upload_that_comfyui_refuses_is_said(stage: Stage) -> None:
    parent = await stage.picture()
    await stage.comfyui.kill()
    message = await (await stage.ada.click(parent, label="Upscale")).until(failed)
    assert "ComfyUI cannot be reached" in message.text
    await stage.comfyui.revive()
    await settled()
    assert not stage.bot.under_way


@with_all
async def test_the_animation_is_a_video_without_buttons_for_pictures(stage: Stage) -> None:
    opened = await (await stage.ada.click(await stage.picture(), label="Animate")).answered()
    message = await (await stage.ada.submit(opened, {"Prompt": "it runs"})).until(done)
    assert message.attachments[0].filename.endswith(".mp4")
    assert labels(message) == ["Reroll", "Edit prompt", "Info", "Delete"]
    assert not message.embedded


@pytest.mark.parametrize(
    "settings",
    [
        {
            "graphs": ACTIONS,
            "workflows": {"flux_kontext_edit": {"file": "flux_kontext_edit.json", "limits": {"prompt": {"max": 90}}}},
        }
    ],
    indirect=True,
)
async def test_a_prompt_longer_than_the_form_takes_is_cut(stage: Stage) -> None:
    parent = await stage.picture(prompt="x" * 500)
    opened = await (await stage.ada.click(parent, label="Flux edit")).answered()
    assert opened.modal is not None
    assert len(opened.modal.field("Prompt").value) == 90


def test_every_action_has_a_setting_a_button_and_a_form() -> None:
    from bot.ui.buttons import ACTION_BUTTONS
    from bot.ui.modals import FORMS as MODALS
    from config.models import GenerationConfig

    assert [button.action.key for button in ACTION_BUTTONS] == list(KINDS)
    assert MODALS.keys() == KINDS.keys()
    assert {f"{key}_workflow" for key in KINDS} <= GenerationConfig.model_fields.keys()
