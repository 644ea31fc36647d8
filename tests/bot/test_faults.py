"""What users see when something goes wrong, and that nothing is lost by it."""

from __future__ import annotations

import pytest

from playground.discord.ratelimit import Rate
from tests.bot.conftest import Stage, done, failed, graph_of, inputs

pytestmark = pytest.mark.integration


async def test_comfyui_away_is_said_and_the_bot_is_back_with_it(stage: Stage) -> None:
    await stage.comfyui.kill()
    message = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert "ComfyUI cannot be reached" in message.text
    await stage.comfyui.revive()
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(done)


async def test_the_form_opens_without_comfyui(stage: Stage) -> None:
    await stage.comfyui.kill()
    form = await stage.form(prompt="a fox")
    assert [select["placeholder"] for select in form.selects] == ["Workflow"]
    await stage.comfyui.revive()


@pytest.mark.parametrize("settings", [{"comfyui": {"retries": 0}}], indirect=True)
async def test_a_job_lost_with_its_server_says_lost(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await stage.comfyui.kill()
    await reply.until(lambda m: "cannot be heard" in m.text)
    await stage.comfyui.revive()
    message = await reply.until(failed)
    assert "lost" in message.text
    assert [button["label"] for button in message.buttons] == ["Retry"]


async def test_a_dropped_socket_costs_nothing(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress", skip=1)
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", steps=3)
    await gate.reached()
    await stage.comfyui.drop_sockets()
    gate.release()
    await reply.until(done)
    assert len(stage.comfyui.accepted) == 1


async def test_a_node_that_fails_is_named_and_nothing_else(stage: Stage) -> None:
    stage.comfyui.faults.fail_node("VAEDecode", message="cannot read /srv/models/vae.pt")
    message = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert "failed" in message.text
    for secret in ("/srv", "Traceback", ".py", str(stage.outputs)):
        assert secret not in message.text


async def test_a_model_that_is_missing_is_named_with_its_folder(stage: Stage) -> None:
    stage.comfyui.set_models("vae", ["other.safetensors"])
    message = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert 'model file "ae.safetensors" in models/vae' in message.text


async def test_an_unforeseen_error_is_told_by_reference_only(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("secret at /etc/passwd")

    monkeypatch.setattr(stage.bot.engine.workflows, "get", broken)
    message = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert "reference" in message.text
    assert "passwd" not in message.text


@pytest.mark.parametrize("settings", [{"security": {"per_user": 1}}], indirect=True)
async def test_the_limit_says_how_long_to_wait_and_counts_jobs_only(stage: Stage) -> None:
    await (await stage.generate(prompt="a fox", workflow="flux_lora", width=500)).until(failed)
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(done)
    refused = await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    assert "try again in" in refused.text
    assert "second" in refused.text
    other = await stage.discord.user("bob").slash(stage.channel, "generate", prompt="a fox", workflow="flux_lora")
    await other.until(done)
    form = await stage.form(prompt="a fox")
    click = await (await stage.ada.click(form, label="Generate")).answered()
    assert click.message is not None
    assert "try again in" in click.message.text
    assert len(stage.comfyui.accepted) == 2


@pytest.mark.parametrize("settings", [{"security": {"per_user": 1}}], indirect=True)
async def test_jobs_whose_answers_are_looked_for_at_once_are_counted_one_by_one(stage: Stage) -> None:
    stage.discord.faults.drop("POST", "/interactions/*/callback", times=2)
    looks = stage.discord.faults.hold("GET", "/webhooks/*/messages/@original", times=2)
    replies = [await stage.generate(prompt="a fox", workflow="flux_lora") for _ in range(2)]
    await stage.discord.until(lambda: looks.hits == 2)
    looks.release()
    ends = [await reply.until(lambda m: done(m) or failed(m)) for reply in replies]
    assert sorted(failed(end) for end in ends) == [False, True]
    assert len(stage.comfyui.accepted) == 1


async def test_a_result_after_the_token_died_reaches_the_same_message(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    first = await reply.until(lambda m: "step" in m.text or "%" in m.text)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    message = await stage.channel.until(done)
    assert message.id == first.id


@pytest.mark.parametrize("settings", [{"server": {"attachment_size_limit": 20_000}}], indirect=True)
async def test_a_picture_too_large_for_the_channel_is_made_to_fit(stage: Stage) -> None:
    stage.comfyui.settings.draw = True
    reply = await stage.generate(prompt="a fox", workflow="flux_lora", width=512, height=512)
    message = await reply.until(done)
    assert message.attachments[0].size <= 20_000
    assert message.attachments[0].filename.endswith(".webp")
    assert "original is kept" in message.text
    assert next(stage.outputs.iterdir()).stat().st_size > 20_000


@pytest.mark.parametrize("settings", [{"server": {"attachment_size_limit": 20}}], indirect=True)
async def test_what_cannot_be_made_to_fit_is_said(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    message = await reply.until(lambda m: "too large" in m.text)
    assert not message.attachments
    assert len(list(stage.outputs.iterdir())) == 1


async def test_a_progress_edit_that_fails_costs_nothing(stage: Stage) -> None:
    fault = stage.discord.faults.reset("PATCH", "/webhooks/*", times=1)
    gate = stage.comfyui.pause("executed")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await fault.reached()
    await gate.reached()
    gate.release()
    await reply.until(done)


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_result_whose_delivery_is_cut_off_is_delivered_again(stage: Stage, after_effect: bool) -> None:
    gate = stage.comfyui.pause("executed")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await reply.until(lambda m: "SaveImage" in m.text or "Save" in m.text)
    fault = stage.discord.faults.reset("PATCH", "/webhooks/*", times=1, after_effect=after_effect)
    gate.release()
    message = await reply.until(done)
    assert fault.hits == 1
    assert len(message.attachments) == 1
    assert len(stage.channel.messages) == 1


async def test_a_form_from_before_a_restart_says_so(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    next(iter(stage.bot.open_forms.values())).stop()  # as a restart does: nobody holds it any more
    click = await (await stage.ada.click(form, label="Generate")).answered()
    assert click.message is not None
    assert "closed" in click.message.text
    assert stage.comfyui.accepted == []


async def test_the_graph_that_is_sent_holds_what_the_user_chose_and_nothing_else(stage: Stage) -> None:
    before = stage.bot.engine.workflows.get("flux_lora").graph()
    await (await stage.generate(prompt="a fox", workflow="flux_lora", steps=9, seed=1)).until(done)
    after = graph_of(stage)
    assert set(after) == set(before)
    changed = {
        (node_id, name)
        for node_id, node in after.items()
        for name, value in node["inputs"].items()
        if value != before[node_id]["inputs"][name]
    }
    sampler = next(node_id for node_id, node in after.items() if node["class_type"] == "KSampler")
    prompt = next(node_id for node_id, node in after.items() if node["class_type"] == "CLIPTextEncode")
    assert changed == {(sampler, "steps"), (sampler, "seed"), (prompt, "text")}
    assert inputs(after, "KSampler")["cfg"] == inputs(before, "KSampler")["cfg"]


async def test_edits_that_are_used_up_delay_the_result_and_no_more(stage: Stage) -> None:
    stage.discord.ratelimits.interactions = Rate(2, 1.5)
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await reply.until(lambda m: "Sampler" in m.text)
    gate.release()
    await reply.until(done)
