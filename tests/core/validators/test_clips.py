"""Videos and sounds that users send."""

from __future__ import annotations

import io
import struct
import sys
import wave
from fractions import Fraction
from pathlib import Path

import pytest

from core.exceptions import ValidationError
from core.validators.media import inspect_file


def video(kind: str = "mp4", codec: str = "mpeg4", size: tuple[int, int] = (64, 48), frames: int = 5) -> bytes:
    av = pytest.importorskip("av", reason="made by PyAV")
    out = io.BytesIO()
    with av.open(out, "w", format={"mkv": "matroska"}.get(kind, kind)) as container:
        stream = container.add_stream(codec, rate=Fraction(10))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            frame = av.VideoFrame(*size, "rgb24")
            for plane in frame.planes:
                plane.update(bytes([40 * number % 256]) * plane.buffer_size)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return out.getvalue()


def sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(struct.pack("<800h", *range(800)))
    return out.getvalue()


@pytest.fixture
def inspected(tmp_path: Path):
    def inspect(kind: str, data: bytes, max_megapixels: float = 50.0) -> str:
        (tmp_path / "sent").write_bytes(data)
        return inspect_file(kind, tmp_path / "sent", max_megapixels=max_megapixels)

    return inspect


@pytest.fixture
def without_av(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "mpeg4"), ("mov", "mpeg4"), ("mkv", "mpeg4"), ("webm", "libvpx")])
def test_a_video_is_opened_and_begun(inspected, kind: str, codec: str):
    assert inspected("videos", video(kind, codec)) == kind


def test_a_sound_is_opened_and_begun(inspected):
    assert inspected("audios", sound()) == "wav"


@pytest.mark.parametrize("kind", ["videos", "audios"])
def test_a_picture_is_neither(inspected, png_head: bytes, kind: str):
    with pytest.raises(ValidationError, match=r"not a (video|sound), whatever its name says") as caught:
        inspected(kind, png_head)
    assert caught.value.field == kind


@pytest.fixture
def png_head() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(100)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("videos", b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nhttp://127.0.0.1/secret\n"),
        ("videos", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("audios", b"[playlist]\nFile1=/etc/passwd\n"),
        ("videos", sound()),
    ],
)
def test_lists_of_other_files_and_other_kinds_are_refused(inspected, kind: str, data: bytes):
    with pytest.raises(ValidationError, match="whatever its name says"):
        inspected(kind, data)


def test_a_video_is_no_sound_though_it_may_be_called_one(inspected):
    with pytest.raises(ValidationError, match="not a sound"):
        inspected("audios", video())


def test_frames_may_have_no_more_pixels_than_pictures(inspected):
    data = video(size=(640, 480))
    assert inspected("videos", data, max_megapixels=0.31) == "mp4"
    with pytest.raises(ValidationError, match=r"has 640 × 480 pixels: send one of at most 0.3 million"):
        inspected("videos", data, max_megapixels=0.3)


@pytest.mark.parametrize("share", [0.01, 0.5])
def test_a_video_that_is_cut_off_is_refused(inspected, share: float):
    data = video()
    with pytest.raises(ValidationError, match="incomplete or damaged"):
        inspected("videos", data[: max(20, int(len(data) * share))])


@pytest.mark.usefixtures("without_av")
@pytest.mark.parametrize(
    ("kind", "head", "extension"),
    [
        ("videos", b"\0\0\0\x20ftypisom", "mp4"),
        ("videos", b"\0\0\0\x20ftypqt  ", "mov"),
        ("videos", b"\0\0\0\x08wide\0\0\0\0mdat", "mov"),
        ("videos", b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "webm"),
        ("audios", b"\0\0\0\x20ftypisom", "m4a"),
        ("audios", b"ID3\x04\0\0", "mp3"),
        ("audios", b"fLaC\0\0\0\x22", "flac"),
        ("audios", b"OggS\0\x02", "ogg"),
    ],
)
def test_without_pyav_the_first_bytes_say_what_it_is(inspected, kind: str, head: bytes, extension: str):
    assert inspected(kind, head + bytes(100)) == extension
    with pytest.raises(ValidationError):
        inspected({"videos": "audios", "audios": "videos"}[kind], b"\xff\xd8\xff" + bytes(100))
