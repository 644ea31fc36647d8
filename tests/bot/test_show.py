"""/show: results once more, for those who may see them, as long as they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.roster import link
from core.jobs.models import Delivery, Job
from core.jobs.store import StoreError
from playground.discord import Channel, Message, User
from tests.bot.conftest import Logged, Stage, done, failed, settled, untold
from tests.bot.graphs import ACTIONS, told

pytestmark = pytest.mark.integration

UNKNOWN = "There is no such job; choose one from the list."


async def show(user: User, channel: Channel, job: str) -> Message:
    return await (await user.slash(channel, "show", job=job)).until(lambda m: bool(m.embed))


def remove_files(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("settings", [{"graphs": ACTIONS}], indirect=True)
async def test_a_result_comes_again_with_its_files_and_buttons(stage: Stage) -> None:
    result = await stage.picture()
    job = await stage.told()
    shown = await show(stage.ada, stage.ada.dm, job.id[:8])
    assert shown.embeds == result.embeds
    assert [file.data for file in shown.attachments] == [file.data for file in result.attachments]
    assert [button["label"] for button in shown.buttons] == [button["label"] for button in result.buttons]
    await (await stage.ada.click(shown, label="Upscale")).until(done)
    again = await stage.told(0)
    assert again.origin == job.origin
    assert len(stage.comfyui.accepted) == 2


@pytest.mark.parametrize("settings", [{"only_graphs": True, "graphs": {"told": told()}}], indirect=True)
async def test_what_follows_upon_a_result_follows_again(stage: Stage) -> None:
    await (await stage.generate(prompt="a fox", workflow="told")).until(done)
    job = await stage.told()
    reply = await stage.ada.slash(stage.channel, "show", job=job.id)
    await reply.until(done)
    await stage.discord.until(lambda: len(reply.followups) == 1)
    assert "caption" in reply.followups[0].content


async def test_what_could_not_be_told_is_told_by_it(stage: Stage) -> None:
    job = await untold(stage)
    others = await show(stage.discord.user("bob"), stage.channel, job.id)
    assert done(others)
    await settled()
    assert (await stage.job()).delivery is Delivery.KEPT
    shown = await show(stage.ada, stage.channel, job.id)
    assert done(shown)
    await settled()
    job = await stage.job()
    assert job.delivery is Delivery.DONE
    assert job.origin is not None
    assert (job.origin.message_id, job.origin.token) == (shown.id, None)


async def test_what_was_shown_in_private_is_told_and_nobody_is_sent_there(stage: Stage) -> None:
    job = await untold(stage)
    shown = await (await stage.ada.slash(stage.channel, "show", job=job.id, private=True)).until(done)
    assert shown.ephemeral
    await settled()
    job = await stage.job()
    assert job.delivery is Delivery.DONE
    assert link(job) is None
    assert job.origin is not None
    assert not job.origin.private


async def test_files_that_are_gone_are_a_sentence(stage: Stage) -> None:
    await stage.picture()
    remove_files(stage.outputs)
    shown = await show(stage.ada, stage.channel, (await stage.told()).id)
    assert "The files of that job are no longer kept; generate it again." in shown.text


@pytest.mark.parametrize("settings", [{"comfyui": {"retries": 0}}], indirect=True)
async def test_a_job_that_was_lost_says_so_and_can_be_retried(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    await stage.comfyui.kill()
    gate.release()
    await stage.comfyui.revive()
    lost = await reply.until(failed)
    shown = await show(stage.ada, stage.channel, (await stage.told()).id)
    assert shown.embeds == lost.embeds
    result = await (await stage.ada.click(shown, label="Retry")).until(done)
    assert result.id == shown.id


async def test_a_job_under_way_is_looked_for_elsewhere(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="a fox", workflow="flux_lora")
    await gate.reached()
    assert "still under way" in (await show(stage.ada, stage.channel, stage.comfyui.accepted[0])).text
    gate.release()
    await reply.until(done)


async def test_an_end_that_is_on_its_way_is_not_told_twice(stage: Stage) -> None:
    await stage.picture()
    job = await stage.bot.engine.jobs.get((await stage.told()).id)
    assert job is not None
    job.delivery = Delivery.OWED
    assert "on its way to its message" in (await show(stage.ada, stage.channel, job.id)).text


async def test_jobs_of_others_where_one_can_read(stage: Stage) -> None:
    bob, hidden = stage.discord.user("bob"), stage.discord.channel("hidden")
    ids = []
    for place in (stage.channel, hidden, bob.dm):
        await (await bob.slash(place, "generate", prompt="a fox", workflow="flux_lora", steps=1)).until(done)
        ids.append((await stage.told()).id)
    hidden.close_to(stage.ada)
    here = stage.discord.channel("other")
    assert done(await show(stage.ada, here, ids[0]))
    for job_id in (*ids[1:], "00000000", "fox"):
        assert UNKNOWN in (await show(stage.ada, here, job_id)).text
    assert UNKNOWN in (await show(stage.ada, stage.ada.dm, ids[0])).text


async def test_own_jobs_are_offered(stage: Stage) -> None:
    await stage.picture(prompt="a red fox", steps=1)
    await stage.picture(prompt="an owl", steps=1)
    bob = stage.discord.user("bob")
    await (await bob.slash(stage.channel, "generate", prompt="bob's fox", workflow="flux_lora", steps=1)).until(done)
    everything = await stage.ada.autocomplete(stage.channel, "show", focused="job", value="")
    assert [choice["value"] for choice in everything] == stage.comfyui.accepted[1::-1]
    (fox,) = await stage.ada.autocomplete(stage.channel, "show", focused="job", value="fox")
    stage.ada.speak("ja")
    (told,) = await stage.ada.autocomplete(stage.channel, "show", focused="job", value="fox")
    assert fox["name"].replace(": ", "：", 1) == told["name"] != fox["name"]
    assert fox == {"name": f"{fox['value'][:8]} Flux.1 dev: a red fox", "value": stage.comfyui.accepted[0]}


async def test_nothing_is_offered_when_the_store_does_not_answer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, logged: Logged, caplog: pytest.LogCaptureFixture
) -> None:
    async def find(**asked: object) -> list[Job]:
        raise StoreError("It does not work.", detail="disk gone")

    with monkeypatch.context() as patched:
        patched.setattr(stage.bot.engine.jobs.store, "find", find)
        assert await stage.ada.autocomplete(stage.channel, "show", focused="job", value="") == []
    assert logged("jobs unknown") == [{"detail": "disk gone"}]
    assert "Ignoring exception" not in caplog.text
