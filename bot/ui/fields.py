"""Fields of modals, made from what a workflow can be told; their ranges are its limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import discord

from bot.ui.embeds import clip, written
from bot.ui.limits import MOST_OPTIONS, OPTION_LENGTH
from bot.ui.words import RANDOM
from core.generators.requests import word

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

#: Discord takes five parts in a modal, 4000 characters in one, and 10 files in an upload.
MAX_FIELDS = 5
MAX_FILES = 10
_LONGEST = 4000
_LABEL, _ABOUT = 45, 100
_SHORT = 40
_LONG = ("prompt", "negative_prompt", "lyrics")
_REST = "_rest"


class ParameterField(discord.ui.Label[Any]):
    """One parameter as a select where it has few choices, else as a text; empty leaves it as the workflow has it.

    Args:
        rest: it goes on with a text that is longer than one field takes.
    """

    def __init__(
        self, name: str, workflow: Workflow, value: str, *, required: bool = False, rest: bool = False
    ) -> None:
        self._name = name
        self._custom_id = f"{name}{_REST}" if rest else name
        self._range = workflow.limits[name]
        listed = 0 < len(self._range.choices) <= MOST_OPTIONS
        drawn = name == "seed" and workflow.seed is None
        default = RANDOM if drawn else workflow.defaults.get(name)
        component = self._select(value, default) if listed else self._text(value, default, required=required)
        second = " (2)" if rest else ""
        super().__init__(text=f"{clip(word(name), _LABEL - len(second))}{second}", component=component)
        if name not in _LONG and not listed:
            self.description = clip(self._range.describe(), _ABOUT)

    def _text(self, value: str, default: Any, *, required: bool) -> discord.ui.TextInput[Any]:
        long = self._name in _LONG
        room = max(1, min(int(self._range.max), _LONGEST)) if long else max(_SHORT, len(value))
        return discord.ui.TextInput[Any](
            custom_id=self._custom_id,
            style=discord.TextStyle.paragraph if long else discord.TextStyle.short,
            default=value[:room] or None,
            placeholder=_placeholder(default),
            required=required,
            max_length=room,
        )

    def _select(self, value: str, default: Any) -> discord.ui.Select[Any]:
        texts = [clip(written(choice), OPTION_LENGTH) for choice in self._range.choices]
        return discord.ui.Select[Any](
            custom_id=self._custom_id,
            placeholder=_placeholder(default),
            options=[discord.SelectOption(label=t, value=t, default=t == value) for t in texts],
            min_values=0,
            required=False,
        )


def parameter_fields(
    workflow: Workflow, names: Iterable[str], shown: Mapping[str, str], *, required: str = ""
) -> Iterator[ParameterField]:
    """The fields of some parameters; a long text that Discord does not take in one goes on in another.

    Args:
        shown: what stands in them when the modal opens.
        required: the parameter that must not be left empty.
    """
    for name in names:
        value = shown.get(name, "")
        yield ParameterField(name, workflow, value, required=name == required)
        if parts_of(name, workflow, value) > 1:
            yield ParameterField(name, workflow, value[_LONGEST:], rest=True)


def parts_of(name: str, workflow: Workflow, value: str) -> int:
    """How many of a modal's parts a parameter takes."""
    return 2 if name in _LONG and workflow.limits[name].max > _LONGEST and len(value) > _LONGEST else 1


def pages_of(names: Iterable[str], workflow: Workflow, shown: Mapping[str, str]) -> list[list[str]]:
    """The parameters on as many modals as they need."""
    pages, free = list[list[str]](), 0
    for name in names:
        parts = parts_of(name, workflow, shown.get(name, ""))
        if parts > free:
            pages, free = [*pages, []], MAX_FIELDS
        pages[-1].append(name)
        free -= parts
    return pages


def upload_field(custom_id: str, text: str, *, least: int = 0, most: int = 1) -> discord.ui.Label[Any]:
    """A field for files."""
    upload = discord.ui.FileUpload[Any](
        custom_id=custom_id, required=least > 0, min_values=least or None, max_values=min(most, MAX_FILES)
    )
    return discord.ui.Label(text=clip(text, _LABEL), component=upload)


def joined(texts: Mapping[str, str]) -> dict[str, str]:
    """Parameter → its whole text, of the texts of fields."""
    return {
        name: f"{text}{texts.get(f'{name}{_REST}', '')}" for name, text in texts.items() if not name.endswith(_REST)
    }


def values_of(texts: Mapping[str, str], workflow: Workflow) -> dict[str, Any]:
    """The values of the fields that are filled, as the workflow of now takes them.

    Raises:
        ValidationError: one is out of range, or no number.
    """
    given = {name: text.strip() for name, text in joined(texts).items()}
    return {name: workflow.limits[name].parse(text) for name, text in given.items() if text}


def _placeholder(default: Any) -> str | None:
    return None if default in (None, "") else clip(written(default), 100)
