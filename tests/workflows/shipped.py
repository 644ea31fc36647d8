"""What is expected of each shipped workflow: its files, what it is saved with, and where its controls act."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from config.models import BotConfig
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.workflow import Workflow

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "workflows"
SHARED = ROOT.parent / "shared" / "comfyui" / "editor_format"

Graph = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Shipped:
    """One workflow.

    Attributes:
        type: what it is for.
        files: model files, without their ending.
        saved: parameter → value in the file.
        places: parameter → inputs that it drives, apart from pictures and LoRAs.
        images: the inputs for pictures, in order; none for a workflow that starts from nothing.
        stages: model loader → what it feeds, for each stage that LoRAs go into.
        starts_from_nothing: it makes pictures out of words, and can be given one to start from.
    """

    type: str
    files: frozenset[str]
    saved: dict[str, Any]
    places: dict[str, tuple[str, ...]]
    images: tuple[str, ...] = ()
    stages: tuple[tuple[str, str], ...] = (("model", "sampler"),)
    starts_from_nothing: bool = True


def sampled(*more: str, text: str = "text", **other: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The places in a graph with one `KSampler`, and those of the parameters that are named beside."""
    known = {
        "prompt": (f"prompt.{text}",),
        "negative_prompt": (f"negative.{text}",),
        "seed": ("sampler.seed",),
        "steps": ("sampler.steps",),
        "cfg": ("sampler.cfg",),
        "guidance": ("guidance.guidance",),
        "denoise": ("sampler.denoise",),
        "sampler": ("sampler.sampler_name",),
        "scheduler": ("sampler.scheduler",),
        "width": ("latent.width",),
        "height": ("latent.height",),
        "batch_size": ("latent.batch_size",),
    }
    return {name: known[name] for name in ("prompt", "seed", "steps", "cfg", "sampler", "scheduler", *more)} | other


def filmed(size: str) -> dict[str, tuple[str, ...]]:
    """The places in a graph with two stages, whose size and length are inputs of the node `size`."""

    def both(name: str) -> tuple[str, ...]:
        return f"sampler_high.{name}", f"sampler_low.{name}"

    handovers = ("sampler_high.end_at_step", "sampler_low.start_at_step", "sampler_low.end_at_step")
    return {
        "prompt": ("prompt.text",),
        "seed": ("sampler_high.noise_seed",),
        "steps": (*both("steps"), *handovers),
        "cfg": both("cfg"),
        "sampler": both("sampler_name"),
        "scheduler": both("scheduler"),
        **{name: (f"{size}.{name}",) for name in ("width", "height", "batch_size", "length")},
        "fps": ("frames.fps",),
    }


def wan(kind: str, version: str) -> frozenset[str]:
    models = {f"wan2.2_{kind}_{stage}_noise_14B_fp8_scaled" for stage in ("high", "low")}
    loras = {f"wan2.2_{kind}_lightx2v_4steps_lora_{version}_{stage}_noise" for stage in ("high", "low")}
    return frozenset(models | loras | {"umt5_xxl_fp8_e4m3fn_scaled", "wan_2.1_vae"})


NEGATIVE = {"negative_prompt": "blurry, low quality, distorted"}
SQUARE = {"width": 1024, "height": 1024, "batch_size": 1}
EULER = {"sampler": "euler", "scheduler": "simple"}
KARRAS = {"sampler": "dpmpp_2m", "scheduler": "karras"}
SIZE = ("width", "height", "batch_size")
FLUX = Shipped(
    "image",
    frozenset({"flux1-dev", "clip_l", "t5xxl_fp16", "ae"}),
    {"steps": 20, "cfg": 3.5, "guidance": 3.5, **EULER, **SQUARE},
    sampled("guidance", *SIZE, cfg=("guidance.guidance",)),
)
QWEN = {"qwen_2.5_vl_7b_fp8_scaled", "qwen_image_vae"}
WAN_SAVED = {"steps": 4, "cfg": 1.0, **EULER, "length": 81, "fps": 16.0, "batch_size": 1}
WAN_STAGES = (("model_high", "speed_high"), ("model_low", "speed_low"))


def qwen_edit(*images: str) -> Shipped:
    return Shipped(
        "edit",
        frozenset({"qwen_image_edit_2509_fp8_e4m3fn", *QWEN}),
        {"steps": 20, "cfg": 4.0, "denoise": 1.0, **EULER, **NEGATIVE},
        sampled("negative_prompt", "denoise", text="prompt"),
        images,
        (("model", "shift"),),
        starts_from_nothing=False,
    )


SHIPPED = {
    "flux_lora": FLUX,
    "flux_krea_lora": Shipped(
        "image",
        frozenset({"flux1-krea-dev_fp8_scaled", "clip_l", "t5xxl_fp16", "ae"}),
        {**FLUX.saved, "cfg": 4.5, "guidance": 4.5},
        FLUX.places,
    ),
    "hidream_lora": Shipped(
        "image",
        frozenset(
            {
                "hidream_i1_full_fp8",
                "clip_l_hidream",
                "clip_g_hidream",
                "t5xxl_fp8_e4m3fn_scaled",
                "llama_3.1_8b_instruct_fp8_scaled",
                "ae",
            }
        ),
        {"steps": 50, "cfg": 5.0, "sampler": "uni_pc", "scheduler": "simple", **SQUARE, **NEGATIVE},
        sampled("negative_prompt", *SIZE),
        stages=(("model", "shift"),),
    ),
    "sdxl": Shipped(
        "image",
        frozenset({"sd_xl_base_1.0"}),
        {"steps": 25, "cfg": 7.0, **KARRAS, **SQUARE, **NEGATIVE},
        sampled("negative_prompt", *SIZE),
        stages=(("checkpoint", "sampler"),),
    ),
    "qwen_image": Shipped(
        "image",
        frozenset({"qwen_image_fp8_e4m3fn", *QWEN}),
        {"steps": 20, "cfg": 4.0, **EULER, "width": 1328, "height": 1328, "batch_size": 1, **NEGATIVE},
        sampled("negative_prompt", *SIZE),
        stages=(("model", "shift"),),
    ),
    "z_image_turbo": Shipped(
        "image",
        frozenset({"z_image_turbo_bf16", "qwen_3_4b", "ae"}),
        {"steps": 8, "cfg": 1.0, "sampler": "res_multistep", "scheduler": "simple", **SQUARE},
        sampled(*SIZE),
        stages=(("model", "shift"),),
    ),
    "flux_kontext_edit": Shipped(
        "edit",
        frozenset({"flux1-dev-kontext_fp8_scaled", "clip_l", "t5xxl_fp8_e4m3fn_scaled", "ae"}),
        {"steps": 20, "cfg": 2.5, "guidance": 2.5, "denoise": 1.0, **EULER},
        sampled("guidance", "denoise", cfg=("guidance.guidance",)),
        ("image.image",),
        starts_from_nothing=False,
    ),
    "qwen_image_edit": qwen_edit("image.image"),
    "qwen_image_edit_2": qwen_edit("image_1.image", "image_2.image"),
    "qwen_image_edit_3": qwen_edit("image_1.image", "image_2.image", "image_3.image"),
    "upscale": Shipped(
        "upscale",
        frozenset({"RealESRGAN_x4plus", "sd_xl_base_1.0"}),
        {"upscale_factor": 2.0, "denoise": 0.0, "steps": 25, "cfg": 7.0, **KARRAS, **NEGATIVE},
        sampled("negative_prompt", "denoise", upscale_factor=("factor.scale_by",)),
        ("image.image",),
        (("checkpoint", "sampler"),),
        starts_from_nothing=False,
    ),
    "video_wan_i2v": Shipped(
        "video",
        wan("i2v", "v1"),
        {**WAN_SAVED, "width": 640, "height": 640},
        filmed("video"),
        ("image.image",),
        WAN_STAGES,
        starts_from_nothing=False,
    ),
    "video_wan_t2v": Shipped(
        "video",
        wan("t2v", "v1.1"),
        {**WAN_SAVED, "width": 832, "height": 480},
        filmed("latent"),
        stages=WAN_STAGES,
        starts_from_nothing=False,
    ),
}


def graph_of(name: str) -> Graph:
    return orjson.loads((FOLDER / f"{name}.json").read_bytes())


@cache
def configured() -> BotConfig:
    return BotConfig.model_validate(orjson.loads((ROOT / "config.json").read_bytes()))


@cache
def workflow_of(name: str) -> Workflow:
    """A workflow as the shipped settings have it."""
    return WorkflowManager(FOLDER, configured().workflows).get(name)


def differences(before: Graph, after: Graph) -> dict[str, Any]:
    """Place → value for all that differs in the inputs of two graphs of the same nodes."""
    assert before.keys() == after.keys()
    return {
        f"{node_id}.{field}": value
        for node_id, node in after.items()
        for field, value in node["inputs"].items()
        if value != before[node_id]["inputs"].get(field)
    }
