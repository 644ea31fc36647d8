from __future__ import annotations

import json

import pytest

from playground.comfyui import ComfyUIServer
from playground.comfyui.control import Control


@pytest.fixture
def told(server: ComfyUIServer):
    """Say a line to a control; its answer."""
    control = Control(server)

    async def say(line: object) -> dict[str, object]:
        return json.loads(await control.answer(line if isinstance(line, bytes) else json.dumps(line).encode()))

    return say


async def test_an_empty_line_tells_all_switches(told):
    assert await told({}) == {"step_seconds": 0.0, "previews": False, "online": True, "failing": False}


async def test_an_answer_says_which_line_it_answers(told):
    assert (await told({"id": 7, "previews": True})).items() >= {"id": 7, "previews": True}.items()
    assert (await told({"id": 8, "warp": 1})).keys() == {"id", "error"}


async def test_speed_and_previews_change_while_it_runs(told, server):
    assert (await told({"step_seconds": 2, "previews": True}))["step_seconds"] == 2.0
    assert (server.settings.step_seconds, server.settings.previews) == (2.0, True)


async def test_it_goes_and_comes_back_on_its_port(told, server, client):
    url = server.url
    assert (await told({"online": False}))["online"] is False
    with pytest.raises(OSError, match="Cannot connect"):
        await client.get("/queue")
    assert (await told({"online": True, "previews": True}))["online"] is True
    assert (server.url, await client.get("/queue")) == (url, {"queue_running": [], "queue_pending": []})


async def test_failing_runs_out_of_memory_until_it_is_switched_off(told, client, txt2img):
    await told({"failing": True})
    entry = await client.run(txt2img(steps=9))
    kind, data = entry["status"]["messages"][-1]
    assert (kind, data["node_type"], data["exception_message"]) == (
        "execution_error",
        "KSampler",
        "CUDA out of memory.\n",
    )
    await told({"failing": False})
    assert (await client.run(txt2img(steps=9)))["status"]["completed"]


@pytest.mark.parametrize(
    "line",
    [b"not json", b"[]", b'{"warp": 1}', b'{"step_seconds": -1}', b'{"step_seconds": true}', b'{"previews": 1}'],
    ids=str,
)
async def test_what_makes_no_sense_is_answered_with_a_sentence_and_changes_nothing(told, line):
    before = await told({})
    assert (await told(line)).keys() == {"error"}
    assert await told({}) == before
