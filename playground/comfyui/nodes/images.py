"""Definitions of the nodes that read and change images, and of the primitives."""

from __future__ import annotations

from .wire import batch, choice, combo, files, integer, node, number, pixels, text

_METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
_LARGEST = 2**63 - 1

IMAGES = (
    node(
        "LoadImage",
        "image",
        ("IMAGE", "MASK"),
        {"image": files("input", image_upload=True)},
        title="Load Image",
    ),
    node(
        "LoadImageMask",
        "mask",
        ("MASK",),
        {"image": files("input", image_upload=True), "channel": combo("alpha", "red", "green", "blue")},
        title="Load Image (as Mask)",
    ),
    node(
        "EmptyImage",
        "image",
        ("IMAGE",),
        {
            "width": pixels(512, low=1, step=1),
            "height": pixels(512, low=1, step=1),
            "batch_size": batch(),
            "color": integer(0, 0, 0xFFFFFF, step=1, display="color"),
        },
    ),
    node(
        "ImageScale",
        "image/upscaling",
        ("IMAGE",),
        {
            "image": "IMAGE",
            "upscale_method": combo(*_METHODS),
            "width": pixels(512, low=0, step=1),
            "height": pixels(512, low=0, step=1),
            "crop": combo("disabled", "center"),
        },
        title="Upscale Image",
    ),
    node(
        "ImageScaleBy",
        "image/upscaling",
        ("IMAGE",),
        {
            "image": "IMAGE",
            "upscale_method": combo(*_METHODS),
            "scale_by": number(1.0, 0.01, 8.0, step=0.01),
        },
        title="Upscale Image By",
    ),
    node(
        "ImageScaleToTotalPixels",
        "image/upscaling",
        ("IMAGE",),
        {
            "image": "IMAGE",
            "upscale_method": choice(*_METHODS),
            "megapixels": number(1.0, 0.01, 16.0, step=0.01),
        },
        schema=True,
    ),
    node("FluxKontextImageScale", "advanced/conditioning/flux", ("IMAGE",), {"image": "IMAGE"}, schema=True),
    node(
        "ImageUpscaleWithModel",
        "image/upscaling",
        ("IMAGE",),
        {"upscale_model": "UPSCALE_MODEL", "image": "IMAGE"},
        title="Upscale Image (using Model)",
        schema=True,
    ),
    node(
        "GetImageSize",
        "image",
        ("INT", "INT", "INT"),
        {"image": "IMAGE"},
        title="Get Image Size",
        output_names=("width", "height", "batch_size"),
        hidden={"unique_id": "UNIQUE_ID"},
    ),
    node("ImageInvert", "image", ("IMAGE",), {"image": "IMAGE"}, title="Invert Image"),
    node("ImageBatch", "image", ("IMAGE",), {"image1": "IMAGE", "image2": "IMAGE"}, title="Batch Images"),
    node(
        "PrimitiveInt",
        "utils/primitive",
        ("INT",),
        {"value": integer(None, -_LARGEST, _LARGEST, control_after_generate=True)},
        title="Int",
        schema=True,
    ),
    node(
        "PrimitiveFloat",
        "utils/primitive",
        ("FLOAT",),
        {"value": number(None, -_LARGEST, _LARGEST)},
        title="Float",
        schema=True,
    ),
    node(
        "PrimitiveString",
        "utils/primitive",
        ("STRING",),
        {"value": text(multiline=False)},
        title="String",
        schema=True,
    ),
)
