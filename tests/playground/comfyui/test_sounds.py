from __future__ import annotations

from array import array
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from playground.comfyui import ComfyUIServer
from playground.comfyui.encoding import NOTICE, media
from playground.comfyui.recipes import NodeError, Recipe
from playground.comfyui.sounds import samples

av = pytest.importorskip("av")

TUNE = Recipe(seconds=2.0, seed=1, prompt="calm piano", sampled=True)


def loudness(waves: bytes) -> int:
    return max(map(abs, array("h", waves)))


def test_a_tune_answers_to_seed_and_words_and_has_its_length():
    tune = samples(TUNE)
    assert len(tune) == 2 * 2 * 16000
    assert loudness(tune) > 5000
    assert tune == samples(TUNE)
    assert len({tune, samples(replace(TUNE, seed=2)), samples(replace(TUNE, prompt="sad piano"))}) == 3


def test_sound_that_nobody_sampled_is_silence():
    assert loudness(samples(Recipe(seconds=0.5))) == 0


@pytest.mark.parametrize(("extension", "codec"), [("flac", "flac"), ("mp3", "mp3"), ("opus", "opus")])
def test_a_file_of_sound_can_be_played_and_says_that_it_is_a_demo(extension, codec):
    with av.open(BytesIO(media(TUNE, extension, 8.0))) as file:
        (stream,) = file.streams
        assert stream.codec_context.name.startswith(codec)
        assert NOTICE in {**file.metadata, **stream.metadata}.values()
        assert sum(frame.samples / frame.sample_rate for frame in file.decode(stream)) == pytest.approx(2.0, abs=0.1)


def test_what_went_in_comes_out(tmp_path: Path):
    path = tmp_path / "in.flac"
    path.write_bytes(media(TUNE, "flac", 8.0))
    assert len(samples(Recipe(audio=path))) == pytest.approx(len(samples(TUNE)), rel=0.02)
    assert loudness(samples(Recipe(audio=path))) > 5000


def test_what_is_no_sound_fails_without_its_path(tmp_path: Path):
    (tmp_path / "in.flac").write_bytes(b"no sound")
    with pytest.raises(NodeError, match=r"^cannot read audio file 'in.flac'$"):
        samples(Recipe(audio=tmp_path / "in.flac"))


def test_a_video_with_sound_is_as_long_as_its_pictures():
    silent = Recipe(width=64, height=64, frames=8, color=0)
    with av.open(BytesIO(media(replace(silent, sound=TUNE), "mp4", 8.0))) as film:
        assert [stream.type for stream in film.streams] == ["video", "audio"]
        assert sum(frame.samples / frame.sample_rate for frame in film.decode(audio=0)) == pytest.approx(1.0, abs=0.1)


async def test_a_song_is_sampled_from_words_and_seconds(client_of):
    graph = {
        "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "ace_step_v1_3.5b.safetensors"}},
        "2": {
            "class_type": "TextEncodeAceStepAudio",
            "inputs": {"clip": ["1", 1], "tags": "calm piano", "lyrics": "", "lyrics_strength": 1.0},
        },
        "3": {"class_type": "EmptyAceStepLatentAudio", "inputs": {"seconds": 3.0, "batch_size": 1}},
        "4": {
            "class_type": "KSampler",
            "inputs": {
                "model": ["1", 0],
                "positive": ["2", 0],
                "negative": ["2", 0],
                "latent_image": ["3", 0],
                "seed": 5,
                "steps": 2,
                "cfg": 5.0,
                "sampler_name": "euler",
                "scheduler": "simple",
                "denoise": 1.0,
            },
        },
        "5": {"class_type": "VAEDecodeAudio", "inputs": {"samples": ["4", 0], "vae": ["1", 2]}},
        "6": {"class_type": "SaveAudio", "inputs": {"audio": ["5", 0], "filename_prefix": "audio/song"}},
    }
    async with ComfyUIServer() as server:
        entry = await client_of(server).run(graph)
        assert entry["status"]["completed"], entry["status"]["messages"][-1]
        with av.open(str(server.output_dir / "audio" / "song_00001_.flac")) as song:
            assert sum(frame.samples for frame in song.decode(audio=0)) / 44100 == pytest.approx(3.0, abs=0.1)
