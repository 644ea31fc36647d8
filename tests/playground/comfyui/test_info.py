"""Routes that only read."""

from __future__ import annotations

from playground.comfyui import DEMO_LORAS, MODELS, ComfyUIServer


async def test_object_info_of_all_one_and_none(client):
    everything = await client.get("/object_info")
    assert len(everything) > 60
    assert await client.get("/object_info/KSampler") == {"KSampler": everything["KSampler"]}
    assert await client.get("/object_info/NoSuchNode") == {}


async def test_both_shapes_of_a_combo_occur_and_hold_the_model_files(client, server):
    server.set_models("upscale_models", ["big.pth"])
    info = await client.get("/object_info")
    assert info["LoraLoader"]["input"]["required"]["lora_name"][0] == list(MODELS["loras"])
    assert info["UpscaleModelLoader"]["input"]["required"]["model_name"] == [
        "COMBO",
        {"multiselect": False, "options": ["big.pth"]},
    ]


async def test_the_demo_loras_come_first(client):
    assert (await client.get("/models/loras"))[: len(DEMO_LORAS)] == list(DEMO_LORAS)


async def test_model_lists(client_of):
    models = {"embeddings": ["sub/bad hands.pt"], "checkpoints": ["one.safetensors"]}
    async with ComfyUIServer(draw=False, loras=["sub dir/a b.safetensors"], models=models) as server:
        client = client_of(server)
        assert {"checkpoints", "loras", "vae"} <= set(await client.get("/models"))
        assert await client.get("/models/loras") == ["sub dir/a b.safetensors"]
        assert await client.get("/models/checkpoints") == ["one.safetensors"]
        assert (await client.send("GET", "/models/nothing"))[0] == 404
        assert await client.get("/embeddings") == ["sub/bad hands"]
        assert await client.get("/view_metadata/checkpoints?filename=one.safetensors") == {"modelspec.title": "one"}
        assert (await client.send("GET", "/view_metadata/loras?filename=no.safetensors"))[0] == 404
        server.set_metadata("checkpoints", "one.safetensors", {"modelspec.trigger_phrase": "sks"})
        told = await client.get("/view_metadata/checkpoints?filename=one.safetensors")
        assert told == {"modelspec.trigger_phrase": "sks"}
        server.set_metadata("checkpoints", "one.safetensors", None)
        assert (await client.send("GET", "/view_metadata/checkpoints?filename=one.safetensors"))[0] == 404


async def test_demo_loras_say_their_words(client):
    told = await client.get("/view_metadata/loras?filename=demo_oil_painting.safetensors")
    assert told == {
        "modelspec.title": "demo_oil_painting",
        "modelspec.trigger_phrase": "oil painting, thick strokes",
    }


async def test_the_server_says_what_it_is(client):
    stats = await client.get("/system_stats")
    assert "playground" in stats["system"]["comfyui_version"]
    assert "demo" in stats["devices"][0]["name"]
    assert stats["devices"][0]["vram_free"] < stats["devices"][0]["vram_total"]
    assert await client.get("/features") == {"supports_preview_metadata": True, "max_upload_size": 104857600}
    assert await client.send("POST", "/free", json={"unload_models": True}) == (200, "")


async def test_extra_definitions_are_served_validated_and_run(client_of, txt2img):
    info = {
        "input": {
            "required": {
                "image": ["IMAGE"],
                "model": ["MODEL"],
                "seed": ["INT", {"default": 0}],
                "steps": ["INT", {"min": 1}],
            }
        },
        "output": ["IMAGE"],
        "output_node": False,
        "name": "TiledUpscale",
    }
    graph = txt2img(steps=1)
    inputs = {"image": ["6", 0], "model": ["1", 0], "seed": 1, "steps": 3}
    graph["8"] = {"class_type": "TiledUpscale", "inputs": inputs}
    graph["7"]["inputs"]["images"] = ["8", 0]
    async with ComfyUIServer(draw=False, extra_definitions={"TiledUpscale": info}) as server:
        client = client_of(server)
        assert await client.get("/object_info/TiledUpscale") == {"TiledUpscale": info | {"input": info["input"]}}
        ear = await client.listen()
        await client.submit(graph)
        assert [line for line in await ear.until_end() if line.startswith("progress 8")] == [
            "progress 8:1/3",
            "progress 8:2/3",
            "progress 8:3/3",
        ]
        graph["8"]["inputs"]["steps"] = 0
        assert (await client.send("POST", "/prompt", json={"prompt": graph}))[0] == 400
