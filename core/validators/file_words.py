"""What is said of the files that users send: whole sentences for each kind."""

from __future__ import annotations

from typing import Protocol

from utils.language import Phrase, phrase


class FileWords(Protocol):
    """The sentences about one kind of file."""

    @property
    def damaged(self) -> Phrase: ...

    @property
    def empty(self) -> Phrase: ...

    def stranger(self, kinds: str) -> Phrase:
        """It is called one of its kind and is none; ``kinds`` are the extensions that will do."""
        ...

    def unfit(self, kinds: str) -> Phrase:
        """It is of another kind."""
        ...

    def oversized(self, megabytes: int) -> Phrase:
        """It is larger than so many MB."""
        ...


class PictureWords:
    damaged = phrase("The picture is incomplete or damaged: save it anew, and send that.")
    empty = phrase("The picture is empty: send it again.")

    def stranger(self, kinds: str) -> Phrase:
        return phrase("This file is not a picture, whatever its name says: send one of {kinds}.", kinds=kinds)

    def unfit(self, kinds: str) -> Phrase:
        return phrase("This is not a picture that can be used: send one of {kinds}.", kinds=kinds)

    def oversized(self, megabytes: int) -> Phrase:
        return phrase("The picture is larger than {most} MB: send a smaller one.", most=megabytes)


class VideoWords:
    damaged = phrase("The video is incomplete or damaged: save it anew, and send that.")
    empty = phrase("The video is empty: send it again.")

    def stranger(self, kinds: str) -> Phrase:
        return phrase("This file is not a video, whatever its name says: send one of {kinds}.", kinds=kinds)

    def unfit(self, kinds: str) -> Phrase:
        return phrase("This is not a video that can be used: send one of {kinds}.", kinds=kinds)

    def oversized(self, megabytes: int) -> Phrase:
        return phrase("The video is larger than {most} MB: send a smaller one.", most=megabytes)


class SoundWords:
    damaged = phrase("The sound is incomplete or damaged: save it anew, and send that.")
    empty = phrase("The sound is empty: send it again.")

    def stranger(self, kinds: str) -> Phrase:
        return phrase("This file is not a sound, whatever its name says: send one of {kinds}.", kinds=kinds)

    def unfit(self, kinds: str) -> Phrase:
        return phrase("This is not a sound that can be used: send one of {kinds}.", kinds=kinds)

    def oversized(self, megabytes: int) -> Phrase:
        return phrase("The sound is larger than {most} MB: send a smaller one.", most=megabytes)
