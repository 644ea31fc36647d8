"""Several people, several languages: a message of a job speaks its owner's, an answer that of whoever asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.ui import embeds
from bot.ui.embeds import Summary
from bot.ui.view import SetupView
from playground.discord import Message, Permission
from tests.bot.conftest import Stage, done, failed, settled
from tests.bot.test_retry import lost
from utils.language import speaking

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("pseudo")]
_LOST = "The job was lost when ComfyUI was restarted; submit it again."
no_retries = pytest.mark.parametrize("settings", [{"comfyui": {"retries": 0}}], indirect=True)


def embedded(message: Message) -> bool:
    return bool(message.embeds)


async def history_of_ada(stage: Stage, name: str) -> str:
    user = stage.discord.user(name)
    return (await (await user.slash(stage.channel, "history", user=stage.ada)).until(embedded)).text


async def restarted(stage: Stage) -> None:
    await stage.stop()
    await stage.start()


@no_retries
async def test_an_error_of_the_background_is_told_to_its_owner_and_read_by_others_in_their_languages(
    stage: Stage,
) -> None:
    stage.ada.speak("de")
    message = await lost(stage)
    assert f"⟦{_LOST}⟧" in message.text
    assert [button["label"] for button in message.buttons] == ["⟦Retry⟧"]
    for _ in range(2):
        german, english = await history_of_ada(stage, "ada"), await history_of_ada(stage, "bob")
        assert f"⟦Lost⟧⟦: ⟧⟦{_LOST}⟧" in german
        assert f"Lost: {_LOST}" in english
        assert "⟦" not in english
        await restarted(stage)


async def test_a_job_goes_on_in_its_owners_language_after_a_restart(stage: Stage) -> None:
    stage.ada.speak("de")
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await restarted(stage)
    states = len(reply.edits)
    gate.release()
    await reply.until(done)
    await stage.told()
    for state in reply.edits[states:]:
        assert "⟦Steps⟧" in state.text
    assert all(button["label"].startswith("⟦") for button in reply.edits[-1].buttons)


@no_retries
async def test_an_end_that_is_told_after_a_restart_is_in_its_owners_language(stage: Stage) -> None:
    stage.ada.speak("de")
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await stage.stop()
    await stage.comfyui.kill()
    await stage.comfyui.revive()
    await stage.start()
    message = await reply.until(failed)
    assert f"⟦{_LOST}⟧" in message.text


async def test_what_comes_as_a_direct_message_is_in_its_owners_language(stage: Stage) -> None:
    stage.ada.speak("de")
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    moderator = stage.discord.user("mona")
    moderator.permissions |= Permission.MANAGE_MESSAGES
    assert reply.message is not None
    await moderator.delete(reply.message)
    gate.release()
    await stage.told()
    (message,) = stage.ada.sees(stage.ada.dm)
    assert "⟦Asked for in ⟧" in message.text


async def test_a_result_stays_in_its_owners_language_whoever_looks_through_its_pictures(stage: Stage) -> None:
    stage.ada.speak("de")
    result = await stage.picture(batch_size=2)
    click = await stage.discord.user("bob").select(result, result.selects[0]["custom_id"], ["1"])
    shown = await click.until(lambda message: message.selects[0]["options"][1].get("default") is True)
    assert all(button["label"].startswith("⟦") for button in shown.buttons)


async def test_what_is_shown_once_more_is_in_the_language_of_whoever_asked(stage: Stage) -> None:
    stage.ada.speak("de")
    await stage.picture()
    job = await stage.told()
    bob = stage.discord.user("bob")
    shown = await (await bob.slash(stage.channel, "show", job=job.id)).until(done)
    assert "⟦" not in shown.text
    assert "Reroll" in [button["label"] for button in shown.buttons]
    child = await (await bob.click(shown, label="Reroll")).until(done)
    assert "⟦" not in child.text
    looked = await (await stage.ada.click(child, label="Info")).until(embedded)
    assert "⟦Reroll⟧" in looked.text


async def test_a_form_speaks_the_language_of_its_author_after_a_restart(stage: Stage) -> None:
    stage.ada.speak("de")
    await stage.form(prompt="a fox")
    await settled()
    await restarted(stage)
    (view,) = [form for form in list(stage.bot.open_forms.values()) if isinstance(form, SetupView)]
    await view.on_timeout()
    shown = stage.ada.sees(stage.channel)[-1]
    assert "⟦This form ran out" in shown.text
    assert all(button["label"].startswith("⟦") for button in shown.buttons)


async def test_a_form_that_ran_out_meanwhile_says_so_in_the_language_of_its_author(stage: Stage) -> None:
    stage.ada.speak("de")
    await stage.form(prompt="a fox")
    await settled()
    store = stage.bot.engine.jobs.store
    (known,) = await store.forms()
    await store.keep_form(replace(known, expires=datetime.now(UTC) - timedelta(seconds=1)))
    await restarted(stage)
    shown = await stage.channel.until(lambda message: "ran out" in message.text)
    assert "⟦This form ran out" in shown.text
    assert all(button["label"].startswith("⟦") for button in shown.buttons)


def test_what_was_kept_before_there_were_languages_reads_as_far_as_it_is_known() -> None:
    before = Summary("Reroll", "a fox", {"Workflow": "Flux", "Seed": "7"})
    with speaking("de"):
        embed = embeds.result(before, 5.0)
    assert (embed.description or "").splitlines()[1] == "-# ⟦Workflow⟧ Flux · ⟦Seed⟧ 7 · 5⟦ s⟧"
    assert embed.title == "Reroll"


def test_an_end_that_is_told_elsewhere_is_known_again_in_every_language() -> None:
    embed = embeds.notice("a fox")
    with speaking("de"):
        embeds.add_origin(embed, "#general", "1-2")
    assert embeds.is_from(embed, "1-2")
    assert not embeds.is_from(embed, "2-1")


@pytest.mark.parametrize("locale", ["en-US", "en-GB", "pl", "xx-YY"])
async def test_whoever_reads_another_language_reads_english(stage: Stage, locale: str) -> None:
    stage.ada.locale = locale
    message = await stage.picture()
    assert "Steps" in message.text
    assert "⟦" not in message.text
    job = await stage.told()
    assert job.origin is not None
    assert job.origin.locale == locale
