from __future__ import annotations

import asyncio
from io import BytesIO

import pytest
from PIL import Image

from playground.comfyui import ComfyUIServer

AUDIO = {"class_type": "EmptyAudio", "inputs": {"duration": 1.0, "sample_rate": 44100, "channels": 2}}
FRAMES = {"class_type": "EmptyImage", "inputs": {"width": 8, "height": 8, "batch_size": 3, "color": 0}}
LATENT = {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
WEBP = {"fps": 6.0, "lossless": True, "quality": 80, "method": "default"}
VIDEO = {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "fps": 8.0}}
MP4 = {"format": "auto", "codec": "auto"}


@pytest.mark.parametrize(
    ("source", "name", "inputs", "shown"),
    [
        (FRAMES, "SaveImage", {"filename_prefix": "a/b"}, ("images", 3, "b_00001_.png", "a", "output")),
        (FRAMES, "PreviewImage", {}, ("images", 3, ".png", "", "temp")),
        (FRAMES, "SaveAnimatedWEBP", {"filename_prefix": "w", **WEBP}, ("images", 1, "w_00001_.webp", "", "output")),
        (
            FRAMES,
            "SaveAnimatedPNG",
            {"filename_prefix": "w", "fps": 6.0, "compress_level": 4},
            ("images", 1, "w_00001_.png", "", "output"),
        ),
        (
            FRAMES,
            "SaveWEBM",
            {"filename_prefix": "w", "codec": "vp9", "fps": 24.0, "crf": 32.0},
            ("images", 1, "w_00001_.webm", "", "output"),
        ),
        (AUDIO, "SaveAudio", {"filename_prefix": "audio/a"}, ("audio", 1, "a_00001_.flac", "audio", "output")),
        (
            AUDIO,
            "SaveAudioMP3",
            {"filename_prefix": "audio/m", "quality": "V0"},
            ("audio", 1, "m_00001_.mp3", "audio", "output"),
        ),
        (AUDIO, "PreviewAudio", {}, ("audio", 1, ".flac", "", "temp")),
        (
            LATENT,
            "SaveLatent",
            {"filename_prefix": "latents/L"},
            ("latents", 1, "L_00001_.latent", "latents", "output"),
        ),
    ],
    ids=lambda given: given if isinstance(given, str) else "",
)
async def test_what_a_node_leaves(client, server, source, name, inputs, shown):
    key, count, filename, subfolder, kind = shown
    linked = {"SaveLatent": "samples"}.get(name, "audio" if source is AUDIO else "images")
    graph = {"1": source, "2": {"class_type": name, "inputs": {linked: ["1", 0], **inputs}}}
    output = (await client.run(graph))["outputs"]["2"]
    assert output.keys() == ({key, "animated"} if count == 1 and key == "images" else {key})
    assert output.get("animated", [True]) == [True]
    assert len(output[key]) == count
    entry = output[key][0]
    assert entry["filename"].endswith(filename)
    assert (entry["subfolder"], entry["type"]) == (subfolder, kind)
    query = "&".join(f"{field}={value}" for field, value in entry.items())
    assert (await client.send("GET", f"/view?{query}"))[0] == 200


async def test_a_video_is_an_animated_image_in_its_subfolder(client):
    graph = {
        "1": FRAMES,
        "2": VIDEO,
        "3": {"class_type": "SaveVideo", "inputs": {"video": ["2", 0], "filename_prefix": "video/wan", **MP4}},
    }
    assert (await client.run(graph))["outputs"]["3"] == {
        "images": [{"filename": "wan_00001_.mp4", "subfolder": "video", "type": "output"}],
        "animated": [True],
    }


async def test_video_of_the_video_helper_suite_is_under_gifs(client_of):
    inputs = {"required": {"images": ["IMAGE"], "frame_rate": ["FLOAT", {"default": 8.0}]}}
    combine = {"input": inputs, "output": [], "output_node": True}
    graph = {"1": FRAMES, "2": {"class_type": "VHS_VideoCombine", "inputs": {"images": ["1", 0], "frame_rate": 8.0}}}
    async with ComfyUIServer(draw=False, extra_definitions={"VHS_VideoCombine": combine}) as server:
        shown = (await client_of(server).run(graph))["outputs"]["2"]
    assert shown["gifs"] == [{"filename": "AnimateDiff_00001_.mp4", "subfolder": "", "type": "output"}]


async def test_text_is_a_list_of_strings(client):
    graph = {
        "1": {"class_type": "PrimitiveString", "inputs": {"value": "hello world"}},
        "2": {"class_type": "PreviewAny", "inputs": {"source": ["1", 0]}},
        "3": {"class_type": "PreviewAny", "inputs": {"source": 7}},
    }
    outputs = (await client.run(graph))["outputs"]
    assert outputs == {"2": {"text": ["hello world"]}, "3": {"text": ["7"]}}


async def test_numbers_go_on_over_extensions_and_restarts(client, small, server):
    webp = {"class_type": "SaveAnimatedWEBP", "inputs": {"images": ["1", 0], "filename_prefix": "x", **WEBP}}

    async def names(graph):
        shown = (await client.run(graph))["outputs"]["2"]["images"]
        return [entry["filename"] for entry in shown]

    assert await names(small(prefix="x", batch_size=2)) == ["x_00001_.png", "x_00002_.png"]
    assert await names({"1": FRAMES, "2": webp}) == ["x_00003_.webp"]
    await server.kill()
    await server.revive()
    assert await names(small(prefix="x")) == ["x_00004_.png"]


async def test_a_primitive_sets_what_it_is_linked_to(client, txt2img):
    graph = txt2img(steps=["9", 0])
    graph["9"] = {"class_type": "PrimitiveInt", "inputs": {"value": 5}}
    ear = await client.listen()
    await client.submit(graph)
    assert "progress 5:5/5" in await ear.until_end()


async def test_what_works_in_tiles_tells_its_progress(client, txt2img):
    graph = txt2img(steps=1)
    tiles = {"tile_size": 512, "overlap": 64, "temporal_size": 64, "temporal_overlap": 8, "vae": ["1", 2]}
    graph["6"] = {"class_type": "VAEDecodeTiled", "inputs": {"samples": ["5", 0], **tiles}}
    graph["8"] = {"class_type": "VAEEncodeTiled", "inputs": {"pixels": ["6", 0], **tiles}}
    graph["7"] = {"class_type": "SaveLatent", "inputs": {"samples": ["8", 0], "filename_prefix": "L"}}
    ear = await client.listen()
    await client.submit(graph)
    assert {"progress 6:3/3", "progress 8:3/3"} <= set(await ear.until_end())


@pytest.fixture
async def drawn(client_of, small):
    """Run a graph on a drawing server; its first picture."""
    async with ComfyUIServer() as server:

        async def draw(graph, **more):
            entry = await client_of(server).run(graph, **more)
            assert entry["status"]["completed"], entry["status"]["messages"][-1]
            shown = next(iter(entry["outputs"].values()))
            content = (server.output_dir / shown["images"][-1]["filename"]).read_bytes()
            return Image.open(BytesIO(content))

        draw.server = server
        yield draw


async def test_drawn_pictures_hold_the_graph_and_have_the_size(drawn, txt2img):
    workflow = {"id": "wf-1", "nodes": []}
    picture = await drawn(txt2img(), extra_data={"extra_pnginfo": {"workflow": workflow}})
    assert picture.size == (64, 96)
    assert picture.text.keys() == {"prompt", "workflow", "Comment"}
    assert '"KSampler"' in picture.text["prompt"]


async def test_enlarging_is_true_and_follows_every_kind(drawn, txt2img, small):
    Image.new("RGB", (40, 20), "red").save(drawn.server.input_dir / "in.png")
    graph = small()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": "in.png"}}
    graph["2"]["inputs"]["images"] = ["3", 0]
    scaled = {"upscale_method": "lanczos", "image": ["1", 0]}
    for name, inputs, size in (
        ("ImageScaleBy", {"scale_by": 1.5}, (60, 30)),
        ("ImageScale", {"width": 80, "height": 0, "crop": "disabled"}, (80, 40)),
        ("ImageScale", {"width": 0, "height": 10, "crop": "disabled"}, (20, 10)),
        ("ImageScale", {"width": 0, "height": 0, "crop": "disabled"}, (40, 20)),
        ("ImageScaleToTotalPixels", {"megapixels": 0.01}, (145, 72)),
    ):
        graph["3"] = {"class_type": name, "inputs": scaled | inputs}
        assert (await drawn(graph)).size == size
    graph["4"] = {"class_type": "UpscaleModelLoader", "inputs": {"model_name": "RealESRGAN_x4plus.pth"}}
    graph["3"] = {"class_type": "ImageUpscaleWithModel", "inputs": {"upscale_model": ["4", 0], "image": ["1", 0]}}
    picture = await drawn(graph)
    assert picture.size == (160, 80)
    assert picture.getpixel((80, 10)) == (255, 0, 0)


def inpainting(txt2img, *, mask: tuple[str, int], encode: str) -> dict:
    """A graph that changes a masked part of a picture."""
    graph = txt2img(text="a blue sky")
    graph["8"] = {"class_type": "LoadImage", "inputs": {"image": "in.png"}}
    graph["9"] = {"class_type": "LoadImageMask", "inputs": {"image": "mask.png", "channel": "red"}}
    graph["4"] = {"class_type": "VAEEncode", "inputs": {"pixels": ["8", 0], "vae": ["1", 2]}}
    if encode == "SetLatentNoiseMask":
        graph["10"] = {"class_type": encode, "inputs": {"samples": ["4", 0], "mask": list(mask)}}
    elif encode == "VAEEncodeForInpaint":
        inputs = {"pixels": ["8", 0], "vae": ["1", 2], "mask": list(mask), "grow_mask_by": 0}
        graph["10"] = {"class_type": encode, "inputs": inputs}
    else:
        inputs = {"positive": ["2", 0], "negative": ["3", 0], "vae": ["1", 2], "pixels": ["8", 0], "mask": list(mask)}
        graph["10"] = {"class_type": encode, "inputs": inputs | {"noise_mask": True}}
        graph["5"]["inputs"] |= {"positive": ["10", 0], "negative": ["10", 1]}
    graph["5"]["inputs"]["latent_image"] = ["10", 2 if encode == "InpaintModelConditioning" else 0]
    return graph


@pytest.mark.parametrize("mask", [("8", 1), ("9", 0)], ids=["alpha", "file"])
@pytest.mark.parametrize("encode", ["SetLatentNoiseMask", "VAEEncodeForInpaint", "InpaintModelConditioning"])
async def test_inpainting_changes_what_is_masked_and_nothing_else(drawn, txt2img, mask, encode):
    picture = Image.new("RGBA", (160, 96), (255, 0, 0, 255))
    picture.paste((255, 0, 0, 0), (80, 0, 160, 96))
    picture.save(drawn.server.input_dir / "in.png")
    white = Image.new("RGB", (160, 96))
    white.paste("white", (80, 0, 160, 96))
    white.save(drawn.server.input_dir / "mask.png")
    changed = await drawn(inpainting(txt2img, mask=mask, encode=encode))
    assert changed.size == (160, 96)
    assert changed.getpixel((30, 40)) == (255, 0, 0)
    assert changed.getpixel((130, 10)) != (255, 0, 0)


async def test_drawn_previews_and_animations(client_of, txt2img):
    graph = txt2img(batch=3)
    graph["7"] = {"class_type": "SaveAnimatedWEBP", "inputs": {"images": ["6", 0], "filename_prefix": "a", **WEBP}}
    async with ComfyUIServer(previews=True) as server:
        client = client_of(server)
        ear = await client.listen()
        await client.submit(graph)
        await ear.until_end()
        preview = next(frame for frame in ear.frames if isinstance(frame, bytes))
        assert Image.open(BytesIO(preview[8:])).format == "JPEG"
        with Image.open(server.output_dir / "a_00001_.webp") as animation:
            assert animation.n_frames == 3


async def test_a_drawn_video_is_a_movie(client_of):
    pytest.importorskip("av")
    graph = {
        "1": FRAMES,
        "2": VIDEO,
        "3": {"class_type": "SaveVideo", "inputs": {"video": ["2", 0], "filename_prefix": "v", **MP4}},
    }
    async with ComfyUIServer() as server:
        await client_of(server).run(graph)
        assert b"avc1" in (server.output_dir / "v_00001_.mp4").read_bytes()


async def test_stopping_in_the_middle_of_a_picture_waits_for_the_thread(client_of, txt2img):
    graph = txt2img()
    graph["4"]["inputs"] |= {"width": 2048, "height": 2048}
    async with ComfyUIServer() as server:
        gate = server.pause("executing", node="7")
        await client_of(server).submit(graph)
        await gate.reached()
        gate.release()
        await asyncio.sleep(0)
    assert not server.root.exists()
