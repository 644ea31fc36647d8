"""The server against what a real ComfyUI 0.3.64 said.

Whole conversations and answers are compared where the recordings are at hand; a small copy of each kind is in this
file and always compared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from playground.comfyui import ComfyUIServer
from playground.comfyui.nodes import TABLE, Folder

RECORDINGS = Path(__file__).parents[4] / "shared" / "comfyui" / "recordings"
MODELS = {
    "checkpoints": ["tiny_sd15.safetensors"],
    "diffusion_models": [
        "tiny_flux_dev.safetensors",
        "tiny_flux_kontext.safetensors",
        "tiny_qwen_image_edit.safetensors",
        *(f"tiny_wan2.1_{kind}.safetensors" for kind in ("i2v", "t2v", "vace")),
        *(f"tiny_wan2.2_i2v_{kind}_noise.safetensors" for kind in ("high", "low")),
    ],
    "text_encoders": [f"tiny_{name}.safetensors" for name in ("clip_l", "qwen_2.5_vl_7b", "t5xxl", "umt5_xxl")],
    "vae": [f"tiny_{name}.safetensors" for name in ("flux_ae", "qwen_image_vae", "wan_2.1_vae")],
    "upscale_models": ["tiny_4x_esrgan.pth", "tiny_4x_esrgan.safetensors"],
}
LORAS = ["tiny_flux_lora.safetensors", "tiny_sd15_style.safetensors", "tiny_wan_lora.safetensors"]
INPUTS = ("example.png", "ref.png", "ref2.png")

INVERT = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "ref.png"}},
    "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "inv", "images": ["2", 0]}},
}
INVERT_STORY = [
    "status 0",
    "feature_flags",
    "status 1",
    "status 1",
    "execution_start",
    "execution_cached",
    "progress_state 1:running:0/1",
    "executing 1",
    "progress_state 1:finished:1/1",
    "progress_state 1:finished:1/1 2:running:0/1",
    "executing 2",
    "progress_state 1:finished:1/1 2:finished:1/1",
    "progress_state 1:finished:1/1 2:finished:1/1 3:running:0/1",
    "executing 3",
    "executed 3 images:1",
    "progress_state 1:finished:1/1 2:finished:1/1 3:finished:1/1",
    "execution_success",
    "status 0",
    "executing None",
]
UNKNOWN_SAMPLER = {
    "type": "value_not_in_list",
    "message": "Value not in list",
    "details": "sampler_name: 'nope' not in (list of length 42)",
    "extra_info": {"input_name": "sampler_name", "input_config": None, "received_value": "nope"},
}
KSAMPLER_STEPS = ["INT", {"default": 20, "min": 1, "max": 10000}]


def recorded(path: str) -> Any:
    return json.loads((RECORDINGS / path).read_text())


def conversations(tell) -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    """Name, graph and story of every recorded run, in the order in which they ran (caches carry over)."""
    runs = []
    for path in RECORDINGS.glob("transcripts/all_*.jsonl"):
        name = path.stem.removeprefix("all_")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        start = next(
            line["msg"]["data"]["timestamp"] for line in lines if line.get("msg", {}).get("type") == "execution_start"
        )
        story = [
            f"binary {line['event']}" if line.get("binary") else tell(line["msg"])
            for line in lines
            if "msg" in line or line.get("binary")
        ]
        runs.append((start, name, recorded(f"workflows/{name}.json"), story))
    for _, name, graph, story in sorted(runs, key=lambda run: run[0]):
        yield name, graph, story


def plain(value: Any) -> Any:
    """Without tooltips, and with tracebacks told only by their presence."""
    if isinstance(value, dict):
        return {
            key: bool(item) if key == "traceback" else plain(item) for key, item in value.items() if key != "tooltip"
        }
    return [plain(item) for item in value] if isinstance(value, list) else value


@pytest.fixture
async def server():
    async with ComfyUIServer(draw=False, models=MODELS, loras=LORAS) as server:
        for name in INPUTS:
            Image.new("L", (16, 16)).save(server.input_dir / name)
        for name in ("corrupt.png", "tone.wav"):
            (server.input_dir / name).write_bytes(b"neither")
        yield server


async def test_whole_conversations_are_the_same_event_for_event(client, server, tell):
    for name, graph, story in [("built in", INVERT, INVERT_STORY), *conversations(tell)]:
        if name == "nomodel_invert":
            await client.run({"1": {"class_type": "PreviewAny", "inputs": {"source": "to empty the cache"}}})
        server.settings.previews = any(line.startswith("binary") for line in story)
        server.faults.clear()
        if name == "err_wrong_vae":
            server.faults.fail_node("VAEDecode", "tuple index out of range", "IndexError")
        ear = await client.listen(name, flags="feature_flags" in story)
        await client.submit(graph, name)
        await ear.until_end()
        assert ear.story == story, name
        await ear.socket.close()


async def test_history_has_the_recorded_shape(client, server):
    for path in RECORDINGS.glob("history/*.json"):
        name = path.stem
        if not (RECORDINGS / "workflows" / f"{name}.json").exists() or name.startswith("err"):
            continue
        (real,) = json.loads(path.read_text()).values()
        mine = await client.run(recorded(f"workflows/{name}.json"))
        assert mine.keys() == real.keys()
        assert mine["status"].keys() == real["status"].keys()
        assert [message[0] for message in mine["status"]["messages"]] == [
            message[0] for message in real["status"]["messages"]
        ]
        assert mine["meta"] == real["meta"]
        assert shapes(mine["outputs"]) == shapes(real["outputs"]), name
    mine = await client.run(INVERT)
    assert shapes(mine["outputs"]) == {"3": {"images": [(".png", "", "output")]}}


def shapes(outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        node: {
            media: [
                (Path(item["filename"]).suffix, item["subfolder"], item["type"]) if isinstance(item, dict) else item
                for item in items
            ]
            for media, items in shown.items()
        }
        for node, shown in outputs.items()
    }


def broken(txt2img) -> dict[str, Any]:
    """The requests behind the recorded refusals, by their names."""

    def graph(node: str = "5", **inputs: Any) -> dict[str, Any]:
        made = txt2img()
        made["1"]["inputs"]["ckpt_name"] = "tiny_sd15.safetensors"
        made[node]["inputs"] |= inputs
        return made

    def without(node: str, key: str) -> dict[str, Any]:
        made = graph()
        del made[node][key]
        return made

    def missing(name: str) -> dict[str, Any]:
        made = graph()
        del made["5"]["inputs"][name]
        return made

    two = graph() | {
        "40": {"class_type": "LoadImage", "inputs": {"image": "absent.png"}},
        "41": {"class_type": "SaveImage", "inputs": {"filename_prefix": "x", "images": ["40", 0]}},
    }
    return {
        "missing_node_class": graph() | {"5": {"class_type": "NoSuchNode", "inputs": {}}},
        "no_class_type_key": without("5", "class_type"),
        "unknown_ckpt": graph("1", ckpt_name="absent.safetensors"),
        "unknown_sampler": graph(sampler_name="nope"),
        "missing_required_input": missing("seed"),
        "below_min": graph(steps=0),
        "above_max": graph(steps=99999),
        "seed_2pow64": graph(seed=2**64),
        "wrong_type_string_for_int": graph(steps="abc"),
        "numeric_string_for_int_ok?": graph(steps="3"),
        "null_value": graph(cfg=None),
        "link_type_mismatch": graph(model=["2", 0]),
        "link_to_missing_node": graph(model=["99", 0]),
        "bad_linked_input": graph(model=["1"]),
        "link_index_out_of_range": graph(model=["1", 9]),
        "width_not_step_multiple": graph("4", width=515),
        "width_below_min": graph("4", width=8),
        "extra_unknown_input": graph(nobody_knows=1),
        "empty_prompt": {},
        "no_outputs": without_output(graph()),
        "one_of_two_outputs_invalid": two,
        "cycle": graph(latent_image=["6", 0]),
        "ui_format_instead_of_api": {"nodes": [], "links": [], "version": 0.4},
    }


def without_output(graph: dict[str, Any]) -> dict[str, Any]:
    return {key: node for key, node in graph.items() if key != "7"}


async def test_refusals_have_the_recorded_bodies(client, txt2img):
    recordings = recorded("http_errors_and_files.json") if RECORDINGS.exists() else {}
    refusals = broken(txt2img)
    for name, graph in refusals.items():
        status, body = await client.send("POST", "/prompt", json={"prompt": graph})
        if name == "unknown_sampler":
            assert body["node_errors"]["5"]["errors"] == [UNKNOWN_SAMPLER]
        if name not in recordings:
            continue
        real = recordings[name]
        assert status == real["status"], name
        assert plain(body["node_errors"]) == plain(real["body"]["node_errors"]), name
        assert plain(body.get("error")) == plain(real["body"].get("error")), name


def facts(definition: dict[str, Any]) -> dict[str, Any]:
    """What of a definition is compared: everything but sentences, module names and lists of files."""
    kept = ("input_order", "output", "output_is_list", "output_name", "name", "display_name", "category", "output_node")
    inputs = {
        f"{group}.{name}": spec if isinstance(spec, str) else input_facts(spec)
        for group, specs in definition["input"].items()
        for name, spec in specs.items()
    }
    return {key: definition[key] for key in kept} | inputs


def input_facts(spec: list[Any]) -> list[Any]:
    options = {key: value for key, value in (spec[1] if len(spec) > 1 else {}).items() if key != "tooltip"}
    kind = spec[0]
    values = options.get("options", kind)
    if isinstance(values, Folder) or (isinstance(values, list) and any("tiny" in value for value in values)):
        options, kind = {}, "a model file"
    return [kind, options]


def test_definitions_are_those_of_the_real_server():
    real = recorded("get/object_info.json") if RECORDINGS.exists() else {}
    loaders = {"LoadImage", "LoadImageMask", "LoadAudio", "CLIPVisionLoader"}
    for name in (TABLE.keys() & real.keys()) - loaders:
        assert facts(TABLE[name]) == facts(real[name]), name
    assert not real or TABLE.keys() <= real.keys()
    assert TABLE["KSampler"]["input"]["required"]["steps"] == KSAMPLER_STEPS
    assert len(TABLE["KSampler"]["input"]["required"]["sampler_name"][0]) == 42
    assert len(TABLE) > 60
