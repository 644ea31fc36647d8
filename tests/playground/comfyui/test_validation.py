from __future__ import annotations

import pytest

from playground.comfyui import ComfyUIServer


async def refuse(client, graph):
    status, body = await client.send("POST", "/prompt", json={"prompt": graph})
    assert status == 400
    assert body.keys() == {"error", "node_errors"}
    assert body["error"].keys() == {"type", "message", "details", "extra_info"}
    return body


async def test_an_unknown_class(client, txt2img):
    graph = txt2img()
    graph["5"]["class_type"] = "NoSuchNode"
    body = await refuse(client, graph)
    assert (body["error"]["type"], body["error"]["details"]) == ("invalid_prompt", "Node ID '#5'")


async def test_an_unknown_class_on_a_newer_server(client_of, txt2img):
    graph = txt2img()
    graph["5"] |= {"class_type": "NoSuchNode", "_meta": {"title": "My sampler"}}
    async with ComfyUIServer(draw=False, newer=True) as server:
        error = (await refuse(client_of(server), graph))["error"]
    assert error["type"] == "missing_node_type"
    assert error["extra_info"] == {"node_id": "5", "class_type": "NoSuchNode", "node_title": "My sampler"}


@pytest.mark.parametrize("graph", [{"1": {"inputs": {}}}, {"nodes": [], "links": []}, {"1": "text"}])
async def test_a_node_without_a_class(client, graph):
    error = (await refuse(client, graph))["error"]
    assert error["type"] == "invalid_prompt"
    assert error["message"].endswith("missing the class_type property.")


async def test_no_output(client, txt2img):
    graph = txt2img()
    del graph["7"]
    assert (await refuse(client, graph))["error"]["type"] == "prompt_no_outputs"
    assert (await refuse(client, {}))["error"]["type"] == "prompt_no_outputs"


@pytest.mark.parametrize(
    ("node", "inputs", "kind", "details"),
    [
        ("5", {"sampler_name": "nope"}, "value_not_in_list", "sampler_name: 'nope' not in (list of length 42)"),
        ("5", {"steps": 0}, "value_smaller_than_min", "steps"),
        ("5", {"steps": 99999}, "value_bigger_than_max", "steps"),
        ("5", {"seed": 2**64}, "value_bigger_than_max", "seed"),
        ("4", {"width": 8}, "value_smaller_than_min", "width"),
        ("5", {"cfg": None}, "invalid_input_type", "cfg, None, "),
        ("5", {"steps": "abc"}, "invalid_input_type", "steps, abc, invalid literal"),
        ("5", {"model": ["2", 0]}, "return_type_mismatch", "model, received_type(CONDITIONING) mismatch"),
        ("5", {"model": ["1"]}, "bad_linked_input", "model"),
        ("5", {"latent_image": ["6", 0]}, "return_type_mismatch", "latent_image, received_type(IMAGE)"),
    ],
)
async def test_wrong_inputs(client, txt2img, node, inputs, kind, details):
    graph = txt2img()
    graph[node]["inputs"] |= inputs
    body = await refuse(client, graph)
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert list(body["node_errors"]) == [node]
    found = body["node_errors"][node]
    assert (found["dependent_outputs"], found["class_type"]) == (["7"], graph[node]["class_type"])
    (error,) = found["errors"]
    assert (error["type"], error["extra_info"]["input_name"]) == (kind, next(iter(inputs)))
    assert error["details"].startswith(details)


async def test_an_unknown_model_lists_what_there_is(client, txt2img, server):
    server.set_models("checkpoints", ["only.safetensors"])
    body = await refuse(client, txt2img())
    (error,) = body["node_errors"]["1"]["errors"]
    assert error["type"] == "value_not_in_list"
    assert error["details"] == "ckpt_name: 'sd_xl_base_1.0.safetensors' not in ['only.safetensors']"
    assert error["extra_info"]["input_config"] == [["only.safetensors"], {}]
    assert error["extra_info"]["received_value"] == "sd_xl_base_1.0.safetensors"


async def test_a_missing_input(client, txt2img):
    graph = txt2img()
    del graph["5"]["inputs"]["seed"]
    (error,) = (await refuse(client, graph))["node_errors"]["5"]["errors"]
    assert error == {
        "type": "required_input_missing",
        "message": "Required input is missing",
        "details": "seed",
        "extra_info": {"input_name": "seed"},
    }


async def test_what_is_wrong_with_outputs_themselves_is_told_in_the_details(client, small):
    graph = small()
    del graph["2"]["inputs"]["images"], graph["2"]["inputs"]["filename_prefix"]
    said = "Required input is missing: images\nRequired input is missing: filename_prefix"
    assert (await refuse(client, graph))["error"]["details"] == said


@pytest.mark.parametrize(
    ("link", "kind", "details"), [(["99", 0], "KeyError", "'99'"), (["1", 9], "IndexError", "tuple index out of range")]
)
async def test_a_link_to_nowhere_is_told_with_a_traceback_at_the_node_that_has_it(client, txt2img, link, kind, details):
    body = await refuse(client, txt2img(model=link))
    (error,) = body["node_errors"]["5"]["errors"]
    assert (error["type"], error["details"]) == ("exception_during_inner_validation", details)
    extra = error["extra_info"]
    assert (extra["input_name"], extra["exception_type"], extra["linked_node"]) == ("samples", kind, ["5", 0])
    assert extra["traceback"]


async def test_a_link_to_nowhere_at_the_output_itself(client, small):
    graph = small()
    graph["2"]["inputs"]["images"] = ["99", 0]
    (error,) = (await refuse(client, graph))["node_errors"]["2"]["errors"]
    assert error["type"] == "exception_during_validation"


async def test_a_circle_is_refused(client, small):
    graph = small()
    graph["1"] = {"class_type": "ImageInvert", "inputs": {"image": ["3", 0]}}
    graph["3"] = {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}
    body = await refuse(client, graph)
    (error,) = body["node_errors"]["1"]["errors"]
    assert error["extra_info"]["exception_type"] == "RecursionError"


async def test_a_file_that_is_not_there(client, small):
    graph = small()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": "absent.png"}}
    (error,) = (await refuse(client, graph))["node_errors"]["1"]["errors"]
    assert error == {
        "type": "custom_validation_failed",
        "message": "Custom validation failed for node",
        "details": "image - Invalid image file: absent.png",
        "extra_info": {"input_name": "image"},
    }


async def test_a_valid_output_runs_beside_an_invalid_one(client, small, server):
    graph = small()
    graph["3"] = {"class_type": "LoadImage", "inputs": {"image": "absent.png"}}
    graph["4"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["3", 0]}}
    status, body = await client.send("POST", "/prompt", json={"prompt": graph})
    assert status == 200
    assert body["node_errors"]["3"]["dependent_outputs"] == ["4"]
    await server.wait_for(lambda: body["prompt_id"] in server.history)
    assert list(server.history[body["prompt_id"]]["outputs"]) == ["2"]


@pytest.mark.parametrize(
    "inputs", [{"steps": "3"}, {"nobody_knows": 1}, {"cfg": 7}, {"denoise": "0.5"}], ids=lambda given: next(iter(given))
)
async def test_what_is_not_exact_is_still_accepted(client, txt2img, inputs, server):
    prompt_id = await client.submit(txt2img(**inputs))
    await server.wait_for(lambda: prompt_id in server.history)
    assert server.history[prompt_id]["status"]["completed"]
    assert server.prompts[prompt_id]["5"]["inputs"].get("steps") == (3 if "steps" in inputs else 2)


async def test_types_with_wildcards_and_alternatives(client_of, small):
    either = {
        "input": {"required": {"source": ["IMAGE,LATENT", {}]}},
        "output": ["IMAGE"],
        "output_node": False,
    }
    graph = small()
    graph["3"] = {"class_type": "Either", "inputs": {"source": ["1", 0]}}
    graph["2"]["inputs"]["images"] = ["3", 0]
    graph["4"] = {"class_type": "PreviewAny", "inputs": {"source": ["3", 0]}}
    async with ComfyUIServer(draw=False, extra_definitions={"Either": either}) as server:
        assert (await client_of(server).run(graph))["status"]["completed"]
