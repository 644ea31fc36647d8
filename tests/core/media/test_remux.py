from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest

from core.media.remux import remux
from tests.core.media.clips import GRAPH, noisy, sound

TAGS = {"prompt": GRAPH, "workflow": GRAPH, "comment": GRAPH, "title": GRAPH}


def packets(path: Path) -> list[tuple[int, int | None, bytes]]:
    with av.open(str(path)) as container:
        return [(p.stream.index, p.pts, bytes(p)) for p in container.demux() if p.size]


def bare(source: Path) -> Path:
    target = source.with_name(f"bare{source.suffix}")
    remux(source, target)
    assert b"class_type" in source.read_bytes()
    assert b"class_type" not in target.read_bytes()
    return target


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", {"sound": True}),
        ("a.mov", {"sound": True}),
        ("a.mkv", {"sound": True}),
        ("a.webm", {"codec": "libvpx-vp9"}),
        ("a.avi", {"codec": "mpeg4"}),
    ],
)
def test_a_video_is_copied_without_its_tags(tmp_path: Path, name: str, options: dict[str, Any]):
    source = noisy(tmp_path / name, tags=TAGS, **options)
    assert packets(bare(source)) == packets(source)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.flac", "flac"),
        ("a.mp3", "libmp3lame"),
        ("a.ogg", "libopus"),
        ("a.opus", "libopus"),
        ("a.m4a", "aac"),
        ("a.wav", "pcm_s16le"),
    ],
)
def test_a_sound_is_copied_without_its_tags(tmp_path: Path, name: str, codec: str):
    source = sound(tmp_path / name, codec, tags=TAGS)
    assert packets(bare(source)) == packets(source)


def test_transparency_of_a_webm_is_no_tag(tmp_path: Path):
    source = noisy(tmp_path / "a.webm", codec="libvpx-vp9", form="yuva420p", tags=TAGS)
    with av.open(str(bare(source))) as container:
        tags = {name.lower(): text for name, text in container.streams.video[0].metadata.items()}
    assert tags["alpha_mode"] == "1"


def test_an_attachment_is_left_out(tmp_path: Path):
    source = tmp_path / "a.mkv"
    plain = noisy(tmp_path / "plain.mkv")
    with av.open(str(plain)) as container, av.open(str(source), "w") as out:
        stream = out.add_stream_from_template(container.streams.video[0])
        out.add_attachment("workflow.json", "application/json", GRAPH.encode())
        for packet in container.demux(container.streams.video[0]):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    with av.open(str(bare(source))) as container:
        assert [stream.type for stream in container.streams] == ["video"]


def test_a_container_that_nobody_writes_is_refused(tmp_path: Path):
    source = noisy(tmp_path / "a.mp4")
    with pytest.raises(ValueError, match="cannot be written"):
        remux(source, tmp_path / "b.xyz")


@pytest.mark.parametrize("content", [b"", b"no video"])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes):
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(av.error.FFmpegError):
        remux(tmp_path / "a.mp4", tmp_path / "b.mp4")
