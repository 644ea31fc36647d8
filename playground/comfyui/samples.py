"""The smallest files of each type, for servers that do not draw: one pixel, or no more than a header."""

from __future__ import annotations

from base64 import b64decode

SAMPLES: dict[str, bytes] = {
    "png": b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNoAAAAggCB2kUIOwAAAABJRU5ErkJggg=="),
    "jpg": b64decode(
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////"
        "////////////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8A"
        "P//Z"
    ),
    "webp": b64decode("UklGRh4AAABXRUJQVlA4TBEAAAAvAAAAAAdQwAIWsP+BiOh/AAA="),
    "mp4": bytes.fromhex("00000018667479706d703432000000006d70343269736f6d000000086d646174"),
    "webm": bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806780"),
    "flac": b"fLaC" + bytes.fromhex("80000022100010000000000000000ac442f000000000") + bytes(16),
    "mp3": bytes.fromhex("fffb10c4") + bytes(100),
    "opus": b"OggS" + bytes(24),
    "latent": (2).to_bytes(8, "little") + b"{}",
}
