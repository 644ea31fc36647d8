from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest


async def post(client, graph, **more):
    return await client.send("POST", "/prompt", json={"prompt": graph, **more})


@pytest.mark.parametrize("accept", [False, True])
async def test_a_failed_post(client, small, server, accept):
    server.faults.fail_next_prompt(503, accept=accept)
    status, text = await post(client, small(), prompt_id="mine")
    assert status == 503
    assert isinstance(text, str)
    assert server.accepted == (["mine"] if accept else [])
    assert (await post(client, small()))[0] == 200


@pytest.mark.parametrize("accept", [False, True])
async def test_a_reset_post(client, small, server, accept):
    server.faults.reset_next_prompt(accept=accept, times=2)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientConnectionError):
            await post(client, small(), prompt_id="mine")
    assert server.accepted == (["mine", "mine"] if accept else [])
    assert (await post(client, small()))[0] == 200


async def test_history_that_is_late(client, small, server):
    server.faults.history_empty(2)
    assert await client.get("/history/unknown") == {}
    prompt_id = await client.submit(small())
    await server.wait_for(lambda: prompt_id in server.history)
    reads = [await client.get(f"/history/{prompt_id}") for _ in range(3)]
    assert [bool(body) for body in reads] == [False, False, True]


async def test_answers_that_are_slow(client, server):
    clock = asyncio.get_running_loop().time
    server.faults.delay("/queue", 0.05, times=1)
    began = clock()
    assert await client.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert clock() - began >= 0.05
    server.faults.delay("/queue", 3600.0)
    assert await client.get("/history") == {}
    server.faults.clear()
    assert (await client.send("GET", "/queue"))[0] == 200


async def test_a_picture_of_ones_own(client, small, server):
    server.settings.sample = b"\x89PNG\r\n\x1a\nmine"
    prompt_id = await client.submit(small())
    await server.wait_for(lambda: prompt_id in server.history)
    assert [path.read_bytes() for path in server.output_dir.glob("*.png")] == [server.settings.sample]


async def test_events_that_get_lost(client, small, server):
    for event in ("end", "execution_success", "progress_state"):
        server.faults.drop_event(event)
    ear = await client.listen()
    prompt_id = await client.submit(small())
    await server.wait_for(lambda: prompt_id in server.history)
    await client.submit(small(color=1))
    heard = await ear.until_end()
    assert heard.count("execution_success") == heard.count("executing None") == 1
    assert heard.count("execution_start") == 2


async def test_an_interrupt_that_gets_lost(client, txt2img, server):
    server.faults.lose_interrupt()
    gate = server.pause("progress")
    prompt_id = await client.submit(txt2img())
    await gate.reached()
    assert await client.send("POST", "/interrupt", json={}) == (200, "")
    gate.release()
    await server.wait_for(lambda: prompt_id in server.history)
    assert server.history[prompt_id]["status"]["completed"]


async def test_paths_that_refuse_or_talk_nonsense(client, server):
    server.faults.refuse("/history", 502, times=1)
    server.faults.garbage("/queue")
    assert (await client.send("GET", "/history/abc"))[0] == 502
    assert await client.get("/history/abc") == {}
    for _ in range(2):
        with pytest.raises(json.JSONDecodeError):
            await client.get("/queue")
    server.faults.clear()
    assert await client.get("/queue") == {"queue_running": [], "queue_pending": []}


async def test_paths_that_answer_what_they_are_told_to(client, server):
    server.faults.answer("/view", b"<html/>", content_type="text/html", times=1)
    server.faults.answer("/history", lambda prompt_id: json.dumps({prompt_id: []}).encode())
    assert await client.send("GET", "/view", params={"filename": "a.png"}) == (200, "<html/>")
    assert (await client.send("GET", "/view", params={"filename": "a.png"}))[0] == 404
    assert await client.get("/history/abc") == {"abc": []}
    assert await client.get("/history") == {"null": []}


async def test_a_file_that_breaks_off(client, server):
    (server.output_dir / "a.mp4").write_bytes(bytes(100_000))
    server.faults.truncate_view()
    with pytest.raises(aiohttp.ClientPayloadError):
        await client.get("/view?filename=a.mp4")
    assert len(await client.get("/view?filename=a.mp4")) == 100_000


async def test_large_previews(client, txt2img, server):
    server.settings.previews = True
    server.faults.preview_bytes = 5_000_000
    ear = await client.listen()
    await client.submit(txt2img(steps=1))
    await ear.until_end()
    assert max(len(frame) for frame in ear.frames) == 5_000_008


async def test_an_output_that_was_deleted_behind_the_servers_back(client, small, server):
    await client.run(small())
    server.delete_output("small_00001_.png")
    shown = (await client.run(small()))["outputs"]["2"]["images"][0]
    assert shown["filename"] == "small_00001_.png"
    assert (await client.send("GET", "/view?filename=small_00001_.png"))[0] == 404


async def test_clear_forgets_every_fault(client, small, server):
    faults = server.faults
    faults.fail_next_prompt()
    faults.fail_node("1")
    faults.refuse("/view", 500)
    faults.drop_event("end")
    faults.preview_bytes = 7
    faults.clear()
    assert (await client.run(small()))["status"]["completed"]
    assert faults.preview_bytes is None
    assert (await client.send("GET", "/view?filename=small_00001_.png"))[0] == 200


async def test_dropped_sockets_are_1006(client, small, server):
    ears = [await client.listen(name) for name in ("a", "b")]
    await server.drop_sockets()
    assert server.open_sockets == 0
    for ear in ears:
        assert (await ear.socket.receive(timeout=30)).type is aiohttp.WSMsgType.CLOSED
        assert ear.socket.close_code == 1006
    again = await client.listen("a")
    await client.submit(small(), "a")
    assert "execution_success" in await again.until_end()


async def test_a_silent_socket_answers_pings_and_nothing_is_replayed(client, small, server):
    ear = await client.listen()
    server.go_silent()
    fresh = await client.listen("fresh")
    await client.run(small())
    assert "status 0" in await fresh.until("status 0")
    assert await ear.hears_nothing()
    server.speak()
    await client.submit(small(color=1))
    assert (await ear.until_end()).count("execution_start") == 1


async def test_silence_can_hold_for_new_sockets_too(server, http):
    server.go_silent(new_sockets=True)
    async with http.ws_connect(f"{server.url}/ws?clientId=x", autoping=False) as socket:
        await socket.ping()
        assert (await socket.receive(timeout=30)).type is aiohttp.WSMsgType.PONG


async def test_a_killed_server_refuses_and_comes_back_empty(client, txt2img, server):
    ear = await client.listen()
    (server.temp_dir / "t.png").write_bytes(b"x")
    (server.input_dir / "i.png").write_bytes(b"x")
    done = await client.run(txt2img())
    gate = server.pause("progress")
    prompt_id = await client.submit(txt2img(seed=2))
    waiting = await client.submit(txt2img(seed=3))
    await gate.reached()
    await server.kill()
    while (message := await ear.socket.receive(timeout=30)).type is aiohttp.WSMsgType.TEXT:
        pass
    assert (message.type, ear.socket.close_code) == (aiohttp.WSMsgType.CLOSED, 1006)
    with pytest.raises(aiohttp.ClientConnectorError):
        await client.get("/queue")
    url = server.url
    await server.revive()
    assert server.url == url
    assert await client.get("/queue") == {"queue_running": [], "queue_pending": []}
    assert await client.get("/history") == {}
    assert server.accepted[-2:] == [prompt_id, waiting]
    assert done["status"]["completed"]
    assert (await client.send("GET", "/view?filename=pic_00001_.png"))[0] == 200
    assert (await client.send("GET", "/view?filename=i.png&type=input"))[0] == 200
    assert (await client.send("GET", "/view?filename=t.png&type=temp"))[0] == 404
    status, body = await client.send("POST", "/prompt", json={"prompt": txt2img()})
    assert (status, body["number"]) == (200, 0)


async def test_a_kill_resets_the_requests_that_are_held(client, small, server):
    gate = server.pause_request("POST", "/prompt")
    held = asyncio.create_task(client.submit(small()))
    await gate.reached()
    await server.kill()
    with pytest.raises(aiohttp.ClientConnectionError):
        await held
    assert server.accepted == []
    await server.kill()


async def test_nothing_is_left_running_after_stop(client, small, server):
    before = asyncio.all_tasks()
    await client.listen()
    server.pause("executing")
    await client.submit(small())
    server.pause_request("GET", "/queue")
    held = asyncio.create_task(client.get("/queue"))
    await server.wait_for(lambda: server.count("GET", "/queue") == 1)
    await server.stop()
    with pytest.raises(aiohttp.ClientConnectionError):
        await held
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()
