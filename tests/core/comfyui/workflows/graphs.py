"""Small graphs to test with."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

SHARED = Path(__file__).resolve().parents[5] / "shared" / "comfyui" / "editor_format"
"""Labelled graphs, where they lie beside the checkout."""

Graph = dict[str, dict[str, Any]]


def node(class_type: str, title: str | None = None, /, **inputs: Any) -> dict[str, Any]:
    """A node; input names that are no identifiers are given with two underscores for a dot."""
    made: dict[str, Any] = {
        "class_type": class_type,
        "inputs": {name.replace("__", "."): value for name, value in inputs.items()},
    }
    return made | {"_meta": {"title": title}} if title else made


def sampler(**changes: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "seed": 5,
        "steps": 20,
        "cfg": 7.5,
        "sampler_name": "euler",
        "scheduler": "normal",
        "denoise": 1.0,
        "model": ["4", 0],
        "positive": ["6", 0],
        "negative": ["7", 0],
        "latent_image": ["5", 0],
    }
    return node("KSampler", **{**inputs, **changes})


def plain() -> Graph:
    """Text to image from a checkpoint."""
    return {
        "3": sampler(),
        "4": node("CheckpointLoaderSimple", ckpt_name="model.safetensors"),
        "5": node("EmptyLatentImage", width=512, height=768, batch_size=1),
        "6": node("CLIPTextEncode", text="a fox", clip=["4", 1]),
        "7": node("CLIPTextEncode", text="blurry", clip=["4", 1]),
        "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
        "9": node("SaveImage", filename_prefix="x", images=["8", 0]),
    }


def styled() -> Graph:
    """`plain` with two style LoRAs in a chain."""
    graph = plain()
    graph["l1"] = node(
        "LoraLoader", lora_name="ink_style.safetensors", strength_model=0.5, strength_clip=0.4,
        model=["4", 0], clip=["4", 1],
    )  # fmt: skip
    graph["l2"] = node(
        "LoraLoader", lora_name="watercolor.safetensors", strength_model=0.7, strength_clip=0.7,
        model=["l1", 0], clip=["l1", 1],
    )  # fmt: skip
    graph["3"]["inputs"]["model"] = ["l2", 0]
    graph["6"]["inputs"]["clip"] = ["l2", 1]
    graph["7"]["inputs"]["clip"] = ["l2", 1]
    return graph


def two_stages() -> Graph:
    """A video model in two stages, each with the speed LoRA it needs; the second adds no noise."""
    shared: dict[str, Any] = {
        "steps": 4, "cfg": 1, "sampler_name": "euler", "scheduler": "simple", "positive": ["cond", 0],
        "negative": ["cond", 1],
    }  # fmt: skip
    return {
        "12:1": node("UNETLoader", unet_name="high.safetensors", weight_dtype="default"),
        "12:2": node("UNETLoader", unet_name="low.safetensors", weight_dtype="default"),
        "clip": node("CLIPLoader", clip_name="text.safetensors", type="wan"),
        "vae": node("VAELoader", vae_name="vae.safetensors"),
        "fast1": node(
            "LoraLoaderModelOnly", lora_name="lightx2v_high.safetensors", strength_model=1.0, model=["12:1", 0],
        ),
        "fast2": node(
            "LoraLoaderModelOnly", lora_name="lightx2v_low.safetensors", strength_model=1.0, model=["12:2", 0],
        ),
        "pos": node("CLIPTextEncode", text="a cat jumps", clip=["clip", 0]),
        "neg": node("CLIPTextEncode", text="still", clip=["clip", 0]),
        "cond": node(
            "WanImageToVideo", width=640, height=640, length=81, batch_size=1, positive=["pos", 0],
            negative=["neg", 0], vae=["vae", 0], start_image=["img", 0],
        ),
        "img": node("LoadImage", image="start.png"),
        "first": node(
            "KSamplerAdvanced", add_noise="enable", noise_seed=7, start_at_step=0, end_at_step=2,
            return_with_leftover_noise="enable", model=["fast1", 0], latent_image=["cond", 2], **shared,
        ),
        "second": node(
            "KSamplerAdvanced", add_noise="disable", noise_seed=0, start_at_step=2, end_at_step=10000,
            return_with_leftover_noise="disable", model=["fast2", 0], latent_image=["first", 0], **shared,
        ),
        "decode": node("VAEDecode", samples=["second", 0], vae=["vae", 0]),
        "video": node("CreateVideo", fps=16, images=["decode", 0]),
        "save": node("SaveVideo", filename_prefix="v", format="auto", codec="auto", video=["video", 0]),
    }  # fmt: skip


def guided() -> Graph:
    """Flux by its parts: guider, noise, sigmas and sampler are nodes of their own; values come from primitives."""
    return {
        "unet": node("UNETLoader", unet_name="flux.safetensors", weight_dtype="default"),
        "flow": node("ModelSamplingFlux", max_shift=1.15, base_shift=0.5, width=1024, height=768, model=["unet", 0]),
        "clip": node("DualCLIPLoader", clip_name1="a", clip_name2="b", type="flux"),
        "words": node("PrimitiveString", "Prompt", value="a fox"),
        "text": node("CLIPTextEncode", text=["words", 0], clip=["clip", 0]),
        "guide": node("FluxGuidance", guidance=3.5, conditioning=["text", 0]),
        "guider": node("BasicGuider", model=["flow", 0], conditioning=["guide", 0]),
        "noise": node("RandomNoise", noise_seed=3),
        "which": node("KSamplerSelect", sampler_name="euler"),
        "count": node("PrimitiveInt", value=20),
        "sigmas": node("BasicScheduler", scheduler="simple", steps=["count", 0], denoise=1.0, model=["flow", 0]),
        "latent": node("EmptySD3LatentImage", width=1024, height=768, batch_size=1),
        "run": node(
            "SamplerCustomAdvanced", noise=["noise", 0], guider=["guider", 0], sampler=["which", 0],
            sigmas=["sigmas", 0], latent_image=["latent", 0],
        ),
        "vae": node("VAELoader", vae_name="ae"),
        "decode": node("VAEDecode", samples=["run", 0], vae=["vae", 0]),
        "save": node("SaveImage", filename_prefix="f", images=["decode", 0]),
    }  # fmt: skip


def edit() -> Graph:
    """Two pictures and words become one picture."""
    graph = plain()
    graph["a"] = node("LoadImage", image="a.png")
    graph["b"] = node("LoadImage", image="b.png")
    graph["unused"] = node("LoadImage", image="c.png")
    graph["6"] = node(
        "TextEncodeQwenImageEditPlus", prompt="swap them", clip=["4", 1], vae=["4", 2],
        image2=["a", 0], image1=["b", 0],
    )  # fmt: skip
    graph["5"] = node("VAEEncode", pixels=["b", 0], vae=["4", 2])
    return graph


def upscale() -> Graph:
    """No sampler, no words."""
    return {
        "in": node("LoadImage", image="small.png"),
        "model": node("UpscaleModelLoader", model_name="x4.pth"),
        "up": node("ImageUpscaleWithModel", upscale_model=["model", 0], image=["in", 0]),
        "out": node("SaveImage", filename_prefix="u", images=["up", 0]),
    }


SAMPLES = {
    "plain": plain, "styled": styled, "two_stages": two_stages, "guided": guided, "edit": edit, "upscale": upscale,
}  # fmt: skip


def with_inputs(graph: Graph, node_id: str, **inputs: Any) -> Graph:
    """A copy with some inputs of a node changed."""
    graph = copy.deepcopy(graph)
    graph[node_id]["inputs"].update(inputs)
    return graph


def renamed(graph: Graph, names: dict[str, str]) -> Graph:
    """A copy in which the nodes have other ids."""

    def value(old: Any) -> Any:
        return [names.get(old[0], old[0]), old[1]] if isinstance(old, list) else old

    return {
        names.get(node_id, node_id): {
            **node, "inputs": {name: value(old) for name, old in node["inputs"].items()},
        }
        for node_id, node in graph.items()
    }  # fmt: skip
