"""Gates, records and waiting."""

from __future__ import annotations

import asyncio

import pytest

from playground.comfyui import ComfyUIServer


async def test_a_gate_stops_the_engine_before_the_event(client, txt2img, server):
    ear = await client.listen()
    gate = server.pause("progress", skip=1)
    prompt_id = await client.submit(txt2img(steps=3))
    await gate.reached()
    assert gate.held == 1
    assert gate.data == {"value": 2, "max": 3, "prompt_id": prompt_id, "node": "5"}
    heard = await ear.until("progress 5:1/3")
    assert "progress 5:2/3" not in heard
    assert server.running == prompt_id
    gate.release()
    assert "progress 5:2/3" in await ear.until_end()
    assert gate.held == 0


async def test_a_gate_waits_for_its_node_and_its_prompt(client, small, server):
    gate = server.pause("executing", node="2", prompt_id="second")
    await client.submit(small(), prompt_id="first")
    await client.submit(small(color=1), prompt_id="second")
    await gate.reached()
    assert list(server.history) == ["first"]
    assert gate.data["prompt_id"] == server.running == "second"
    gate.release()


async def test_a_gate_that_is_released_before_it_is_reached_is_gone(client, small, server):
    gate, request_gate = server.pause("executing"), server.pause_request("POST", "/prompt")
    gate.release()
    request_gate.release()
    assert (await client.run(small()))["status"]["completed"]


async def test_a_gate_that_nothing_reaches_says_so(server):
    with pytest.raises(TimeoutError):
        await server.pause("progress").reached(timeout=0.01)


async def test_a_held_request_has_no_effect_until_its_release(client, small, server):
    gate = server.pause_request("POST", "/prompt")
    first = asyncio.create_task(client.submit(small()))
    await gate.reached()
    assert (gate.data.method, gate.data.path, server.accepted) == ("POST", "/prompt", [])
    second = await client.submit(small(color=1))
    assert server.accepted == [second]
    gate.release()
    assert server.accepted == [second, await first]


async def test_an_answer_is_held_after_the_effect(client, small, server):
    gate = server.pause_request("POST", "/prompt", after_effect=True)
    first = asyncio.create_task(client.submit(small()))
    await gate.reached()
    await server.wait_for(lambda: len(server.history) == 1)
    assert not first.done()
    gate.release()
    assert server.accepted == [await first]


async def test_a_request_whose_client_gave_up_takes_effect_after_all(client, small, server):
    gate = server.pause_request("POST", "/prompt")
    first = asyncio.create_task(client.submit(small()))
    await gate.reached()
    first.cancel()
    gate.release()
    await server.wait_for(lambda: len(server.history) == 1)


async def test_a_gate_for_every_request_holds_all_of_them_below_a_path(client, server):
    gate = server.pause_request("*", "/history", every=True)
    held = [asyncio.create_task(client.get(path)) for path in ("/history", "/history/abc", "/api/history/def")]
    await server.wait_for(lambda: gate.held == 3)
    assert await client.get("/queue") == {"queue_running": [], "queue_pending": []}
    gate.release()
    assert await asyncio.gather(*held) == [{}, {}, {}]
    assert await client.get("/history") == {}


async def test_requests_are_recorded(client, small, server):
    prompt_id = await client.submit(small())
    await client.get(f"/api/history/{prompt_id}?x=1")
    await client.send("POST", "/interrupt", json={"prompt_id": "somebody"})
    post, read, interrupt = server.requests
    assert (post.method, post.path, post.prompt_id, post.status) == ("POST", "/prompt", prompt_id, 200)
    assert post.json == {"prompt": small(), "client_id": "me"}
    assert (read.path, read.query, read.prompt_id) == (f"/history/{prompt_id}", {"x": "1"}, prompt_id)
    assert interrupt.prompt_id == "somebody"
    assert server.count("GET", "/history") == server.count("GET", f"/history/{prompt_id}") == 1
    assert server.count("POST", "/history") == server.count("GET", "/hist") == 0
    assert server.prompts == {prompt_id: small()}
    assert server.accepted == [prompt_id]


async def test_sockets_are_counted(client, server):
    first = await client.listen("a")
    second = await client.listen("b")
    assert (server.sockets_opened, server.open_sockets, server.count("GET", "/ws")) == (2, 2, 2)
    await first.socket.close()
    await server.wait_for(lambda: server.open_sockets == 1)
    assert (server.sockets_opened, second.socket.closed) == (2, False)


async def test_waiting_ends_when_it_is_true_or_over(client, small, server):
    await server.wait_for(lambda: True)
    with pytest.raises(TimeoutError):
        await server.wait_for(lambda: False, timeout=0.01)
    waiting = asyncio.create_task(server.wait_for(lambda: server.running is not None))
    await client.submit(small())
    await waiting


async def test_a_mistake_in_what_is_waited_for_is_the_waiters_alone(client, small, server):
    waiting = asyncio.create_task(server.wait_for(lambda: bool(server.accepted) and server.history["nobody"] is None))
    assert (await client.run(small()))["status"]["completed"]
    with pytest.raises(KeyError):
        await waiting


async def test_step_seconds_can_be_changed_while_it_runs(client, txt2img, server, monkeypatch):
    naps: list[float] = []
    real = asyncio.sleep

    async def nap(seconds: float) -> None:
        naps.append(seconds)
        await real(0)

    monkeypatch.setattr("playground.comfyui.execution.asyncio.sleep", nap)
    server.settings.step_seconds = 0.25
    await client.run(txt2img(steps=3))
    assert naps.count(0.25) == 3


async def test_a_root_of_ones_own_is_kept(tmp_path, client_of, small):
    async with ComfyUIServer(draw=False, root=tmp_path / "comfy") as server:
        await client_of(server).run(small())
        assert server.root == tmp_path / "comfy"
    assert (tmp_path / "comfy" / "output" / "small_00001_.png").exists()


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(server):
    second = ComfyUIServer(port=server.port)
    with pytest.raises(OSError):
        await second.start()
    assert not second.root.exists()


async def test_a_root_of_its_own_is_removed():
    async with ComfyUIServer() as server:
        assert server.output_dir.is_dir()
    assert not server.root.exists()
