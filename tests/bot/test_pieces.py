"""What of a result follows upon the job's message: once, in order, and known again where it stands."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import discord
import pytest

from bot.parcels import prepare
from bot.pieces import missing, pieces_of
from core.jobs.models import Delivery
from playground.discord import Message, Permission
from tests.bot.conftest import Logged, Stage, done
from tests.bot.graphs import paint, told
from tests.bot.test_outputs import result, with_graph

many = {
    "graphs": {"many": paint()},
    "workflows": {"many": {"file": "many.json", "limits": {"batch_size": {"max": 30}}}},
}


def further(stage: Stage, first: Message) -> list[Message]:
    """What follows upon a result, in order."""
    return [message for message in stage.channel.messages if message.id != first.id]


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_more_than_ten_files_come_in_several_messages_in_order(stage: Stage) -> None:
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=23)
    first = await reply.until(done)
    job = await stage.told()
    more = further(stage, first)
    assert [len(message.attachments) for message in (first, *more)] == [10, 10, 3]
    names = [a.filename for message in (first, *more) for a in message.attachments]
    assert [name.rpartition("_")[2] for name in names] == [f"{n}.png" for n in range(1, 24)]
    assert all(message.reference is not None and message.reference.id == first.id for message in more)
    assert job.messages == tuple(message.id for message in more)


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_further_message_that_is_cut_off_is_there_once(stage: Stage, after_effect: bool) -> None:
    fault = stage.discord.faults.reset("POST", "/channels/*", times=1, after_effect=after_effect)
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=12)
    first = await reply.until(done)
    await stage.told()
    assert fault.hits == 1
    assert [len(message.attachments) for message in further(stage, first)] == [2]


@pytest.mark.integration
@pytest.mark.parametrize("settings", [{**many, "server": {"attachment_size_limit": 20_000}}], indirect=True)
async def test_files_that_must_be_smaller_once_some_are_there_all_come(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.utils, "DEFAULT_FILE_SIZE_LIMIT_BYTES", 20_000)
    monkeypatch.setattr("bot.parcels.MAX_REQUEST", 200_000)  # two as they are; all of them made smaller
    stage.ada.attachment_size_limit = 500_000_000
    stage.comfyui.settings.draw = True
    hold = stage.discord.faults.hold("PATCH", "/*", files=True, times=1)
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=4, width=512, height=512)
    await hold.reached()
    late = stage.discord.faults.hold("POST", "/channels/*", times=1)
    hold.release()
    first = await reply.until(done)
    await late.reached()
    stage.discord.clock.advance(16 * 60)
    late.release()
    await stage.told()
    posted = [file.filename.rpartition("_")[2] for message in stage.channel.messages for file in message.attachments]
    assert [name[0] for name in posted] == ["1", "2", "3", "4"]
    assert stage.channel.messages[0].id == first.id


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_a_further_message_that_discord_refuses_is_said_and_takes_nothing_away(
    stage: Stage, logged: Logged
) -> None:
    stage.discord.faults.status(400, "POST", "/channels/*", times=None)
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=12)
    message = await reply.until(lambda m: "does not take all" in m.text)
    assert len(message.attachments) == 10
    job = await stage.told()
    assert job.delivery is Delivery.KEPT
    (line,) = logged("end not told")
    assert len(line["files"]) == 12


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_where_the_bot_may_not_post_the_rest_comes_by_the_interactions_token(stage: Stage) -> None:
    stage.channel.set_bot_permissions(Permission.VIEW_CHANNEL)
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=12)
    await reply.until(done)
    job = await stage.told()
    (followup,) = reply.followups
    assert len(followup.attachments) == 2
    assert (job.delivery, job.messages) == (Delivery.DONE, (followup.id,))


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_where_there_is_no_token_either_the_rest_comes_in_private(stage: Stage) -> None:
    gate = stage.comfyui.pause("progress")
    reply = await stage.generate(prompt="foxes", workflow="many", batch_size=12)
    await gate.reached()
    await reply.until(lambda m: "%" in m.text)
    stage.channel.set_bot_permissions(Permission.VIEW_CHANNEL)
    stage.discord.clock.advance(16 * 60)
    gate.release()
    first = await stage.channel.until(done)
    assert len(first.attachments) == 10
    job = await stage.told()
    (rest,) = stage.ada.dm.messages
    assert "#general in Playground" in rest.content
    assert len(rest.attachments) == 2
    assert (job.delivery, job.messages) == (Delivery.DONE, (rest.id,))


@pytest.mark.integration
@pytest.mark.parametrize("settings", [many], indirect=True)
async def test_when_the_channel_goes_before_the_rest_that_comes_in_private(stage: Stage) -> None:
    hold = stage.discord.faults.hold("POST", "/channels/*", times=1)
    await stage.generate(prompt="foxes", workflow="many", batch_size=12)
    await hold.reached()
    stage.discord.delete_channel(stage.channel)
    hold.release()
    job = await stage.told()
    (rest,) = stage.ada.dm.messages
    assert len(rest.attachments) == 2
    assert (job.delivery, job.messages) == (Delivery.DONE, (rest.id,))


@pytest.mark.integration
@with_graph(told())
async def test_a_text_follows_as_text(stage: Stage) -> None:
    first = await stage.picture(workflow="mine")
    await stage.told()
    (text,) = further(stage, first)
    assert "caption" in text.content
    assert "**caption**" not in text.content
    assert "@everyone" not in text.content
    assert not text.pings


async def test_a_long_text_is_a_file_of_the_jobs_name(tmp_path: Path) -> None:
    short, long = pieces_of("0123456789", await prepare(result(tmp_path, texts=(" short ", "ä" * 2500)), 10))
    assert (short.content, short.open()) == ("short", [])
    (file,) = long.open()
    assert long.content is None
    assert file.filename == "discomfy_01234567_text2.txt"
    assert file.fp.read().decode() == "ä" * 2500


def posted(*names: str, content: str = "") -> discord.Message:
    files = [SimpleNamespace(filename=name) for name in names]
    return SimpleNamespace(attachments=files, content=content)  # type: ignore[return-value] - what is used of it


async def test_what_stands_in_the_channel_is_not_posted_again(tmp_path: Path) -> None:
    delivery = await prepare(result(tmp_path, *[1] * 32, texts=("word", "word", "x" * 2500)), 10)
    pieces = pieces_of("0123456789", delivery)
    assert list(missing(pieces, [])) == pieces
    assert list(missing(pieces[:1], [posted(*[parcel.filename for parcel in pieces[0].parcels])])) == []
    # Under another limit, the same files may be of another kind, and be together with others.
    files = posted(*[f"discomfy_01234567_{number}.webp" for number in range(15, 26)])
    left = list(missing(pieces, [files, posted(content="word"), posted("discomfy_01234567_text6.txt")]))
    assert left[0].names == {f"discomfy_01234567_{n}" for n in range(11, 15)}
    assert [len(piece.parcels) for piece in left] == [4, 5, 2, 0]
    assert left[-1].content == "word"
