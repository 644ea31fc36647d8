"""Definitions of the nodes between a text or an image and the sampler's conditioning."""

from __future__ import annotations

from .wire import MAX_RESOLUTION, Spec, batch, integer, node, number, pixels, prompt

_GUIDANCE: Spec = number(3.5, 0.0, 100.0, step=0.1)
_POSITIVE_NEGATIVE = {"positive": "CONDITIONING", "negative": "CONDITIONING", "vae": "VAE"}


def _side(default: int) -> Spec:
    return integer(default, 0, MAX_RESOLUTION)


def _video_size() -> dict[str, Spec]:
    return {
        "width": pixels(832, step=16),
        "height": pixels(480, step=16),
        "length": integer(81, 1, MAX_RESOLUTION, step=4),
        "batch_size": batch(),
    }


CONDITIONING = (
    node(
        "CLIPTextEncode",
        "conditioning",
        ("CONDITIONING",),
        {"text": prompt(), "clip": "CLIP"},
        title="CLIP Text Encode (Prompt)",
    ),
    node(
        "CLIPTextEncodeFlux",
        "advanced/conditioning/flux",
        ("CONDITIONING",),
        {"clip": "CLIP", "clip_l": prompt(), "t5xxl": prompt(), "guidance": _GUIDANCE},
        schema=True,
    ),
    node(
        "CLIPTextEncodeSDXL",
        "advanced/conditioning",
        ("CONDITIONING",),
        {
            "clip": "CLIP",
            "width": _side(1024),
            "height": _side(1024),
            "crop_w": _side(0),
            "crop_h": _side(0),
            "target_width": _side(1024),
            "target_height": _side(1024),
            "text_g": prompt(),
            "text_l": prompt(),
        },
        schema=True,
    ),
    node(
        "FluxGuidance",
        "advanced/conditioning/flux",
        ("CONDITIONING",),
        {"conditioning": "CONDITIONING", "guidance": _GUIDANCE},
        schema=True,
    ),
    node("ConditioningZeroOut", "advanced/conditioning", ("CONDITIONING",), {"conditioning": "CONDITIONING"}),
    node(
        "ConditioningCombine",
        "conditioning",
        ("CONDITIONING",),
        {"conditioning_1": "CONDITIONING", "conditioning_2": "CONDITIONING"},
        title="Conditioning (Combine)",
    ),
    node(
        "ReferenceLatent",
        "advanced/conditioning/edit_models",
        ("CONDITIONING",),
        {"conditioning": "CONDITIONING"},
        optional={"latent": "LATENT"},
        schema=True,
    ),
    node(
        "TextEncodeQwenImageEdit",
        "advanced/conditioning",
        ("CONDITIONING",),
        {"clip": "CLIP", "prompt": prompt()},
        optional={"vae": "VAE", "image": "IMAGE"},
        schema=True,
    ),
    node(
        "TextEncodeQwenImageEditPlus",
        "advanced/conditioning",
        ("CONDITIONING",),
        {"clip": "CLIP", "prompt": prompt()},
        optional={"vae": "VAE", "image1": "IMAGE", "image2": "IMAGE", "image3": "IMAGE"},
        schema=True,
    ),
    node(
        "WanImageToVideo",
        "conditioning/video_models",
        ("CONDITIONING", "CONDITIONING", "LATENT"),
        _POSITIVE_NEGATIVE | _video_size(),
        optional={"clip_vision_output": "CLIP_VISION_OUTPUT", "start_image": "IMAGE"},
        output_names=("positive", "negative", "latent"),
        schema=True,
    ),
    node(
        "WanVaceToVideo",
        "conditioning/video_models",
        ("CONDITIONING", "CONDITIONING", "LATENT", "INT"),
        _POSITIVE_NEGATIVE | _video_size() | {"strength": number(1.0, 0.0, 1000.0, step=0.01)},
        optional={"control_video": "IMAGE", "control_masks": "MASK", "reference_image": "IMAGE"},
        output_names=("positive", "negative", "latent", "trim_latent"),
        schema=True,
    ),
)
