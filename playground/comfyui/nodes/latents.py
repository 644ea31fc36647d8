"""Definitions of latents, and of the nodes between them and images."""

from __future__ import annotations

from .wire import MAX_RESOLUTION, Spec, batch, combo, integer, node, number, pixels

_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "bislerp")


def _tiles(step: int) -> dict[str, Spec]:
    return {
        "tile_size": integer(512, 64, 4096, step=step),
        "overlap": integer(64, 0, 4096, step=32),
        "temporal_size": integer(64, 8, 4096, step=4),
        "temporal_overlap": integer(8, 4, 4096, step=4),
    }


LATENTS = (
    node(
        "EmptyLatentImage",
        "latent",
        ("LATENT",),
        {"width": pixels(512), "height": pixels(512), "batch_size": batch()},
        title="Empty Latent Image",
    ),
    node(
        "EmptySD3LatentImage",
        "latent/sd3",
        ("LATENT",),
        {"width": pixels(1024, step=16), "height": pixels(1024, step=16), "batch_size": batch()},
        schema=True,
    ),
    node(
        "EmptyHunyuanLatentVideo",
        "latent/video",
        ("LATENT",),
        {
            "width": pixels(848, step=16),
            "height": pixels(480, step=16),
            "length": integer(25, 1, MAX_RESOLUTION, step=4),
            "batch_size": batch(),
        },
    ),
    node(
        "RepeatLatentBatch",
        "latent/batch",
        ("LATENT",),
        {"samples": "LATENT", "amount": integer(1, 1, 64)},
        title="Repeat Latent Batch",
    ),
    node(
        "LatentUpscale",
        "latent",
        ("LATENT",),
        {
            "samples": "LATENT",
            "upscale_method": combo(*_METHODS),
            "width": pixels(512, low=0),
            "height": pixels(512, low=0),
            "crop": combo("disabled", "center"),
        },
        title="Upscale Latent",
    ),
    node(
        "LatentUpscaleBy",
        "latent",
        ("LATENT",),
        {"samples": "LATENT", "upscale_method": combo(*_METHODS), "scale_by": number(1.5, 0.01, 8.0, step=0.01)},
        title="Upscale Latent By",
    ),
    node(
        "TrimVideoLatent",
        "latent/video",
        ("LATENT",),
        {"samples": "LATENT", "trim_amount": integer(0, 0, 99999)},
        schema=True,
    ),
    node("VAEDecode", "latent", ("IMAGE",), {"samples": "LATENT", "vae": "VAE"}, title="VAE Decode"),
    node("VAEEncode", "latent", ("LATENT",), {"pixels": "IMAGE", "vae": "VAE"}, title="VAE Encode"),
    node(
        "VAEDecodeTiled",
        "_for_testing",
        ("IMAGE",),
        {"samples": "LATENT", "vae": "VAE", **_tiles(step=32)},
        title="VAE Decode (Tiled)",
    ),
    node(
        "VAEEncodeTiled",
        "_for_testing",
        ("LATENT",),
        {"pixels": "IMAGE", "vae": "VAE", **_tiles(step=64)},
        title="VAE Encode (Tiled)",
    ),
)
