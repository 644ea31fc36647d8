"""/api/jobs of newer servers."""

from __future__ import annotations

import uuid

import pytest

from playground.comfyui import ComfyUIServer


@pytest.fixture
async def server():
    async with ComfyUIServer(draw=False, newer=True) as server:
        yield server


async def state(client, prompt_id):
    return (await client.get(f"/api/jobs/{prompt_id}")).get("status")


async def test_the_states_of_jobs(client, small, server):
    gate = server.pause("executing", node="2")
    ran = await client.submit(small())
    await gate.reached()
    waits = await client.submit(small(color=1))
    assert (await state(client, ran), await state(client, waits)) == ("in_progress", "pending")
    server.faults.fail_node("1")
    gate.release()
    await server.wait_for(lambda: len(server.history) == 2)
    assert (await state(client, ran), await state(client, waits)) == ("completed", "failed")
    status, body = await client.send("GET", f"/api/jobs/{uuid.uuid4()}")
    assert (status, body) == (404, {"error": "Job not found"})


async def test_a_finished_job_tells_its_outputs(client, small, server):
    prompt_id = await client.submit(small())
    await server.wait_for(lambda: prompt_id in server.history)
    job = await client.get(f"/api/jobs/{prompt_id}")
    entry = {"filename": "small_00001_.png", "subfolder": "", "type": "output"}
    assert job["preview_output"] == {**entry, "nodeId": "2", "mediaType": "images"}
    assert (job["outputs_count"], job["outputs"]) == (1, {"2": {"images": [entry]}})
    assert job["execution_start_time"] <= job["execution_end_time"]
    assert job["workflow"]["prompt"] == small()


async def test_cancel_is_atomic_and_idempotent(client, small, server):
    gate = server.pause("executing")
    running = await client.submit(small())
    await gate.reached()
    pending = await client.submit(small(color=1))
    for expected in (True, False):
        assert await client.send("POST", f"/api/jobs/{pending}/cancel") == (200, {"cancelled": expected})
    assert await client.send("POST", f"/api/jobs/{running}/cancel") == (200, {"cancelled": True})
    gate.release()
    await server.wait_for(lambda: running in server.history)
    assert await state(client, running) == "cancelled"
    assert await client.send("POST", f"/api/jobs/{running}/cancel") == (200, {"cancelled": False})


async def test_the_list_is_newest_first_and_paged(client, small, server):
    ids = [await client.submit(small(color=number)) for number in range(3)]
    await server.wait_for(lambda: len(server.history) == 3)
    body = await client.get("/api/jobs?limit=2")
    assert [job["id"] for job in body["jobs"]] == [ids[2], ids[1]]
    assert body["pagination"] == {"offset": 0, "limit": 2, "total": 3, "has_more": True}
    assert (await client.get("/api/jobs?offset=2"))["pagination"]["has_more"] is False
    assert (await client.get("/api/jobs?status=failed,pending"))["jobs"] == []


async def test_older_servers_have_no_jobs(client_of):
    async with ComfyUIServer(draw=False) as server:
        assert (await client_of(server).send("GET", "/api/jobs"))[0] == 404
