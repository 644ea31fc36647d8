"""How a run ends when it does not succeed."""

from __future__ import annotations

import pytest


def two_outputs(small):
    """A quick branch (nodes 1, 2) and a second one (3, 4) of the same shape."""
    graph = small(prefix="first")
    second = small(prefix="second", color=9)
    second["2"]["inputs"]["images"] = ["3", 0]
    return graph | {"3": second["1"], "4": second["2"]}


async def test_an_interrupt_takes_effect_at_the_next_step(client, txt2img, server):
    ear = await client.listen()
    prompt_id = await client.submit(txt2img(steps=5))
    gate = server.pause("progress", skip=1)
    await gate.reached()
    assert await client.send("POST", "/interrupt", json={"prompt_id": prompt_id}) == (200, "")
    gate.release()
    heard = await ear.until_end()
    assert "progress 5:2/5" in heard
    assert heard[-3:] == ["execution_interrupted 5 KSampler after 1 2 3 4", "status 0", "executing None"]
    body = ear.data("execution_interrupted")
    assert body.keys() == {"prompt_id", "node_id", "node_type", "executed", "timestamp"}
    status = server.history[prompt_id]["status"]
    assert (status["status_str"], status["completed"]) == ("error", False)
    assert [name for name, _ in status["messages"]] == [
        "execution_start",
        "execution_cached",
        "execution_interrupted",
    ]
    assert server.history[prompt_id]["meta"] == {}


async def test_what_an_interrupted_run_has_done_stays_cached(client, txt2img, server):
    ear = await client.listen()
    await client.submit(txt2img())
    gate = server.pause("progress")
    await gate.reached()
    server.interrupt()
    gate.release()
    await ear.until_end()
    await client.submit(txt2img())
    assert "execution_cached 1 2 3 4" in await ear.until_end()


async def test_a_failing_node_tells_all_its_inner_matters(client, txt2img, server):
    server.faults.fail_node("VAEDecode", "tuple index out of range", "IndexError")
    ear = await client.listen()
    prompt_id = await client.submit(txt2img())
    heard = await ear.until_end()
    assert heard[-3:] == ["execution_error 6 VAEDecode after 1 2 3 4 5", "status 0", "executing None"]
    body = ear.data("execution_error")
    assert body.keys() == {
        "prompt_id",
        "node_id",
        "node_type",
        "executed",
        "exception_message",
        "exception_type",
        "traceback",
        "current_inputs",
        "current_outputs",
        "timestamp",
    }
    assert (body["exception_message"], body["exception_type"]) == ("tuple index out of range\n", "IndexError")
    assert str(server.root) in body["traceback"][0]
    assert "tensor" in body["current_inputs"]["model"][0]
    history = await client.get(f"/history/{prompt_id}")
    assert history[prompt_id]["status"]["messages"][-1] == ["execution_error", body]


async def test_a_sampler_can_fail_in_the_middle_and_only_once(client, txt2img, server):
    server.faults.fail_node("5", at_step=2, times=1)
    ear = await client.listen()
    await client.submit(txt2img(steps=4))
    heard = await ear.until_end()
    assert [line for line in heard if line.startswith("progress ")] == ["progress 5:1/4", "progress 5:2/4"]
    assert "execution_error 5 KSampler after 1 2 3 4" in heard
    await client.submit(txt2img(steps=4))
    assert "execution_success" in await ear.until_end()


async def test_outputs_made_before_a_failure_are_kept(client, small, server):
    server.faults.fail_node("4")
    entry = await client.run(two_outputs(small))
    assert entry["status"]["status_str"] == "error"
    assert list(entry["outputs"]) == list(entry["meta"]) == ["2"]


async def test_a_blocked_branch_is_told_as_an_error_and_the_run_goes_on(client, small, server):
    server.faults.fail_node("3", "no picture here", "ExecutionBlocked")
    ear = await client.listen()
    prompt_id = await client.submit(two_outputs(small))
    heard = await ear.until_end()
    assert any(line.startswith("execution_error 3") for line in heard)
    assert "execution_success" in heard
    assert ear.data("execution_error")["exception_type"] == "ExecutionBlocked"
    assert list(server.history[prompt_id]["outputs"]) == ["2"]
    assert server.history[prompt_id]["status"]["completed"]


async def test_a_broken_image_fails_where_it_is_loaded(client, small, server):
    (server.input_dir / "corrupt.png").write_bytes(b"not an image")
    graph = small()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": "corrupt.png"}}
    entry = await client.run(graph)
    name, body = entry["status"]["messages"][-1]
    assert (name, body["exception_type"]) == ("execution_error", "PIL.UnidentifiedImageError")


async def test_a_prefix_that_leads_outside_fails(client, small):
    entry = await client.run(small(prefix="../../evil"))
    assert entry["status"]["messages"][-1][0] == "execution_error"


@pytest.mark.parametrize("ending", ["execution_success", "execution_error", "execution_interrupted"])
async def test_history_is_there_before_the_last_event_and_not_before_the_ending(client, small, server, ending):
    if ending == "execution_error":
        server.faults.fail_node("2")
    gate, last = server.pause(ending), server.pause("end")
    started = server.pause("executing", node="2")
    prompt_id = await client.submit(small())
    await started.reached()
    if ending == "execution_interrupted":
        server.interrupt()
    started.release()
    await gate.reached()
    assert await client.get(f"/history/{prompt_id}") == {}
    gate.release()
    await last.reached()
    assert list(await client.get(f"/history/{prompt_id}")) == [prompt_id]
    last.release()


async def test_values_that_make_no_sense_fail_their_node_and_not_the_server(client, small):
    graph = small(width=["3", 0])
    graph["3"] = {"class_type": "PrimitiveInt", "inputs": {"value": 7}}
    webp = {"filename_prefix": "x", "images": ["1", 0], "lossless": True, "quality": 80, "method": "default"}
    graph["2"] = {"class_type": "SaveAnimatedWEBP", "inputs": {**webp, "fps": ["4", 0]}}
    graph["4"] = {"class_type": "PrimitiveFloat", "inputs": {"value": 0.0}}
    client.server.settings.draw = True
    entry = await client.run(graph)
    assert entry["status"]["messages"][-1][1]["exception_type"] == "ZeroDivisionError"
    assert (await client.run(small()))["status"]["completed"]
