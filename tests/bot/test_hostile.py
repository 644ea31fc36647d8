"""What users, or programs that pretend to be users, send on purpose."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from pathlib import Path

import pytest

from playground.discord import Message, Upload
from tests.bot.conftest import Stage, done, failed, graph_of, inputs, settled
from tests.bot.graphs import edit, upscale

pytestmark = [
    pytest.mark.integration,
    pytest.mark.parametrize(
        "settings", [{"graphs": {"flux_kontext_edit": edit(), "upscale": upscale()}}], indirect=True
    ),
]

JOB = "0e984725-c51c-4bf4-9960-e1c80e27aba2"
FOREIGN = "This does nothing any more; type the command anew."
GONE = "That picture is no longer kept here; send it with a slash command instead."
UNKNOWN = "That job is no longer known; type the command again."
RTL, ZERO = "\u202e", "\u200b"


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


# Names of files


@pytest.mark.parametrize(
    "name",
    [
        "../../x.png",
        "..\\..\\x.png",
        "/etc/passwd.png",
        "C:\\windows\\x.png",
        "nul\0byte.png",
        "line\nbreak.png",
        "x" * 300 + ".png",
        f"{RTL}gpj.exe.png",
        f"{ZERO}.png",
        "**bold** @everyone <@1>.png",
        "'; drop table jobs; --.png",
        "%2e%2e%2fx.png",
        "con.png",
    ],
)
async def test_what_a_user_calls_a_file_is_seen_nowhere(
    stage: Stage, png: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("playground.discord.cdn.clean_name", lambda name: name)  # Discord would not let them through
    monkeypatch.setattr("playground.discord.cdn.quote", lambda name: "x")
    before = names_in(tmp_path)
    reply = await stage.ada.slash(stage.channel, "editflux", image=Upload(name, png), prompt="blue")
    message = await reply.until(done)
    sent = inputs(graph_of(stage), "LoadImage")["image"]
    assert re.fullmatch(r"discomfy_[0-9a-f]{32}\.png", sent)
    assert names_in(stage.comfyui.input_dir) == {sent}
    (made,) = names_in(tmp_path) - before - {"jobs.db", "node_definitions.json"} - names_in(tmp_path / "data")
    assert re.fullmatch(r"[0-9a-f-]{36}_1\.png", made)
    assert name not in message.text
    assert message.attachments[0].filename.startswith("discomfy_")
    assert not message.pings


# Prompts


@pytest.mark.parametrize(
    "prompt",
    [
        "@everyone @here <@123456789012345678> <@&123456789012345678>",
        "**bold** __under__ ~~gone~~ ||hidden|| `code` ```block```",
        "# title\n> quote\n- list\n-# small",
        "[a link](https://example.org) <https://example.org>",
        f"{RTL}backwards{ZERO}{ZERO}",
        ZERO * 3,
        "a\0b\x1b[31mred\x07",
        "'; drop table jobs; -- {{7*7}} ${x} %s %n",
        "https://discord.com/api/webhooks/1/x",
        "😀" * 200,
        "`" * 500,
        "*" * 500,
        "\n" * 200 + "x",
    ],
)
async def test_a_prompt_reaches_comfyui_as_it_is_and_does_nothing_on_the_way(stage: Stage, prompt: str) -> None:
    message = await stage.picture(prompt=prompt)
    assert inputs(graph_of(stage), "CLIPTextEncode")["text"] == prompt.encode(errors="replace").decode().strip()
    assert not message.pings
    shown = message.text
    for markup in (
        "**bold**",
        "||hidden||",
        "```",
        "\n# title",
        "\n> quote",
        " [a link](https",
        "<@12",
        "<@&12",
        "@everyone",
    ):
        assert markup not in shown


# Custom ids


def tampered(message: Message, custom_id: str, label: str = "Upscale") -> Message:
    """The message, with another id under one of its buttons."""
    message.component(label)["custom_id"] = custom_id
    return message


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno > logging.INFO and not record.name.startswith("discord.client")
    ]


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        (f"discomfy:1:upscale:{JOB}:0", UNKNOWN),
        (f"discomfy:1:upscale:{JOB}:999", UNKNOWN),
        (f"discomfy:1:editflux:{JOB}:0", UNKNOWN),
        (f"discomfy:1:upscale:{'-' * 36}:0", UNKNOWN),
        (f"discomfy:1:upscale:{JOB}:{'9' * 40}", FOREIGN),
        (f"discomfy:1:upscale:{JOB}:-1", FOREIGN),
        (f"discomfy:1:upscale:{JOB}:٣", FOREIGN),
        (f"discomfy:1:upscale:{JOB.upper()}:0", FOREIGN),
        (f"discomfy:1:upscale:{JOB}", FOREIGN),
        (f"discomfy:1:upscale:{JOB}:0\n", FOREIGN),
        (f"discomfy:2:upscale:{JOB}:0", FOREIGN),
        (f"discomfy:1:format:{JOB}:0", FOREIGN),
        ("discomfy:1:upscale:' or 1=1; drop table jobs; --:0", FOREIGN),
        ("../../../../etc/passwd", FOREIGN),
        (f"form:{'0' * 32}:generate", "This form is closed; type the command for a new one."),
        (f"form:{'g' * 32}:generate", FOREIGN),
        ("form:", FOREIGN),
        ("x" * 100, FOREIGN),
        ("{{7*7}}%s%n\0", FOREIGN),
        ("\ud7ff😀" * 20, FOREIGN),
    ],
)
async def test_an_id_that_was_made_up_is_a_sentence(
    stage: Stage, caplog: pytest.LogCaptureFixture, custom_id: str, sentence: str
) -> None:
    message = tampered(await stage.picture(), custom_id)
    caplog.clear()
    click = await stage.ada.click(message, custom_id=custom_id)
    answer = await click.until(lambda shown: bool(shown.embed))
    assert sentence in answer.text
    assert answer.ephemeral
    await settled()
    assert loud(caplog) == []
    assert len(stage.comfyui.accepted) == 1


async def test_an_index_beyond_the_pictures_is_a_sentence(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    message = await stage.picture()
    genuine = message.component("Upscale")["custom_id"]
    for index in ("1", "999"):
        message = tampered(message, f"{genuine.rpartition(':')[0]}:{index}")
        answer = await (await stage.ada.click(message, label="Upscale")).until(lambda shown: bool(shown.embed))
        assert GONE in answer.text
    assert loud(caplog) == []


async def test_a_job_that_kept_nothing_has_no_picture(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    message = await stage.picture()
    stage.comfyui.faults.fail_node("KSampler", "no")
    await (await stage.generate(prompt="a fox", workflow="flux_lora")).until(failed)
    caplog.clear()
    message = tampered(message, f"discomfy:1:upscale:{stage.comfyui.accepted[1]}:0")
    answer = await (await stage.ada.click(message, label="Upscale")).until(lambda shown: bool(shown.embed))
    assert GONE in answer.text
    assert loud(caplog) == []


STRAY = "open it again"


@pytest.mark.parametrize(
    ("custom_id", "sentence"),
    [
        ("form:nonsense", STRAY),
        ("x" * 100, STRAY),
        (f"discomfy:1:upscale:{JOB}:0", STRAY),
        ("\0", STRAY),
        (f"discomfy:1:form:editflux:{JOB}:0:1", UNKNOWN),
        (f"discomfy:1:form:upscale:{'-' * 36}:999:1", UNKNOWN),
        (f"discomfy:1:form:reword:{JOB}:0:1", UNKNOWN),
        (f"discomfy:1:form:format:{JOB}:0:1", STRAY),
        (f"discomfy:1:form:editflux:{JOB}:0:{'9' * 21}", STRAY),
        (f"discomfy:2:form:editflux:{JOB}:0:1", STRAY),
        (f"discomfy:1:settings:{'0' * 32}", "is closed"),
        (f"discomfy:1:files:{'0' * 32}", "is closed"),
    ],
)
async def test_a_form_that_was_made_up_is_a_sentence(
    stage: Stage, caplog: pytest.LogCaptureFixture, custom_id: str, sentence: str
) -> None:
    opened = await stage.ada.click(await stage.picture(), label="Flux edit")
    await opened.answered()
    assert opened.modal is not None
    opened.modal = replace(opened.modal, custom_id=custom_id)
    sent = await stage.ada.submit(opened, {"Prompt": "blue"})
    answer = await sent.until(lambda shown: bool(shown.embed))
    assert sentence in answer.text
    await settled()
    assert loud(caplog) == []
