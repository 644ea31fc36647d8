"""/prompt, /queue, /interrupt and /history."""

from __future__ import annotations

import json
import uuid

import pytest

from playground.comfyui import ComfyUIServer


async def hold(client, server, graph):
    """Make a prompt run and stand still; its id and the gate."""
    gate = server.pause("executing")
    prompt_id = await client.submit(graph)
    await gate.reached()
    return prompt_id, gate


async def test_numbers_count_up_front_negates_and_a_given_number_is_taken_as_it_is(client, small):
    async def number(**more):
        return (await client.send("POST", "/prompt", json={"prompt": small(), **more}))[1]["number"]

    assert [await number(), await number(number=-5), await number(front=True), await number()] == [0, -5.0, -1, 2]


async def test_a_refused_prompt_uses_its_number_up(client, small):
    assert (await client.send("POST", "/prompt", json={"prompt": small(width=0)}))[0] == 400
    assert (await client.send("POST", "/prompt", json={"prompt": small()}))[1]["number"] == 1


async def test_the_clients_own_id_is_honoured(client, small, server):
    mine = str(uuid.uuid4())
    assert await client.submit(small(), prompt_id=mine) == mine
    assert await client.submit(small(), prompt_id=17) == "17"
    assert await client.submit(small(), prompt_id=mine) == mine
    assert server.accepted == [mine, "17", mine]


@pytest.mark.parametrize(
    "bad", ["my-own-id", "17", 17, "54EA8F7A-B2F7-45D4-9EB2-918CCF7A5C9B", "7869a625ac58498a817aabce0674d4cb"]
)
async def test_newer_servers_want_a_canonical_uuid(client_of, small, bad):
    async with ComfyUIServer(draw=False, newer=True) as server:
        client = client_of(server)
        status, body = await client.send("POST", "/prompt", json={"prompt": small(), "prompt_id": bad})
        assert (status, body["error"]["type"], server.accepted) == (400, "invalid_prompt_id", [])
        mine = str(uuid.uuid4())
        assert await client.submit(small(), prompt_id=mine) == mine


async def test_the_queue_shows_what_runs_and_what_waits_in_order(client, small, server):
    running, gate = await hold(client, server, small())
    later = await client.submit(small(color=1))
    sooner = await client.submit(small(color=2), front=True)
    queue = await client.get("/queue")
    assert [item[1] for item in queue["queue_running"]] == [running]
    assert [item[1] for item in queue["queue_pending"]] == [sooner, later] == server.pending
    assert queue["queue_running"][0] == [0, running, small(), {"client_id": "me"}, ["2"]]
    assert await client.get("/prompt") == {"exec_info": {"queue_remaining": 3}}
    gate.release()
    await server.wait_for(lambda: len(server.history) == 3)
    assert list(server.history) == [running, sooner, later]
    assert await client.get("/queue") == {"queue_running": [], "queue_pending": []}


async def test_delete_takes_a_pending_prompt_without_a_trace(client, small, server):
    ear = await client.listen()
    running, gate = await hold(client, server, small())
    pending = await client.submit(small(color=1))
    await ear.until("status 2")
    for unknown in (running, "nobody"):
        assert await client.send("POST", "/queue", json={"delete": [unknown]}) == (200, "")
    assert await client.send("POST", "/queue", json={"delete": [pending]}) == (200, "")
    assert await client.get(f"/history/{pending}") == {}
    gate.release()
    heard = await ear.until_end()
    assert heard[:2] == ["status 1", "status 1"]
    assert list(server.history) == [running]


async def test_clear_leaves_the_running_one(client, small, server):
    running, gate = await hold(client, server, small())
    await client.submit(small(color=1))
    assert await client.send("POST", "/queue", json={"clear": True}) == (200, "")
    assert (server.running, server.pending) == (running, [])
    gate.release()
    await server.wait_for(lambda: running in server.history)


@pytest.mark.parametrize("body", ["{}", "", "not json", '{"prompt_id": ""}'])
async def test_an_interrupt_without_an_id_stops_whoever_runs(client, small, server, body):
    running, gate = await hold(client, server, small())
    assert await client.send("POST", "/interrupt", data=body) == (200, "")
    gate.release()
    await server.wait_for(lambda: running in server.history)
    assert not server.history[running]["status"]["completed"]


async def test_an_interrupt_with_an_id_touches_nobody_else(client, small, server):
    _, gate = await hold(client, server, small())
    pending = await client.submit(small(color=1))
    for other in (pending, "nobody"):
        assert await client.send("POST", "/interrupt", json={"prompt_id": other}) == (200, "")
    gate.release()
    await server.wait_for(lambda: len(server.history) == 2)
    assert all(entry["status"]["completed"] for entry in server.history.values())


async def test_an_interrupt_while_idle_is_forgotten(client, small):
    await client.send("POST", "/interrupt", json={})
    assert (await client.run(small()))["status"]["completed"]


async def test_history_has_the_recorded_shape_and_no_secrets(client, small, server):
    secrets = {"api_key_comfy_org": "SECRET", "auth_token_comfy_org": "T2", "my_key": "kept"}
    prompt_id, gate = await hold(client, server, small())
    gate.release()
    other = await client.submit(small(color=3), extra_data=secrets)
    await server.wait_for(lambda: other in server.history)
    body = await client.get(f"/history/{prompt_id}")
    messages = body[prompt_id]["status"].pop("messages")
    assert [name for name, _ in messages] == ["execution_start", "execution_cached", "execution_success"]
    assert body == {
        prompt_id: {
            "prompt": [0, prompt_id, small(), {"client_id": "me"}, ["2"]],
            "outputs": {"2": {"images": [{"filename": "small_00001_.png", "subfolder": "", "type": "output"}]}},
            "status": {"status_str": "success", "completed": True},
            "meta": {"2": {"node_id": "2", "display_node": "2", "parent_node": None, "real_node_id": "2"}},
        }
    }
    assert server.history[other]["prompt"][3] == {"my_key": "kept", "client_id": "me"}


async def test_parts_of_the_history(client, small, server):
    ids = [await client.submit(small(color=number)) for number in range(4)]
    await server.wait_for(lambda: len(server.history) == 4)
    assert list(await client.get("/history")) == ids
    assert list(await client.get("/history?max_items=1")) == ids[-1:]
    assert list(await client.get("/history?max_items=2&offset=0")) == ids[:2]
    assert list(await client.get("/history?offset=3")) == ids[3:]
    assert (await client.send("GET", "/history?max_items=many"))[0] == 500
    assert await client.send("POST", "/history", json={"delete": [ids[0], "nobody"]}) == (200, "")
    assert list(await client.get("/history")) == ids[1:]
    assert await client.send("POST", "/history", json={"clear": True}) == (200, "")
    assert await client.get("/history") == {}


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/prompt", "not json", 500),
        ("/prompt", "", 500),
        ("/prompt", '{"prompt": "text"}', 500),
        ("/prompt", "7", 500),
        ("/prompt", "[]", 400),
        ("/prompt", "{}", 400),
        ("/queue", "not json", 500),
        ("/queue", "[]", 200),
        ("/queue", '["clear"]', 500),
        ("/queue", '"text"', 200),
        ("/queue", "7", 500),
        ("/history", "[]", 200),
        ("/history", "null", 500),
        ("/interrupt", "[]", 500),
        ("/free", "not json", 500),
    ],
)
async def test_bodies_that_are_not_what_they_should_be(client, path, body, status):
    got, answer = await client.send("POST", path, data=body)
    assert got == status
    if status == 500:
        assert answer == "500 Internal Server Error\n\nServer got itself in trouble"
    if status == 400:
        assert answer["error"] == {
            "type": "no_prompt",
            "message": "No prompt provided",
            "details": "No prompt provided",
            "extra_info": {},
        }


async def test_the_content_type_does_not_matter(client, small):
    body = json.dumps({"prompt": small()})
    status, answer = await client.send("POST", "/prompt", data=body, headers={"Content-Type": "text/plain"})
    assert (status, answer["node_errors"]) == (200, {})


async def test_the_prefix_api_works_everywhere_and_foreign_origins_do_not(client, small, server):
    status, _ = await client.send("POST", "/api/prompt", json={"prompt": small()})
    assert status == 200
    assert await client.get("/api/queue") is not None
    assert server.count("GET", "/queue") == 1
    assert await client.send("GET", "/queue", headers={"Origin": "https://evil.example"}) == (403, "")
    assert (await client.send("GET", "/queue", headers={"Origin": server.url}))[0] == 200
    port = server.url.rpartition(":")[2]
    for name, status in ((f"evil.example:{port}", 403), ("[evil", 403), (f"localhost:{port}", 200)):
        sent = {"Origin": f"http://{name}", "Host": name}
        assert (await client.send("GET", "/queue", headers=sent))[0] == status


async def test_what_has_no_route_is_missing_to_a_get_and_not_allowed_to_all_else(client):
    assert await client.send("GET", "/interrupt") == (404, "")
    assert await client.send("GET", "/no/such/path") == (404, "")
    for method, path in (("PUT", "/prompt"), ("POST", "/api/jobs/1/cancel"), ("DELETE", "/no/such/path")):
        assert await client.send(method, path) == (405, "405: Method Not Allowed")


async def test_bodies_beyond_the_limit_are_413(client_of, small):
    async with ComfyUIServer(draw=False, max_upload_size=1000) as server:
        status, text = await client_of(server).send("POST", "/prompt", json={"prompt": small(), "pad": "x" * 2000})
        assert (status, text) == (413, "Maximum request body size 1000 exceeded.")
        assert server.requests[-1].status == 413
