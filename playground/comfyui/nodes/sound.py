"""Definitions of the nodes that make sound, and of those that read and write it."""

from __future__ import annotations

from .wire import MAX_SEED, Definition, Spec, batch, combo, files, integer, node, number, prompt, saver, text


def _seconds(default: float) -> Spec:
    return number(default, 1.0, 1000.0, step=0.1)


def _since(default: float) -> Spec:
    return number(default, 0.0, 1000.0, step=0.1)


def _saved(**quality: Spec) -> dict[str, Spec | str]:
    return {"audio": "AUDIO", "filename_prefix": text("audio/ComfyUI"), **quality}


SOUND: tuple[Definition, ...] = (
    node(
        "EmptyLatentAudio",
        "latent/audio",
        ("LATENT",),
        {"seconds": _seconds(47.6), "batch_size": batch()},
        title="Empty Latent Audio",
    ),
    node(
        "EmptyAceStepLatentAudio",
        "latent/audio",
        ("LATENT",),
        {"seconds": _seconds(120.0), "batch_size": batch()},
        schema=True,
    ),
    node(
        "TextEncodeAceStepAudio",
        "conditioning",
        ("CONDITIONING",),
        {"clip": "CLIP", "tags": prompt(), "lyrics": prompt(), "lyrics_strength": number(1.0, 0.0, 10.0, step=0.01)},
        schema=True,
    ),
    node(
        "ConditioningStableAudio",
        "conditioning",
        ("CONDITIONING", "CONDITIONING"),
        {
            "positive": "CONDITIONING",
            "negative": "CONDITIONING",
            "seconds_start": _since(0.0),
            "seconds_total": _since(47.0),
        },
        output_names=("positive", "negative"),
    ),
    node("VAEDecodeAudio", "latent/audio", ("AUDIO",), {"samples": "LATENT", "vae": "VAE"}, title="VAE Decode Audio"),
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
    saver("SaveAudio", "audio", (), _saved(), title="Save Audio (FLAC)"),
    saver(
        "SaveAudioMP3", "audio", (), _saved(quality=combo("V0", "128k", "320k", default="V0")), title="Save Audio (MP3)"
    ),
    saver(
        "SaveAudioOpus",
        "audio",
        (),
        _saved(quality=combo("64k", "96k", "128k", "192k", "320k", default="128k")),
        title="Save Audio (Opus)",
    ),
    saver("PreviewAudio", "audio", (), {"audio": "AUDIO"}, title="Preview Audio"),
)
