"""What is in the files that users send, and whether ComfyUI is given them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.exceptions import ValidationError
from core.validators.image import VALIDATORS
from core.validators.pictures import clean_picture
from utils.files import signature_of

_HEAD = 128
#: Kind of file → what its bytes may be → the extension under which it is sent on.
_PICTURES = {name: name for name in ("png", "jpg", "webp", "gif", "bmp")}
_FITS: Mapping[str, Mapping[str, str]] = {
    "images": _PICTURES,
    "masks": _PICTURES,
    "videos": {name: name for name in ("mp4", "mov", "webm", "mkv")},
    # Many programs write the signature of a video into a file that holds a sound alone.
    "audios": {**{name: name for name in ("mp3", "wav", "flac", "ogg", "m4a")}, "mp4": "m4a", "mov": "m4a"},
}


def inspect_file(kind: str, path: Path, *, max_megapixels: float) -> str:
    """Prove that a file is what it is sent as, and change it into what is sent on; the extension that it has then.

    Pictures are turned upright, and lose what is no part of them, such as where they were taken; of an animation the
    first frame is left. Decodes whole pictures: call it in a thread, and not in many at once.

    Args:
        kind: images, masks, videos or audios.
        path: the file; it is replaced.
        max_megapixels: millions of pixels that a picture, or a frame of a video, may have.

    Raises:
        ValidationError: the sentence says what is wrong with it.
        OSError: the file cannot be read or written.
    """
    with path.open("rb") as file:
        found = signature_of(file.read(_HEAD)) or ""
    extension = _FITS[kind].get(found)
    if extension is None:
        raise ValidationError(VALIDATORS[kind]().stranger, kind)
    if kind in ("images", "masks"):
        return clean_picture(kind, path, found, max_megapixels=max_megapixels)
    from core.validators.clips import check_clip

    check_clip(kind, path, found, max_megapixels=max_megapixels)
    return extension
