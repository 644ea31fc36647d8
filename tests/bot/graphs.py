"""Small workflows as a user would put them into the folder."""

from __future__ import annotations

from typing import Any

Graph = dict[str, dict[str, Any]]


def node(node_class: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": node_class, "inputs": inputs, "_meta": {"title": node_class}}


def sampler(latent: list[Any], *, steps: int = 4) -> dict[str, Any]:
    return node(
        "KSampler",
        model=["1", 0],
        positive=["2", 0],
        negative=["3", 0],
        latent_image=latent,
        seed=1,
        steps=steps,
        cfg=7.0,
        sampler_name="euler",
        scheduler="normal",
        denoise=0.6,
    )


def _painted(latent: list[Any]) -> Graph:
    return {
        "1": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
        "2": node("CLIPTextEncode", text="", clip=["1", 1]),
        "3": node("CLIPTextEncode", text="", clip=["1", 1]),
        "4": sampler(latent),
        "5": node("VAEDecode", samples=["4", 0], vae=["1", 2]),
    }


def _from_picture() -> Graph:
    return _painted(["7", 0]) | {
        "6": node("LoadImage", image="start.png"),
        "7": node("VAEEncode", pixels=["6", 0], vae=["1", 2]),
    }


def save(images: list[Any], prefix: str = "out") -> dict[str, Any]:
    return node("SaveImage", images=images, filename_prefix=prefix)


def paint() -> Graph:
    """Words → picture, with a negative prompt."""
    size = node("EmptyLatentImage", width=512, height=512, batch_size=1)
    return _painted(["6", 0]) | {"6": size, "9": save(["5", 0])}


def edit() -> Graph:
    """Picture and words → picture."""
    return _from_picture() | {"9": save(["5", 0])}


def upscale() -> Graph:
    """Picture → picture; there is nothing to choose."""
    return {
        "1": node("LoadImage", image="start.png"),
        "2": node("ImageInvert", image=["1", 0]),
        "3": save(["2", 0]),
    }


def animate() -> Graph:
    """Picture and words → video."""
    return _from_picture() | {
        "8": node("CreateVideo", images=["5", 0], fps=8.0),
        "9": node("SaveVideo", video=["8", 0], filename_prefix="video/x", format="auto", codec="auto"),
    }


def sound() -> Graph:
    """Words → picture, and a sound beside it."""
    return paint() | {
        "10": node("EmptyAudio", duration=1.0, sample_rate=44100, channels=2),
        "11": node("SaveAudio", audio=["10", 0], filename_prefix="audio/x"),
    }


def told() -> Graph:
    """Words → picture, and a text beside it."""
    return paint() | {
        "10": node("PrimitiveString", value="**caption** @everyone"),
        "11": node("PreviewAny", source=["10", 0]),
    }


def previewed() -> Graph:
    """Words → a preview, and nothing else."""
    return paint() | {"9": node("PreviewImage", images=["5", 0])}


def twice() -> Graph:
    """Words → two pictures by two nodes."""
    return paint() | {"10": node("ImageInvert", image=["5", 0]), "11": save(["10", 0], "inverted")}


ACTIONS = {
    "upscale": upscale(),
    "flux_kontext_edit": edit(),
    "qwen_image_edit": edit(),
    "video_wan_i2v": animate(),
}
