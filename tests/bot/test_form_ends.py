"""Forms that were used, ran out, were deleted or belong to a bot that was restarted: answered, never acted on twice."""

from __future__ import annotations

import asyncio

import pytest

from bot.ui.base import BaseView
from core.jobs.models import Form
from playground.comfyui import ComfyUIServer
from playground.discord import Interaction, Permission
from tests.bot.conftest import Logged, Stage, done, failed, settled

pytestmark = pytest.mark.integration

short = pytest.mark.parametrize("settings", [{"generation": {"setup_timeout": 0.05}}], indirect=True)


def views(stage: Stage) -> list[BaseView]:
    return [form for form in stage.bot.open_forms.values() if isinstance(form, BaseView)]


def forget_everything(stage: Stage) -> None:
    """As a restart does: nobody holds what is open."""
    for form in list(stage.bot.open_forms.values()):
        form.stop()
    stage.bot.open_forms.clear()


async def refused(click: Interaction) -> str:
    """The sentence that only the one who clicked sees."""
    await click.answered()
    assert click.message is not None
    assert click.message.ephemeral
    return click.message.text


@short
async def test_it_runs_out_by_itself_and_a_click_at_that_moment_is_answered(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox")
    form = await reply.until(lambda m: bool(m.selects))
    closing = stage.discord.faults.hold("PATCH", "/webhooks/*")
    await closing.reached()
    assert "closed" in await refused(await stage.ada.click(form, label="Generate"))
    closing.release()
    closed = await reply.until(lambda m: "ran out" in m.text)
    assert all(control["disabled"] for control in (*closed.buttons, *closed.selects))
    assert stage.comfyui.accepted == []


@short
async def test_a_message_that_is_gone_when_it_runs_out_is_no_error(
    stage: Stage, logged: Logged, caplog: pytest.LogCaptureFixture
) -> None:
    reply = await stage.generate(prompt="a fox")
    form = await reply.until(lambda m: bool(m.selects))
    moderator = stage.discord.user("mod")
    moderator.permissions |= Permission.MANAGE_MESSAGES
    await moderator.delete(form)
    await stage.discord.until(lambda: stage.discord.refused)
    await settled()
    assert len(logged("form not closed")) == 1
    assert "never retrieved" not in caplog.text


@short
async def test_it_runs_out_after_its_token_too_in_the_same_message(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox")
    form = await reply.until(lambda m: bool(m.selects))
    stage.discord.clock.advance(16 * 60)
    closed = await stage.channel.until(lambda m: "ran out" in m.text)
    assert closed.id == form.id
    assert len(stage.channel.messages) == 1


async def test_a_click_gives_it_a_token_that_lives_longer(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    stage.discord.clock.advance(16 * 60)
    await (await stage.ada.select(form, "Workflow", ["HiDream I1"])).until(lambda m: "HiDream I1" in m.text)
    await settled()
    await views(stage)[0].on_timeout()
    now = stage.discord.message(form.id)
    assert now is not None
    assert "ran out" in now.text
    assert stage.discord.refused == []


async def test_running_out_after_a_refused_click_closes_the_form_and_not_the_refusal(stage: Stage) -> None:
    reply = await stage.generate(prompt="a fox", width=500)
    form = await reply.until(lambda m: bool(m.selects))
    click = await stage.ada.click(form, label="Generate")
    assert "Width" in await refused(click)
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    assert opened.modal is not None
    await views(stage)[0].on_timeout()
    now = stage.discord.message(form.id)
    assert now is not None
    assert "ran out" in now.text
    assert click.message is not None
    assert "Width" in click.message.text


async def test_many_clicks_at_once_make_one_job_and_each_is_answered_once(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    clicks = [await stage.ada.click(form, label="Generate") for _ in range(5)]
    await clicks[0].until(done)
    for click in clicks[1:]:
        assert "closed" in await refused(click)
        assert click.followups == ()
    await settled()
    assert len(stage.comfyui.accepted) == 1
    answers = stage.discord.requests_to("POST", "/interactions/*")
    assert [request.status for request in answers] == [200] * len(answers)


async def test_clicks_that_arrive_while_the_gateway_is_away_come_together_and_make_one_job(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    await stage.discord.drop_gateway()
    first, second = [await stage.ada.click(form, label="Generate") for _ in range(2)]
    await first.until(done)
    assert "closed" in await refused(second)
    assert len(stage.comfyui.accepted) == 1


async def test_generate_and_cancel_at_once_do_what_came_first(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    first = await stage.ada.click(form, label="Cancel")
    second = await stage.ada.click(form, label="Generate")
    await first.until(lambda m: "nothing was generated" in m.text)
    assert "closed" in await refused(second)
    assert stage.comfyui.accepted == []


async def test_settings_that_come_after_generate_change_nothing(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    click = await stage.ada.click(form, label="Generate")
    result = await click.until(done)
    late = await stage.ada.submit(opened, {"Steps": "9"})
    assert "closed" in await refused(late)
    assert stage.discord.message(form.id) == result


async def test_settings_that_come_after_it_ran_out_change_nothing(stage: Stage) -> None:
    form = await stage.form(prompt="a fox")
    opened = await (await stage.ada.click(form, label="Settings")).answered()
    views(stage)[0].stop()
    await views(stage)[0].on_timeout()
    assert "closed" in await refused(await stage.ada.submit(opened, {"Steps": "9"}))
    now = stage.discord.message(form.id)
    assert now is not None
    assert "ran out" in now.text


async def test_pages_from_before_a_restart_are_answered(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"style {n:02}.safetensors" for n in range(45)])
    pages = await (await stage.ada.slash(stage.channel, "loras")).until(lambda m: bool(m.buttons))
    forget_everything(stage)
    assert "closed" in await refused(await stage.ada.click(pages, label="Next"))


async def test_pages_that_run_out_keep_their_list_and_lose_their_buttons(stage: Stage, comfyui: ComfyUIServer) -> None:
    comfyui.set_models("loras", [f"style {n:02}.safetensors" for n in range(45)])
    pages = await (await stage.ada.slash(stage.channel, "loras")).until(lambda m: bool(m.buttons))
    turned = await (await stage.ada.click(pages, label="Next")).until(lambda m: "page 2 of 3" in m.text)
    await views(stage)[0].on_timeout()
    now = stage.discord.message(turned.id)
    assert now is not None
    assert "page 2 of 3" in now.text
    assert all(button["disabled"] for button in now.buttons)


async def test_a_choice_whose_words_come_after_generate_leaves_the_result(
    stage: Stage, comfyui: ComfyUIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = asyncio.Event()

    async def words(name: str) -> tuple[str, ...]:
        await told.wait()
        return ("sks",)

    comfyui.set_models("loras", ["fox.safetensors"])
    form = await stage.form(prompt="a fox")
    monkeypatch.setattr(stage.bot.engine.catalog, "lora_words", words)
    choice = await stage.ada.select(form, "LoRA", ["fox.safetensors"])
    result = await (await stage.ada.click(form, label="Generate")).until(done)
    told.set()
    await choice.answered()
    await settled()
    assert stage.discord.message(form.id) == result
    assert "fox.safetensors at 1" in result.text


async def test_what_the_store_takes_while_it_is_used_is_not_kept(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    store, told = stage.bot.engine.jobs.store, asyncio.Event()
    keep = store.keep_form

    async def keep_late(form: Form) -> None:
        await keep(form)
        await told.wait()

    monkeypatch.setattr(store, "keep_form", keep_late)
    form = await stage.form(prompt="a fox")
    await (await stage.ada.click(form, label="Generate")).until(done)
    assert await store.forms() == []
    told.set()
    await settled()


async def test_an_unforeseen_error_after_generate_takes_the_place_of_the_form(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("secret")

    form = await stage.form(prompt="a fox")
    monkeypatch.setattr(stage.bot.engine.jobs, "submit", broken)
    message = await (await stage.ada.click(form, label="Generate")).until(failed)
    assert message.id == form.id
    assert "reference" in message.text
    assert "secret" not in message.text
    assert not message.buttons
