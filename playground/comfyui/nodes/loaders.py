"""Definitions of the nodes that load models."""

from __future__ import annotations

from .wire import Spec, combo, file_choice, files, node, number

_STRENGTH: Spec = number(1.0, -100.0, 100.0, step=0.01)
_CLIP_TYPES = (
    "stable_diffusion",
    "stable_cascade",
    "sd3",
    "stable_audio",
    "mochi",
    "ltxv",
    "pixart",
    "cosmos",
    "lumina2",
    "wan",
    "hidream",
    "chroma",
    "ace",
    "omnigen2",
    "qwen_image",
    "hunyuan_image",
)
_DUAL_CLIP_TYPES = ("sdxl", "sd3", "flux", "hunyuan_video", "hidream", "hunyuan_image")
_DEVICE = {"device": combo("default", "cpu", advanced=True)}


def _clip_names(count: int) -> dict[str, Spec]:
    return {f"clip_name{place}": file_choice("text_encoders") for place in range(1, count + 1)}


LOADERS = (
    node(
        "CheckpointLoaderSimple",
        "loaders",
        ("MODEL", "CLIP", "VAE"),
        {"ckpt_name": files("checkpoints")},
        title="Load Checkpoint",
    ),
    node(
        "UNETLoader",
        "advanced/loaders",
        ("MODEL",),
        {
            "unet_name": files("diffusion_models"),
            "weight_dtype": combo("default", "fp8_e4m3fn", "fp8_e4m3fn_fast", "fp8_e5m2"),
        },
        title="Load Diffusion Model",
    ),
    node(
        "CLIPLoader",
        "advanced/loaders",
        ("CLIP",),
        {"clip_name": files("text_encoders"), "type": combo(*_CLIP_TYPES)},
        title="Load CLIP",
        optional=_DEVICE,
    ),
    node(
        "DualCLIPLoader",
        "advanced/loaders",
        ("CLIP",),
        {
            "clip_name1": files("text_encoders"),
            "clip_name2": files("text_encoders"),
            "type": combo(*_DUAL_CLIP_TYPES),
        },
        optional=_DEVICE,
    ),
    node("TripleCLIPLoader", "advanced/loaders", ("CLIP",), _clip_names(3), schema=True),
    node("QuadrupleCLIPLoader", "advanced/loaders", ("CLIP",), _clip_names(4), schema=True),
    node("VAELoader", "loaders", ("VAE",), {"vae_name": files("vae")}, title="Load VAE"),
    node(
        "CLIPVisionLoader",
        "loaders",
        ("CLIP_VISION",),
        {"clip_name": files("clip_vision")},
        title="Load CLIP Vision",
    ),
    node(
        "UpscaleModelLoader",
        "loaders",
        ("UPSCALE_MODEL",),
        {"model_name": file_choice("upscale_models")},
        title="Load Upscale Model",
        schema=True,
    ),
    node(
        "LoraLoader",
        "loaders",
        ("MODEL", "CLIP"),
        {
            "model": "MODEL",
            "clip": "CLIP",
            "lora_name": files("loras"),
            "strength_model": _STRENGTH,
            "strength_clip": _STRENGTH,
        },
        title="Load LoRA",
    ),
    node(
        "LoraLoaderModelOnly",
        "loaders",
        ("MODEL",),
        {"model": "MODEL", "lora_name": files("loras"), "strength_model": _STRENGTH},
    ),
)
