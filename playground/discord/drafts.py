"""A request's body → the fields of a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from playground.discord import limits
from playground.discord.cdn import clean_name
from playground.discord.checks.components import check_components
from playground.discord.checks.embeds import check_embeds
from playground.discord.checks.form import Form, Path
from playground.discord.clock import as_id
from playground.discord.errors import ApiError, empty_message, too_large
from playground.discord.message import Message, linked
from playground.discord.model import Attachment, Channel, Upload
from playground.discord.protocol import NO_FLAGS, Json, MessageFlag

if TYPE_CHECKING:
    from playground.discord.world import World

SETTABLE = (
    MessageFlag.SUPPRESS_EMBEDS | MessageFlag.SUPPRESS_NOTIFICATIONS | MessageFlag.COMPONENTS_V2 | MessageFlag.EPHEMERAL
)
EDITABLE = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2


@dataclass(frozen=True, slots=True)
class Draft:
    """What a body says about a message, checked; nothing is stored yet.

    ``changes`` are fields of Message. ``files`` is None when the attachments stay as they are, else the
    attachments kept and the new files, in the order they are to have.
    """

    changes: Json
    files: tuple[Attachment | NewFile, ...] | None

    @property
    def flags(self) -> MessageFlag:
        return self.changes.get("flags", NO_FLAGS)

    def flagged(self, flags: MessageFlag) -> Draft:
        return Draft({**self.changes, "flags": flags}, self.files)

    def apply(self, message: Message, world: World) -> Message:
        """The message with the draft on it; new files go to the CDN.

        Raises:
            ApiError: 50006, nothing would be left to see.
        """
        state = replace(message, **self.changes)
        if self.files is None:
            if state.empty:
                raise empty_message()
            return state
        if not self.files and replace(state, attachments=()).empty:
            raise empty_message()
        kept = [
            file.keep(world, message.channel, ephemeral=state.ephemeral) if isinstance(file, NewFile) else file
            for file in self.files
        ]
        return replace(state, attachments=tuple(kept))


@dataclass(frozen=True, slots=True)
class NewFile:
    upload: Upload
    description: str | None
    spoiler: bool

    @property
    def filename(self) -> str:
        return clean_name(self.upload.filename)

    def keep(self, world: World, channel: Channel, *, ephemeral: bool) -> Attachment:
        return world.cdn.keep(
            self.upload, channel.id, description=self.description, ephemeral=ephemeral, spoiler=self.spoiler
        )


def read_draft(
    payload: Any,
    files: Mapping[int, Upload],
    file_limit: int,
    *,
    current: Message | None = None,
    path: Path = (),
) -> Draft:
    """Check a body of a create (``current`` is None) or an edit.

    Raises:
        ApiError: 50035 for a bad form, 40005 for a file over ``file_limit`` bytes, 30015 for too many files.
    """
    form = Form()
    body = form.mapping(path, payload)
    changes: Json = {}
    old_flags = current.flags if current else NO_FLAGS
    flags = _flags(form, path, body, old_flags, editing=current is not None)
    if flags != old_flags:
        changes["flags"] = flags
    v2 = MessageFlag.COMPONENTS_V2 in flags
    if "content" in body:
        changes["content"] = form.text((*path, "content"), body["content"], limits.CONTENT)
    if "embeds" in body:
        changes["embeds"] = tuple(check_embeds(form, (*path, "embeds"), body["embeds"]))
    if "components" in body:
        place = (*path, "components")
        changes["components"] = tuple(check_components(form, place, body["components"], v2=v2))
    if v2 and (changes.get("content") or changes.get("embeds")):
        form.refuse(
            path,
            "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
            "content and embeds cannot be used with components v2",
        )
    if "allowed_mentions" in body:
        changes["allowed_mentions"] = form.mapping((*path, "allowed_mentions"), body["allowed_mentions"])
    if current is None:
        changes["tts"] = bool(body.get("tts"))
    chosen = _files(form, path, body, files, current)
    present = chosen if chosen is not None else current.attachments if current else ()
    if not linked(changes.get("components", ())) <= {file.filename for file in present}:
        form.refuse(
            (*path, "components"),
            "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
            "The referenced attachment could not be found",
        )
    form.check()
    if chosen is not None:
        _check_files(chosen, file_limit)
    return Draft(changes, chosen)


def _flags(form: Form, path: Path, body: Json, old: MessageFlag, *, editing: bool) -> MessageFlag:
    asked = MessageFlag(form.integer((*path, "flags"), body.get("flags"), 0, 2**31) or 0)
    if not editing:
        return asked & SETTABLE
    if body.get("flags") is None:
        return old & ~MessageFlag.LOADING
    # components v2 cannot be taken back once it is set
    kept = old & ~MessageFlag.LOADING & ~MessageFlag.SUPPRESS_EMBEDS
    return kept | (asked & EDITABLE)


def _files(
    form: Form, path: Path, body: Json, files: Mapping[int, Upload], current: Message | None
) -> tuple[Attachment | NewFile, ...] | None:
    old = {file.id: file for file in current.attachments} if current else {}
    if "attachments" not in body:
        new = tuple(NewFile(files[index], None, False) for index in sorted(files))
        return (*old.values(), *new) if new else None
    chosen: list[Attachment | NewFile] = []
    place = (*path, "attachments")
    for number, item in enumerate(form.items(place, body["attachments"], 100)):
        entry = form.mapping((*place, number), item)
        said = as_id(str(entry.get("id", "")))
        key = -1 if said is None else said
        description = (
            form.text((*place, number, "description"), entry.get("description"), limits.ATTACHMENT_DESCRIPTION) or None
        )
        if key in old:
            chosen.append(replace(old[key], description=description or old[key].description))
        elif key in files:
            name = form.text((*place, number, "filename"), entry.get("filename"), limits.FILENAME)
            upload = Upload(name or files[key].filename, files[key].data)
            chosen.append(NewFile(upload, description, bool(entry.get("is_spoiler"))))
        else:
            form.refuse((*place, number), "ATTACHMENT_NOT_FOUND", "Referenced attachment not found")
    return tuple(chosen)


def _check_files(files: tuple[Attachment | NewFile, ...], file_limit: int) -> None:
    if len(files) > limits.ATTACHMENTS:
        raise ApiError(400, 30015, f"Maximum number of attachments in a message reached ({limits.ATTACHMENTS})")
    if any(isinstance(file, NewFile) and len(file.upload.data) > file_limit for file in files):
        raise too_large()
