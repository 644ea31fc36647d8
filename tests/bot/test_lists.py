"""/loras, /status and /help."""

from __future__ import annotations

import pytest

from playground.comfyui import ComfyUIServer
from tests.bot.conftest import Stage, failed

pytestmark = pytest.mark.integration


async def test_loras_are_listed_page_by_page_for_the_one_who_asked(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"style-{n:02}.safetensors" for n in range(45)])
    reply = await stage.ada.slash(stage.channel, "loras")
    first = await reply.until(lambda m: "page 1 of 3" in m.text)
    assert "style-00.safetensors" in first.text
    assert "style-20.safetensors" not in first.text
    assert first.component("Previous")["disabled"]
    second = await (await stage.ada.click(first, label="Next")).until(lambda m: "page 2 of 3" in m.text)
    assert "style-20.safetensors" in second.text
    third = await (await stage.ada.click(second, label="Next")).until(lambda m: "page 3 of 3" in m.text)
    assert third.component("Next")["disabled"]
    other = await (await stage.discord.user("bob").click(third, label="Previous")).answered()
    assert other.message is not None
    assert other.message.ephemeral


async def test_loras_are_searched(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["taiwan.safetensors", "wan lightning.safetensors", "fox.safetensors"])
    message = await (await stage.ada.slash(stage.channel, "loras", search="fox")).until(lambda m: bool(m.embed))
    assert "fox.safetensors" in message.text
    assert "taiwan" not in message.text
    assert not message.buttons


async def test_the_words_of_the_loras_of_a_page_are_shown(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", ["fox.safetensors", "fox_2.safetensors", *(f"{n}.safetensors" for n in range(30))])
    comfyui.set_metadata("loras", "fox.safetensors", {"modelspec.trigger_phrase": "sks *fox*, @everyone"})
    message = await (await stage.ada.slash(stage.channel, "loras", search="fox")).until(lambda m: bool(m.embed))
    assert message.embed is not None
    first, words, second = message.embed["description"].split("\n")
    assert (first, second) == ("`fox.safetensors`", "`fox_2.safetensors`")
    assert words.startswith("-# Trigger words: sks ")
    assert "*fox*" not in words.replace("\\*", "")
    assert not message.pings
    assert comfyui.count("GET", "/view_metadata") == 2
    page = await (await stage.ada.slash(stage.channel, "loras")).until(lambda m: bool(m.embed))
    assert "Trigger words: sks" in page.text
    assert comfyui.count("GET", "/view_metadata") == 20


async def test_a_server_that_hangs_over_a_lora_keeps_nobody_from_the_list(
    stage: Stage, comfyui: ComfyUIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    comfyui.set_models("loras", ["fox.safetensors"])
    await stage.bot.engine.catalog.loras()  # their names are known
    monkeypatch.setattr("bot.lists._PATIENCE", 0.05)
    gate = comfyui.pause_request("GET", "/view_metadata", every=True)
    message = await (await stage.ada.slash(stage.channel, "loras", search="fox")).until(lambda m: bool(m.embed))
    assert "fox.safetensors" in message.text
    gate.release()


async def test_no_loras_is_said(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [])
    message = await (await stage.ada.slash(stage.channel, "loras")).until(lambda m: bool(m.embed))
    assert "There are no LoRAs" in message.text


async def test_loras_without_comfyui_is_a_sentence(stage: Stage) -> None:
    await stage.comfyui.kill()
    message = await (await stage.ada.slash(stage.channel, "loras")).until(failed)
    assert "cannot be reached" in message.text
    await stage.comfyui.revive()


async def test_status_tells_version_device_memory_queue_uptime_and_latency(stage: Stage) -> None:
    message = await (await stage.ada.slash(stage.channel, "status")).until(lambda m: bool(m.embed))
    stats = await stage.bot.engine.client.get_system_stats()
    for part in (stats["system"]["comfyui_version"], "GiB free", "Queue", "empty", "ms", "<t:"):
        assert part in message.text


async def test_status_counts_the_queue(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    message = await (await stage.ada.slash(stage.channel, "status")).until(lambda m: bool(m.embed))
    assert "1 running or waiting" in message.text
    gate.release()


async def test_status_without_comfyui_says_so(stage: Stage) -> None:
    await stage.comfyui.kill()
    message = await (await stage.ada.slash(stage.channel, "status")).until(lambda m: bool(m.embed))
    assert "cannot be reached" in message.text
    await stage.comfyui.revive()


async def test_help_names_every_command_and_workflow(stage: Stage) -> None:
    message = await (await stage.ada.slash(stage.channel, "help")).until(lambda m: bool(m.embed))
    assert message.ephemeral
    for command in stage.discord.commands:
        assert f"**{'/' if command.get('type', 1) == 1 else ''}{command['name']}**" in message.text
    assert "Flux.1 dev" in message.text


async def test_the_commands_are_registered_and_ask_for_no_privileged_intent(stage: Stage) -> None:
    names = {command["name"] for command in stage.discord.commands}
    assert {"generate", "loras", "status", "help"} <= names
    options = next(c for c in stage.discord.commands if c["name"] == "generate")["options"]
    assert [option["name"] for option in options] == [
        *("prompt", "workflow", "lora", "lora_strength", "private", "image", "negative_prompt", "width", "height"),
        *("steps", "cfg", "guidance", "seed", "batch_size", "strength", "sampler", "scheduler"),
    ]
    assert next(option for option in options if option["name"] == "steps")["max_value"] == 50
    privileged = (1 << 1) | (1 << 8) | (1 << 15)
    assert stage.discord.intents is not None
    assert stage.discord.intents & privileged == 0


async def test_edits_are_not_offered_without_a_workflow_for_them(stage: Stage) -> None:
    assert not {"editflux", "editqwen"} & {command["name"] for command in stage.discord.commands}
