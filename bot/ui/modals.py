"""Forms. Their fields are made from what a workflow can be told, their ranges from its limits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import discord

from bot.actions import Action, picture_of, start
from bot.target import acknowledge
from bot.ui.base import BaseModal
from bot.ui.embeds import clip
from core.generators.requests import WORDS

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

#: Discord takes five parts in a modal, and 4000 characters in one.
MAX_FIELDS = 5
_LONGEST = 4000
_NUMBER = 40
_LONG = ("prompt", "negative_prompt")


class ParameterField(discord.ui.Label[Any]):
    """One parameter as a text input; empty leaves it as the workflow has it."""

    def __init__(self, name: str, workflow: Workflow, value: str, *, required: bool = False) -> None:
        self.name = name
        self._range = workflow.limits[name]
        long = name in _LONG
        room = max(1, min(int(self._range.max), _LONGEST)) if long else _NUMBER
        self._input = discord.ui.TextInput[Any](
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            default=value[:room] or None,
            placeholder=_placeholder(workflow.defaults.get(name)),
            required=required,
            max_length=room,
        )
        super().__init__(text=WORDS.get(name, name.replace("_", " ").capitalize()), component=self._input)
        if not long:
            self.description = clip(self._range.describe(), 100)

    @property
    def typed(self) -> str:
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
    """Upscale parameters: strength, steps and seed, as the workflow has them."""


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
    return None if default in (None, "") else str(default)[:100]
