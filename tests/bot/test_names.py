"""Names as files and configurations have them, up to the worst: every form is taken by Discord and does as it says."""

from __future__ import annotations

from typing import Any

import pytest

from playground.comfyui import ComfyUIServer
from playground.discord import Message
from tests.bot.conftest import Stage, done, failed, graph_of, inputs
from tests.bot.graphs import node, paint

pytestmark = pytest.mark.integration

HOSTILE = [
    "",
    "   ",
    "x" * 200 + ".safetensors",
    "folder/" * 30 + "deep.safetensors",
    "`back`tick`.safetensors",
    "new\nline.safetensors",
    "**bold** @everyone <@1>.safetensors",
    "twice.safetensors",
    "twice.safetensors",
    "ünï/码.safetensors",
]


def one_workflow_more(**entries: dict[str, Any]) -> dict[str, Any]:
    return {
        "graphs": {name: paint() for name in entries},
        "workflows": {name: {"file": f"{name}.json", **entry} for name, entry in entries.items()},
    }


SIXTY = {f"w{n:02}": {"description": "It paints."} for n in range(60)}


def own_lora() -> dict[str, Any]:
    graph = paint() | {
        "20": node(
            "LoraLoader", model=["1", 0], clip=["1", 1], lora_name="own.safetensors", strength_model=1, strength_clip=1
        )
    }
    graph["4"]["inputs"]["model"] = ["20", 0]
    for text in ("2", "3"):
        graph[text]["inputs"]["clip"] = ["20", 1]
    return graph


def options_of(message: Message, placeholder: str) -> list[dict[str, Any]]:
    return message.component(placeholder)["options"]


async def test_loras_of_any_name_can_be_chosen_in_the_form(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", HOSTILE)
    form = await stage.form(prompt="a fox")
    options = options_of(form, "LoRA")
    assert len(options) == 1 + 7
    assert all(0 < len(option["label"].strip()) <= 100 for option in options)
    long = next(option for option in options if option["label"].endswith("xxx.safetensors"))
    chosen = await (await stage.ada.select(form, "LoRA", [long["value"]])).until(lambda m: "at 1" in m.text)
    await (await stage.ada.click(chosen, label="Generate")).until(done)
    assert inputs(graph_of(stage), "LoraLoaderModelOnly")["lora_name"] == HOSTILE[2]


async def test_loras_of_any_name_are_completed_and_found_again(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", HOSTILE)
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="lora", value="", prompt="x")
    assert len(choices) == 7
    for choice, name in zip(choices, dict.fromkeys(HOSTILE[2:]), strict=True):
        await stage.picture(lora=choice["value"])
        assert inputs(graph_of(stage), "LoraLoaderModelOnly")["lora_name"] == name


async def test_loras_of_any_name_are_listed_as_text(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", HOSTILE)
    message = await (await stage.ada.slash(stage.channel, "loras")).until(lambda m: bool(m.embed))
    assert message.embed is not None
    lines = message.embed["description"].split("\n")
    assert len(lines) == len(HOSTILE)
    assert all(line.startswith("`") and line.endswith("`") and line.count("`") == 2 for line in lines)


@pytest.mark.parametrize(
    "settings",
    [
        one_workflow_more(
            blank={"name": "  "},
            long={"name": "w" * 300, "description": "d" * 300},
            marked={"name": "**bold** `x` @everyone\nline", "description": "\n"},
        )
    ],
    indirect=True,
)
@pytest.mark.parametrize("name", ["blank", "long", "marked"])
async def test_workflows_of_any_label_can_be_used_everywhere(stage: Stage, name: str) -> None:
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="", prompt="x")
    assert name in {choice["value"] for choice in choices}
    form = await stage.form(prompt="a fox")
    place = [workflow.name for workflow in stage.bot.engine.workflows.available()].index(name)
    option = form.component("Workflow")["options"][place]
    chosen = await (await stage.ada.select(form, "Workflow", [option["value"]])).answered()
    form = chosen.message
    assert form is not None
    await (await stage.ada.click(form, label="Settings")).answered()
    result = await (await stage.ada.click(form, label="Generate")).until(done)
    assert "**bold**" not in result.text
    await (await stage.ada.slash(stage.channel, "help")).until(lambda m: bool(m.embed))


@pytest.mark.parametrize("settings", [one_workflow_more(a={"name": "Same"}, b={"name": "Same"})], indirect=True)
async def test_workflows_of_one_label_are_told_apart(stage: Stage) -> None:
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="same", prompt="x")
    assert choices[:2] == [{"name": "Same (a)", "value": "a"}, {"name": "Same (b)", "value": "b"}]
    message = await (await stage.generate(prompt="a fox", workflow="Same")).until(failed)
    assert 'name one in full: "a", "b"' in message.text


@pytest.mark.parametrize("settings", [one_workflow_more(a={"name": "b"}, b={"name": "Other"})], indirect=True)
async def test_a_choice_means_its_workflow_although_another_is_labelled_so(stage: Stage) -> None:
    await stage.picture(workflow="b")
    job = await stage.bot.engine.jobs.get(stage.comfyui.accepted[-1])
    assert job is not None
    assert job.request.workflow == "b"


@pytest.mark.parametrize("settings", [one_workflow_more(**SIXTY)], indirect=True)
async def test_more_than_25_workflows_come_in_pages(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    assert len(options_of(form, "Workflow (page 1 of 3)")) == 25
    for page in (2, 3):
        turned = await stage.ada.click(form, label="Next Workflows")
        name = f"Workflow (page {page} of 3)"
        form = await turned.until(lambda m, name=name: any(s["placeholder"] == name for s in m.selects))
    assert form.component("Next Workflows")["disabled"]
    chosen = await stage.ada.select(form, "Workflow (page 3 of 3)", ["W59"])
    form = await chosen.until(lambda m: "W59" in m.text)
    await (await stage.ada.click(form, label="Generate")).until(done)
    choices = await stage.ada.autocomplete(stage.channel, "generate", focused="workflow", value="w5", prompt="x")
    assert {f"w5{n}" for n in range(10)} <= {choice["value"] for choice in choices}
    assert len(choices) <= 25
    helped = await (await stage.ada.slash(stage.channel, "help")).until(lambda m: bool(m.embed))
    assert "more" in helped.text


async def test_two_quick_turns_stop_at_the_last_page(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"{n}.safetensors" for n in range(30)])
    form = await stage.form(prompt="a fox")
    turns = [await stage.ada.click(form, label="Next LoRAs") for _ in range(2)]
    for turn in turns:
        await turn.until(lambda m: any(s["placeholder"] == "LoRA (page 2 of 2)" for s in m.selects))


@pytest.mark.parametrize("settings", [{"graphs": {"mine": own_lora()}}], indirect=True)
async def test_a_workflow_with_a_lora_of_its_own_says_so_and_can_go_without(
    stage: Stage, comfyui: ComfyUIServer
) -> None:
    comfyui.set_models("loras", ["own.safetensors", "other.safetensors"])
    form = await stage.form(prompt="a fox")
    chosen = await (await stage.ada.select(form, "Workflow", ["Mine"])).until(lambda m: "Mine" in m.text)
    options = options_of(chosen, "LoRA")
    assert [option["label"] for option in options][:2] == ["The workflow's own", "No LoRA"]
    assert options[0]["default"]
    assert "own.safetensors" in chosen.text
    await (await stage.ada.select(chosen, "LoRA", ["No LoRA"])).until(lambda m: "own.safetensors" not in m.text)
    await (await stage.ada.click(chosen, label="Generate")).until(done)
    assert "LoraLoader" not in {node["class_type"] for node in graph_of(stage).values()}
    await stage.picture(workflow="mine")
    assert inputs(graph_of(stage), "LoraLoader")["lora_name"] == "own.safetensors"


@pytest.mark.parametrize("text", ["**bold** <@1> @everyone `x`\n# title", "x" * 300])
async def test_what_a_user_typed_comes_back_as_text(stage: Stage, comfyui: ComfyUIServer, text: str) -> None:
    comfyui.set_models("loras", ["a.safetensors"])
    for reply in (
        await stage.generate(prompt="a fox", workflow=text),
        await stage.generate(prompt="a fox", workflow="flux_lora", lora=text),
    ):
        message = await reply.until(failed)
        assert "**bold**" not in message.text
        assert "@everyone" not in message.text
        assert not message.pings
    found = await stage.ada.slash(stage.channel, "loras", search=text[:100])
    assert "**bold**" not in (await found.until(lambda m: bool(m.embed))).embed["description"]
