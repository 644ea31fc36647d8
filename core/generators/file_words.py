"""What is said of the files that a workflow takes: whole sentences for each kind."""

from __future__ import annotations

from utils.language import Phrase, phrase, phrase_n


def counted(kind: str, n: int) -> Phrase:
    """So many files of a kind, as one of the things that go in."""
    match kind:
        case "images":
            return phrase_n("{n} picture", "{n} pictures", n)
        case "masks":
            return phrase_n("{n} mask", "{n} masks", n)
        case "videos":
            return phrase_n("{n} video", "{n} videos", n)
        case _:
            return phrase_n("{n} sound", "{n} sounds", n)


def refused(kind: str, workflow: str, room: int) -> Phrase:
    """More of a kind were sent than there is room for."""
    if not room:
        return _none_taken(kind, workflow)
    match kind:
        case "images":
            return phrase_n(
                'The workflow "{workflow}" takes {n} picture only; leave the others out or choose another workflow.',
                'The workflow "{workflow}" takes {n} pictures only; leave the others out or choose another workflow.',
                room,
                workflow=workflow,
            )
        case "masks":
            return phrase_n(
                'The workflow "{workflow}" takes {n} mask only; leave the others out or choose another workflow.',
                'The workflow "{workflow}" takes {n} masks only; leave the others out or choose another workflow.',
                room,
                workflow=workflow,
            )
        case "videos":
            return phrase_n(
                'The workflow "{workflow}" takes {n} video only; leave the others out or choose another workflow.',
                'The workflow "{workflow}" takes {n} videos only; leave the others out or choose another workflow.',
                room,
                workflow=workflow,
            )
        case _:
            return phrase_n(
                'The workflow "{workflow}" takes {n} sound only; leave the others out or choose another workflow.',
                'The workflow "{workflow}" takes {n} sounds only; leave the others out or choose another workflow.',
                room,
                workflow=workflow,
            )


def _none_taken(kind: str, workflow: str) -> Phrase:
    match kind:
        case "images":
            return phrase(
                'The workflow "{workflow}" takes no picture; leave it out or choose another workflow.',
                workflow=workflow,
            )
        case "masks":
            return phrase(
                'The workflow "{workflow}" takes no mask; leave it out or choose another workflow.',
                workflow=workflow,
            )
        case "videos":
            return phrase(
                'The workflow "{workflow}" takes no video; leave it out or choose another workflow.',
                workflow=workflow,
            )
        case _:
            return phrase(
                'The workflow "{workflow}" takes no sound; leave it out or choose another workflow.',
                workflow=workflow,
            )


def needed(kind: str, workflow: str, n: int) -> Phrase:
    """So many of a kind are to be sent."""
    match kind:
        case "images":
            return phrase_n(
                'The workflow "{workflow}" needs a picture to work on; attach it.',
                'The workflow "{workflow}" needs {n} pictures to work on; attach them.',
                n,
                workflow=workflow,
            )
        case "masks":
            return phrase_n(
                'The workflow "{workflow}" needs a mask to work on; attach it.',
                'The workflow "{workflow}" needs {n} masks to work on; attach them.',
                n,
                workflow=workflow,
            )
        case "videos":
            return phrase_n(
                'The workflow "{workflow}" needs a video to work on; attach it.',
                'The workflow "{workflow}" needs {n} videos to work on; attach them.',
                n,
                workflow=workflow,
            )
        case _:
            return phrase_n(
                'The workflow "{workflow}" needs a sound to work on; attach it.',
                'The workflow "{workflow}" needs {n} sounds to work on; attach them.',
                n,
                workflow=workflow,
            )


def more_needed(kind: str, workflow: str, n: int) -> Phrase:
    """So many of a kind are to be sent beside those that were."""
    match kind:
        case "images":
            return phrase_n(
                'The workflow "{workflow}" needs {n} more picture to work on; attach it.',
                'The workflow "{workflow}" needs {n} more pictures to work on; attach them.',
                n,
                workflow=workflow,
            )
        case "masks":
            return phrase_n(
                'The workflow "{workflow}" needs {n} more mask to work on; attach it.',
                'The workflow "{workflow}" needs {n} more masks to work on; attach them.',
                n,
                workflow=workflow,
            )
        case "videos":
            return phrase_n(
                'The workflow "{workflow}" needs {n} more video to work on; attach it.',
                'The workflow "{workflow}" needs {n} more videos to work on; attach them.',
                n,
                workflow=workflow,
            )
        case _:
            return phrase_n(
                'The workflow "{workflow}" needs {n} more sound to work on; attach it.',
                'The workflow "{workflow}" needs {n} more sounds to work on; attach them.',
                n,
                workflow=workflow,
            )
