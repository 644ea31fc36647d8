"""Forms. Their fields are made from what a workflow can be told, their ranges from its limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import Action, picture_of, start
from bot.target import acknowledge
from bot.ui.base import BaseModal
from bot.ui.embeds import clip, written
from core.comfyui.workflows.parameters import MEDIA
from core.generators.requests import word

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

#: Discord takes five parts in a modal, 4000 characters in one, 25 options in a select, and 10 files in an upload.
MAX_FIELDS = 5
_LONGEST = 4000
_SHORT = 40
_MOST_OPTIONS = 25
_MOST_FILES = 10
_LONG = ("prompt", "negative_prompt", "lyrics")


class ParameterField(discord.ui.Label[Any]):
    """One parameter as a select where it has few choices, else as a text; empty leaves it as the workflow has it."""

    def __init__(self, name: str, workflow: Workflow, value: str, *, required: bool = False) -> None:
        self.name = name
        self._range = workflow.limits[name]
        listed = 0 < len(self._range.choices) <= _MOST_OPTIONS
        default = workflow.defaults.get(name)
        self._input = self._select(value, default) if listed else self._text(value, default, required=required)
        super().__init__(text=word(name), component=self._input)
        if name not in _LONG and not listed:
            self.description = clip(self._range.describe(), 100)

    def _text(self, value: str, default: Any, *, required: bool) -> discord.ui.TextInput[Any]:
        long = self.name in _LONG
        room = max(1, min(int(self._range.max), _LONGEST)) if long else max(_SHORT, len(value))
        return discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            default=value[:room] or None,
            placeholder=_placeholder(default),
            required=required,
            max_length=room,
        )

    def _select(self, value: str, default: Any) -> discord.ui.Select[Any]:
        texts = [written(choice) for choice in self._range.choices]
        return discord.ui.Select[Any](
            placeholder=_placeholder(default),
            options=[discord.SelectOption(label=clip(t, 100), value=clip(t, 100), default=t == value) for t in texts],
            min_values=0,
            required=False,
        )

    @property
    def typed(self) -> str:
        if isinstance(self._input, discord.ui.Select):
            return self._input.values[0] if self._input.values else ""
        return self._input.value.strip()

    def value(self) -> Any:
        """What was typed, checked.

        Raises:
            ValidationError: it is out of range, or no number.
        """
        return self._range.parse(self.typed)


class ParameterModal(BaseModal):
    """A form over some parameters of a workflow.

    Args:
        names: at most five parameters.
        shown: what stands in the fields when it opens.
    """

    def __init__(
        self, title: str, workflow: Workflow, names: Iterable[str], shown: Mapping[str, str], *, required: str = ""
    ) -> None:
        super().__init__(title)
        self.workflow = workflow
        self.fields = [ParameterField(name, workflow, shown.get(name, ""), required=name == required) for name in names]
        for field in self.fields:
            self.add_item(field)

    def typed(self) -> dict[str, str]:
        """Every field's text as it stands."""
        return {field.name: field.typed for field in self.fields}

    def values(self) -> dict[str, Any]:
        """The filled fields' values, checked; raises `ValidationError`."""
        return {field.name: field.value() for field in self.fields if field.typed}


class SettingsModal(ParameterModal):
    """The settings of a form that is being filled in.

    Args:
        save: takes the interaction, which it answers, and this.
    """

    def __init__(
        self,
        workflow: Workflow,
        names: Iterable[str],
        shown: Mapping[str, str],
        *,
        save: Callable[[discord.Interaction[Any], ParameterModal], Awaitable[None]],
    ) -> None:
        super().__init__(f"Settings for {workflow.label}", workflow, names, shown)
        self._save = save

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        await self._save(interaction, self)


class FilesModal(BaseModal):
    """What a workflow works on: each place with an upload of its own, or each kind where there are more places.

    Args:
        save: takes the interaction, which it answers, and the attachments by kind.
    """

    def __init__(
        self,
        workflow: Workflow,
        *,
        save: Callable[[discord.Interaction[Any], dict[str, list[discord.Attachment]]], Awaitable[None]],
    ) -> None:
        super().__init__(f"Files for {workflow.label}")
        self._save = save
        self._uploads: list[tuple[str, discord.ui.FileUpload[Any]]] = []
        rooms = {kind: room for kind in MEDIA if (room := workflow.bindings.room_for(kind))}
        apart = sum(rooms.values()) <= MAX_FIELDS
        for kind, room in rooms.items():
            noun = MEDIA[kind].capitalize()
            if room == 1:
                self._add(kind, noun)
            elif apart:
                for place in range(1, room + 1):
                    self._add(kind, f"{noun} {place}")
            else:
                self._add(kind, f"{noun}s, in their order", room)

    def _add(self, kind: str, text: str, most: int = 1) -> None:
        upload = discord.ui.FileUpload[Any](required=False, max_values=min(most, _MOST_FILES))
        self._uploads.append((kind, upload))
        self.add_item(discord.ui.Label(text=text, component=upload))

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        sent: dict[str, list[discord.Attachment]] = {}
        for kind, upload in self._uploads:
            sent.setdefault(kind, []).extend(upload.values)
        await self._save(interaction, {kind: files for kind, files in sent.items() if files})


class ActionModal(ParameterModal):
    """The form of an action on one picture of a job."""

    def __init__(self, action: Action, workflow: Workflow, job_id: str, index: int, *, prompt: str = "") -> None:
        super().__init__(
            action.title,
            workflow,
            asked_for(action, workflow),
            {"prompt": prompt},
            required="prompt" if action.needs_prompt else "",
        )
        self._action = action
        self._job_id = job_id
        self._index = index

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        values = self.values()
        await acknowledge(interaction)
        prompt = values.pop("prompt", "")
        picture = await picture_of(interaction.client, self._job_id, self._index)
        await start(interaction, self._action, picture, prompt=prompt, values=values, parent=self._job_id)


class UpscaleModal(ActionModal):
    """Upscale parameters: factor, strength, steps and seed, as the workflow has them."""


class EditModal(ActionModal):
    """What to change in a picture."""


class VideoModal(ActionModal):
    """What should move in a picture."""


FORMS: dict[str, type[ActionModal]] = {
    "upscale": UpscaleModal,
    "editflux": EditModal,
    "editqwen": EditModal,
    "animate": VideoModal,
}


def asked_for(action: Action, workflow: Workflow) -> list[str]:
    """The parameters that an action's form asks for: those of its own that the workflow has, at most five."""
    return [name for name in ("prompt", *action.parameters) if name in workflow.supported][:MAX_FIELDS]


def _placeholder(default: Any) -> str | None:
    return None if default in (None, "") else clip(written(default), 100)
