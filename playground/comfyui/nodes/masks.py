"""Definitions of the nodes that make masks, and of those that let only a part of a picture change."""

from __future__ import annotations

from .wire import MAX_RESOLUTION, boolean, combo, integer, node

_CHANNELS = ("red", "green", "blue", "alpha")

MASKS = (
    node(
        "SetLatentNoiseMask",
        "latent/inpaint",
        ("LATENT",),
        {"samples": "LATENT", "mask": "MASK"},
        title="Set Latent Noise Mask",
    ),
    node(
        "VAEEncodeForInpaint",
        "latent/inpaint",
        ("LATENT",),
        {"pixels": "IMAGE", "vae": "VAE", "mask": "MASK", "grow_mask_by": integer(6, 0, 64, step=1)},
        title="VAE Encode (for Inpainting)",
    ),
    node(
        "InpaintModelConditioning",
        "conditioning/inpaint",
        ("CONDITIONING", "CONDITIONING", "LATENT"),
        {
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "vae": "VAE",
            "pixels": "IMAGE",
            "mask": "MASK",
            "noise_mask": boolean(True),
        },
        output_names=("positive", "negative", "latent"),
    ),
    node(
        "ImageToMask",
        "mask",
        ("MASK",),
        {"image": "IMAGE", "channel": combo(*_CHANNELS)},
        title="Convert Image to Mask",
    ),
    node("MaskToImage", "mask", ("IMAGE",), {"mask": "MASK"}, title="Convert Mask to Image"),
    node("InvertMask", "mask", ("MASK",), {"mask": "MASK"}),
    node(
        "GrowMask",
        "mask",
        ("MASK",),
        {
            "mask": "MASK",
            "expand": integer(0, -MAX_RESOLUTION, MAX_RESOLUTION, step=1),
            "tapered_corners": boolean(True),
        },
    ),
)
