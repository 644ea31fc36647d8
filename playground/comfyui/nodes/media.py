"""Definitions of the nodes that save pictures and videos, or show what there is."""

from __future__ import annotations

from collections.abc import Mapping

from .wire import Definition, Spec, boolean, choice, combo, integer, node, number, saver, text


def _prefix(default: str = "ComfyUI", **options: bool) -> Mapping[str, Spec]:
    return {"filename_prefix": text(default, **options)}


def _frames(default: float) -> Spec:
    return number(default, 0.01, 1000.0, step=0.01)


MEDIA: tuple[Definition, ...] = (
    saver("SaveImage", "image", (), {"images": "IMAGE", **_prefix()}, title="Save Image"),
    saver("PreviewImage", "image", (), {"images": "IMAGE"}, title="Preview Image"),
    node("SaveImageWebsocket", "api/image", (), {"images": "IMAGE"}, output_node=True),
    saver(
        "SaveAnimatedWEBP",
        "image/animation",
        (),
        {
            "images": "IMAGE",
            **_prefix(),
            "fps": _frames(6.0),
            "lossless": boolean(True),
            "quality": integer(80, 0, 100),
            "method": combo("default", "fastest", "slowest"),
        },
    ),
    saver(
        "SaveAnimatedPNG",
        "image/animation",
        (),
        {"images": "IMAGE", **_prefix(), "fps": _frames(6.0), "compress_level": integer(4, 0, 9)},
    ),
    saver(
        "SaveWEBM",
        "image/video",
        (),
        {
            "images": "IMAGE",
            **_prefix(multiline=False),
            "codec": choice("vp9", "av1"),
            "fps": _frames(24.0),
            "crf": number(32.0, 0, 63.0, step=1),
        },
        schema=True,
    )
    | {"experimental": True},
    saver(
        "SaveVideo",
        "image/video",
        (),
        {
            "video": "VIDEO",
            **_prefix("video/ComfyUI", multiline=False),
            "format": choice("auto", "mp4", default="auto"),
            "codec": choice("auto", "h264", default="auto"),
        },
        title="Save Video",
        schema=True,
    ),
    node(
        "CreateVideo",
        "image/video",
        ("VIDEO",),
        {"images": "IMAGE", "fps": number(30.0, 1.0, 120.0, step=1.0)},
        title="Create Video",
        optional={"audio": "AUDIO"},
        schema=True,
    ),
    saver("SaveLatent", "_for_testing", (), {"samples": "LATENT", **_prefix("latents/ComfyUI")}),
    node("PreviewAny", "utils", (), {"source": "*"}, title="Preview Any", output_node=True),
)
