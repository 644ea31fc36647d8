"""Definitions of the output nodes, and of video and audio."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from .wire import MAX_SEED, Definition, Spec, boolean, choice, combo, files, integer, node, number, text

_save = partial(node, output_node=True, hidden={"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"})


def _prefix(default: str = "ComfyUI", **options: bool) -> Mapping[str, Spec]:
    return {"filename_prefix": text(default, **options)}


def _frames(default: float) -> Spec:
    return number(default, 0.01, 1000.0, step=0.01)


MEDIA: tuple[Definition, ...] = (
    _save("SaveImage", "image", (), {"images": "IMAGE", **_prefix()}, title="Save Image"),
    _save("PreviewImage", "image", (), {"images": "IMAGE"}, title="Preview Image"),
    node("SaveImageWebsocket", "api/image", (), {"images": "IMAGE"}, output_node=True),
    _save(
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
    _save(
        "SaveAnimatedPNG",
        "image/animation",
        (),
        {"images": "IMAGE", **_prefix(), "fps": _frames(6.0), "compress_level": integer(4, 0, 9)},
    ),
    _save(
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
    _save(
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
    node(
        "EmptyAudio",
        "audio",
        ("AUDIO",),
        {
            "duration": number(60.0, 0.0, MAX_SEED, step=0.01),
            "sample_rate": integer(44100),
            "channels": integer(2, 1, 2),
        },
        title="Empty Audio",
    ),
    node("LoadAudio", "audio", ("AUDIO",), {"audio": files("input", audio_upload=True)}, title="Load Audio"),
    _save("SaveAudio", "audio", (), {"audio": "AUDIO", **_prefix("audio/ComfyUI")}, title="Save Audio (FLAC)"),
    _save(
        "SaveAudioMP3",
        "audio",
        (),
        {"audio": "AUDIO", **_prefix("audio/ComfyUI"), "quality": combo("V0", "128k", "320k", default="V0")},
        title="Save Audio (MP3)",
    ),
    _save("PreviewAudio", "audio", (), {"audio": "AUDIO"}, title="Preview Audio"),
    _save("SaveLatent", "_for_testing", (), {"samples": "LATENT", **_prefix("latents/ComfyUI")}),
    node("PreviewAny", "utils", (), {"source": "*"}, title="Preview Any", output_node=True),
)
