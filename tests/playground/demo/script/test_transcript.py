"""What is written down of a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from playground.demo.script.transcript import Transcript, steady, told
from playground.discord import DiscordServer, MessageFlag, Upload


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("done <t:1700000000:R>, begun <t:1700000000>", "done (a time), begun (a time)"),
        ("took 4.2 s, or 1 min 5 s", "took (a while), or (a while)"),
        ("Job 951bbe70-1fd0-4b67-9518-f05377d58a01", "Job (an id)"),
        ("From [`951bbe70`](https://discord.com/channels/1/2/3)", "From [(an id)]((a link))"),
        ("<@123456789012345678>", "<@(an id)>"),
        ("1024 × 1024, seed 3726946207, 20 steps, 8 GB", "1024 × 1024, seed 3726946207, 20 steps, 8 GB"),
    ],
)
def test_what_differs_between_two_runs_is_not_written(text: str, kept: str) -> None:
    assert steady(text) == kept


def test_values_are_told_on_one_line() -> None:
    assert told([{"picture": "fox"}, "two\nlines", 3]) == "[picture fox], two / lines, 3"


async def test_who_does_what_where_and_sees_what(tmp_path: Path) -> None:
    async with DiscordServer() as server:
        ada, ben, general = server.user("ada"), server.user("ben"), server.channel("general")
        transcript = Transcript("A title")
        transcript.action(ada, general, "says “hello”")
        transcript.seen(await ada.say(general, "hello\nthere", Upload("notes.txt", b"x")))
        transcript.action(ada, general, "waits")
        transcript.action(ben, ben.dm, "says nothing")
        transcript.note("![a picture](one.webp)")
        transcript.save(tmp_path / "t.md")
    assert (tmp_path / "t.md").read_text("utf-8").splitlines() == [
        "# A title",
        "",
        "## Ada in #general",
        "",
        "- says “hello”",
        "",
        "  ~~~~text",
        "  Ada:",
        "  hello",
        "  there",
        "  file: txt",
        "  ~~~~",
        "",
        "- waits",
        "",
        "## Ben in the direct messages with the bot",
        "",
        "- says nothing",
        "",
        "![a picture](one.webp)",
    ]


async def test_a_message_is_written_as_it_looks(tmp_path: Path) -> None:
    from dataclasses import replace

    async with DiscordServer() as server:
        said = await server.user("ada").say(server.channel("general"), "-")
        buttons = [{"type": 2, "label": "Upscale"}, {"type": 2, "label": "Info", "disabled": True}]
        row = {"type": 1, "components": buttons}
        options = [{"label": "Picture 1"}, {"label": "Picture 2", "default": True}]
        lists = [{"type": 3, "placeholder": "Workflow", "options": []}, {"type": 3, "options": options}]
        select = {"type": 1, "components": lists}
        embed = {
            "title": "Flux",
            "description": "a fox",
            "fields": [{"name": "Time", "value": "3 s"}],
            "footer": {"text": "Choose"},
        }
        state = replace(
            said,
            author=server.world.bot,
            content="",
            embeds=(embed,),
            components=(select, row),
            flags=MessageFlag.LOADING,
        )
        transcript = Transcript("x")
        transcript.seen(state)
        transcript.save(tmp_path / "t.md")
    assert (tmp_path / "t.md").read_text("utf-8").splitlines()[2:] == [
        "  ~~~~text",
        "  disbot:",
        "  is thinking…",
        "  Flux",
        "  a fox",
        "  Time: (a while)",
        "  Choose",
        "  choose: Workflow",
        "  choose: Picture 2",
        "  buttons: Upscale · (Info)",
        "  ~~~~",
    ]
