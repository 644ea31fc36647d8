from __future__ import annotations

import json
import struct

import pytest

from playground.comfyui import ComfyUIServer

RECORDED_ORDER = [
    "status 1",
    "status 1",
    "execution_start",
    "execution_cached",
    "progress_state 1:running:0/1",
    "executing 1",
    "progress_state 1:finished:1/1",
    "progress_state 1:finished:1/1 4:running:0/1",
    "executing 4",
    "progress_state 1:finished:1/1 4:finished:1/1",
    "progress_state 1:finished:1/1 4:finished:1/1 3:running:0/1",
    "executing 3",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:running:0/1",
    "executing 2",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:running:0/1",
    "executing 5",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:running:1/2",
    "progress 5:1/2",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:running:2/2",
    "progress 5:2/2",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:finished:2/2",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:finished:2/2 6:running:0/1",
    "executing 6",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:finished:2/2 6:finished:1/1",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:finished:2/2 6:finished:1/1 "
    "7:running:0/1",
    "executing 7",
    "executed 7 images:1",
    "progress_state 1:finished:1/1 4:finished:1/1 3:finished:1/1 2:finished:1/1 5:finished:2/2 6:finished:1/1 "
    "7:finished:1/1",
    "execution_success",
    "status 0",
    "executing None",
]


async def test_a_run_sends_the_recorded_events_in_the_recorded_order(client, txt2img):
    ear = await client.listen()
    await client.submit(txt2img())
    assert await ear.until_end() == RECORDED_ORDER


async def test_only_the_first_status_has_a_sid(client, small):
    ear = await client.listen("me")
    await client.submit(small())
    await ear.until_end()
    sids = [frame["data"].get("sid") for frame in ear.frames if frame["type"] == "status"]
    assert sids == ["me", None, None, None]


async def test_events_carry_the_ids_of_the_recordings(client, small):
    ear = await client.listen()
    prompt_id = await client.submit(small())
    await ear.until_end()
    assert ear.data("progress_state")["nodes"]["2"] == {
        "value": 1.0,
        "max": 1.0,
        "state": "finished",
        "node_id": "2",
        "prompt_id": prompt_id,
        "display_node_id": "2",
        "parent_node_id": None,
        "real_node_id": "2",
    }
    entry = {"filename": "small_00001_.png", "subfolder": "", "type": "output"}
    assert ear.data("executed") == {
        "node": "2",
        "display_node": "2",
        "output": {"images": [entry]},
        "prompt_id": prompt_id,
    }
    assert ear.data("execution_cached").keys() == {"nodes", "prompt_id", "timestamp"}
    assert ear.data("executing") == {"node": None, "prompt_id": prompt_id}


async def test_unchanged_prompt_is_cached_and_repeats_its_old_file(client, txt2img):
    ear = await client.listen()
    await client.submit(txt2img())
    await ear.until_end()
    await client.submit(txt2img())
    assert await ear.until_end() == [
        "status 1",
        "status 1",
        "execution_start",
        "execution_cached 1 2 3 4 5 6 7",
        "executed 7 images:1",
        "progress_state 7:finished:1/1",
        "execution_success",
        "status 0",
        "executing None",
    ]
    assert ear.data("executed")["output"]["images"][0]["filename"] == "pic_00001_.png"


@pytest.mark.parametrize(
    ("change", "cached"),
    [
        ({"seed": 2}, "1 2 3 4"),
        ({"text": "a dog"}, "1 3 4"),
        ({"batch": 2}, "1 2 3"),
        ({"prefix": "other"}, "1 2 3 4 5 6"),
        ({"an_input_that_no_sampler_has": 1}, "1 2 3 4"),
    ],
)
async def test_only_what_a_change_touches_runs_again(client, txt2img, change, cached):
    ear = await client.listen()
    await client.submit(txt2img())
    await ear.until_end()
    await client.submit(txt2img(**change))
    assert f"execution_cached {cached}" in await ear.until_end()


async def test_titles_and_ids_do_not_matter_to_the_cache_but_the_prompt_in_between_does(client, small):
    ear = await client.listen()
    await client.submit(small())
    await ear.until_end()
    renamed = {"9": small()["1"] | {"_meta": {"title": "x"}}, "2": small()["2"]}
    renamed["2"]["inputs"]["images"] = ["9", 0]
    await client.submit(renamed)
    assert "execution_cached 9 2" in await ear.until_end()
    await client.submit(small(color=5))
    await ear.until_end()
    await client.submit(small())
    assert "execution_cached" in await ear.until_end()


async def test_a_loaded_file_that_changes_is_loaded_again(client, small, server):
    from PIL import Image

    graph = small()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": "in.png"}}
    Image.new("L", (2, 2)).save(server.input_dir / "in.png")
    ear = await client.listen()
    await client.submit(graph)
    await ear.until_end()
    Image.new("L", (300, 300)).save(server.input_dir / "in.png")
    await client.submit(graph)
    assert "executing 1" in await ear.until_end()


async def test_another_client_hears_status_alone(client, small, server):
    other, mine = await client.listen("other"), await client.listen("mine")
    await client.submit(small(), "mine")
    await mine.until_end()
    await client.submit(small(color=1), "other")
    heard = await other.until("execution_start")
    assert heard[:-1] == ["status 1", "status 1", "status 0", "status 1", "status 1"]


async def test_a_prompt_without_client_id_broadcasts_its_progress_and_nothing_else(client, txt2img, server):
    server.settings.previews = True
    first, second = await client.listen("first"), await client.listen("second")
    await client.submit(txt2img(steps=1), None)
    for ear in (first, second):
        heard = await ear.until("status 0")
        assert {line.split()[0] for line in heard} == {"status", "progress_state", "progress", "binary"}


async def test_previews_come_after_progress_as_type_1(client, txt2img, server):
    server.settings.previews = True
    ear = await client.listen()
    await client.submit(txt2img(steps=2))
    heard = await ear.until_end()
    steps = [line.split(":")[0] for line in heard if line.startswith(("progress 5", "binary"))]
    assert steps == ["progress 5", "binary 1", "progress 5", "binary 1"]
    frame = next(frame for frame in ear.frames if isinstance(frame, bytes))
    assert struct.unpack(">II", frame[:8]) == (1, 1)
    assert frame[8:10] == b"\xff\xd8"


async def test_after_the_handshake_previews_come_before_progress_as_type_4(client, txt2img, server):
    server.settings.previews = True
    ear = await client.listen(flags=True)
    assert ear.data("feature_flags") == {"supports_preview_metadata": True, "max_upload_size": 104857600}
    prompt_id = await client.submit(txt2img(steps=1))
    heard = await ear.until_end()
    assert heard.index("binary 4") == heard.index("progress 5:1/1") - 1
    frame = next(frame for frame in ear.frames if isinstance(frame, bytes))
    length = struct.unpack(">I", frame[4:8])[0]
    assert json.loads(frame[8 : 8 + length]) == {
        "node_id": "5",
        "prompt_id": prompt_id,
        "display_node_id": "5",
        "parent_node_id": None,
        "real_node_id": "5",
        "image_type": "image/jpeg",
    }
    assert frame[8 + length :][:2] == b"\xff\xd8"


async def test_the_handshake_counts_only_as_the_first_message(client, txt2img, server):
    server.settings.previews = True
    ear = await client.listen()
    await ear.socket.send_str("not json")
    await ear.socket.send_json({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
    await client.submit(txt2img(steps=1))
    assert "binary 1" in await ear.until_end()


async def test_newer_servers_send_previews_to_those_who_ask(client_of, txt2img):
    async with ComfyUIServer(draw=False, newer=True) as server:
        client = client_of(server)
        ear = await client.listen()
        await client.submit(txt2img(steps=1), extra_data={"preview_method": "latent2rgb"})
        assert "binary 1" in await ear.until_end()
        await client.submit(txt2img(steps=1, seed=2))
        assert "binary 1" not in await ear.until_end()


async def test_save_image_websocket_sends_pictures_and_is_never_cached(client, small):
    graph = small(output="SaveImageWebsocket", batch_size=2)
    ear = await client.listen(flags=True)
    await client.submit(graph)
    await ear.until_end()
    await client.submit(graph)
    assert await ear.until_end() == [
        "status 1",
        "status 1",
        "execution_start",
        "execution_cached 1",
        "progress_state 2:running:0/1",
        "executing 2",
        "progress_state 2:running:0/2",
        "binary 4",
        "progress 2:0/2",
        "progress_state 2:running:1/2",
        "binary 4",
        "progress 2:1/2",
        "progress_state 2:finished:2/2",
        "execution_success",
        "status 0",
        "executing None",
    ]
    picture = [frame for frame in ear.frames if isinstance(frame, bytes)][-1]
    assert picture.endswith(b"IEND\xaeB\x60\x82")


async def test_two_stage_samplers_report_their_own_part_of_the_steps(client, txt2img):
    graph = txt2img()
    shared = graph["5"]["inputs"] | {"noise_seed": 1, "steps": 6, "return_with_leftover_noise": "enable"}
    shared = {name: value for name, value in shared.items() if name not in ("seed", "denoise")}
    first = {"add_noise": "enable", "start_at_step": 0, "end_at_step": 4}
    second = {"add_noise": "disable", "start_at_step": 4, "end_at_step": 10000, "latent_image": ["5", 0]}
    graph["5"] = {"class_type": "KSamplerAdvanced", "inputs": shared | first}
    graph["8"] = {"class_type": "KSamplerAdvanced", "inputs": shared | second}
    graph["6"]["inputs"]["samples"] = ["8", 0]
    ear = await client.listen()
    await client.submit(graph)
    heard = await ear.until_end()
    assert [line for line in heard if line.startswith("progress ")] == [
        *(f"progress 5:{step}/4" for step in range(1, 5)),
        *(f"progress 8:{step}/2" for step in range(1, 3)),
    ]


async def test_who_comes_back_in_mid_run_hears_the_node_without_a_prompt_id(client, txt2img, server):
    first = await client.listen("me")
    await client.submit(txt2img(), "me")
    gate = server.pause("progress")
    await gate.reached()
    await first.socket.close()
    await server.wait_for(lambda: server.open_sockets == 0)
    second = await client.listen("me")
    assert await second.hear() == {"type": "executing", "data": {"node": "5"}}
    gate.release()
    assert "progress 5:1/2" in await second.until_end()
    third = await client.listen("me")
    await client.submit(txt2img(seed=2), "me")
    assert (await third.hear())["type"] == "status"


async def test_the_end_of_an_old_socket_silences_a_new_one_under_the_same_id(client, small, server):
    old, new = await client.listen("twin"), await client.listen("twin")
    await client.submit(small(), "twin")
    await new.until_end()
    await old.socket.close()
    await server.wait_for(lambda: server.open_sockets == 1)
    await client.run(small(color=1), client_id="twin")
    assert await new.hears_nothing()
