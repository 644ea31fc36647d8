"""Slash options that are made from what the workflows can be told, with the workflows' own ranges."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Optional, TypeVar

import discord
from discord import app_commands

from bot.choices import MAX_CHOICES
from utils.language import phrase

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow
    from core.validators.limits import Range

#: Discord's numbers are exact up to 2**53, its texts 6000 characters long, and a command has at most 25 options.
_LARGEST = 2**53 - 1
_LONGEST = 6000
MAX_OPTIONS = 25

Complete = Callable[[discord.Interaction[Any], str], Coroutine[Any, Any, list[app_commands.Choice[str]]]]

T = TypeVar("T")

#: On every command that makes something.
PRIVATE = "private"

SeedOption = app_commands.Range[int, -1, _LARGEST]

#: Parameters whose options are called otherwise.
_NAMES = {"denoise": "strength", "upscale_factor": "factor"}
#: Parameter → what its option says, in the order of the options.
ABOUT = {
    "negative_prompt": phrase("what to keep out"),
    "width": phrase("in pixels"),
    "height": phrase("in pixels"),
    "steps": phrase("sampling steps"),
    "cfg": phrase("how closely the prompt is followed"),
    "guidance": phrase("how closely a distilled model follows the prompt"),
    "seed": phrase("repeats a picture; -1 draws a seed"),
    "batch_size": phrase("how many pictures"),
    "denoise": phrase("how much of a given picture is changed"),
    "length": phrase("frames of a video"),
    "duration": phrase("seconds of sound or video"),
    "lyrics": phrase("words to be sung"),
    "upscale_factor": phrase("how many times larger"),
    "fps": phrase("frames a second"),
    "sampler": phrase("the sampler by its name"),
    "scheduler": phrase("the scheduler by its name"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a slash command.

    Attributes:
        name: what the user types.
        about: a few words on it.
        annotation: its type, as discord.py reads it.
        complete: suggests values for what is being typed.
        choices: the only values that it takes, at most 25; empty where its type says it all.
    """

    name: str
    about: str
    annotation: Any
    required: bool = False
    complete: Complete | None = None
    choices: tuple[float, ...] = ()


def make_command(
    name: str, description: str, run: Callable[..., Awaitable[None]], options: Sequence[Option]
) -> app_commands.Command[Any, Any, Any]:
    """A slash command of options that are known at run time only.

    Args:
        run: takes the interaction, and the options by their names; None where the user gave none.
        options: the first 25 are taken.
    """
    options = sorted(options[:MAX_OPTIONS], key=lambda option: not option.required)

    async def callback(interaction: discord.Interaction[Any], **given: Any) -> None:
        await run(interaction, **given)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    taken = [inspect.Parameter("interaction", kind, annotation=discord.Interaction)]
    for option in options:
        annotation = option.annotation if option.required else Optional[option.annotation]  # noqa: UP045 - at run time
        default = inspect.Parameter.empty if option.required else None
        taken.append(inspect.Parameter(option.name, kind, annotation=annotation, default=default))
    callback.__signature__ = inspect.Signature(taken)  # pyright: ignore[reportFunctionMemberAccess] - discord.py reads it
    command = app_commands.Command[Any, Any, Any](name=name, description=description, callback=callback)
    describe(**{option.name: option.about for option in options})(command)
    for option in options:
        if option.complete is not None:
            command.autocomplete(option.name)(option.complete)
        if option.choices:
            listed = [app_commands.Choice(name=f"{value:g}", value=value) for value in option.choices]
            app_commands.choices(**{option.name: listed})(command)
    return command


def describe(**abouts: str) -> Callable[[T], T]:
    """As `discord.app_commands.describe`, which makes plain texts of phrases."""
    return app_commands.describe(**{name: app_commands.locale_str(about) for name, about in abouts.items()})


def private_option() -> Option:
    """Whether the answer is for whoever asks alone."""
    return Option(PRIVATE, phrase("only you see it, its progress and whatever is made of it"), bool)


def setting(name: str, workflows: Sequence[Workflow], *, complete: Complete | None = None) -> Option | None:
    """The option for one parameter of those workflows that have it; None when none has."""
    limits = [workflow.limits for workflow in workflows if workflow.takes(name, started=True)]
    if not limits:
        return None
    kind = limits[0][name].kind
    choices = _choices(name, limits)
    annotation = SeedOption if name == "seed" else kind if choices else span(name, kind, limits)
    return Option(_NAMES.get(name, name), ABOUT[name], annotation, complete=complete, choices=choices)


def _choices(name: str, limits: Sequence[Mapping[str, Range]]) -> tuple[float, ...]:
    """The numbers that a parameter may be, where every one of the workflows has a list and they are few."""
    lists = [each[name].choices for each in limits if each[name].kind is not str]
    number = int if limits[0][name].kind is int else float
    numbers = {number(value) for values in lists for value in values} if all(lists) else set[float]()
    return tuple(sorted(numbers)) if len(numbers) <= MAX_CHOICES else ()


def values_in(given: dict[str, Any]) -> dict[str, Any]:
    """Parameter → value of what was given, taken out of the options."""
    found = {name: given.pop(_NAMES.get(name, name), None) for name in ABOUT}
    return {name: value for name, value in found.items() if value is not None}


def span(name: str, kind: type[int] | type[float] | type[str], limits: Sequence[Mapping[str, Range]]) -> Any:
    """The widest range that any of the workflows takes for a parameter; the chosen one then checks its own.

    For texts the range counts characters. Without any workflow the public ranges hold. What Discord cannot express
    is cut off.
    """
    from core.validators.limits import DEFAULT_LIMITS

    ranges = [each[name] for each in limits] or [DEFAULT_LIMITS[name]]
    lowest, highest = (0, _LONGEST) if kind is str else (-_LARGEST, _LARGEST)
    ends = (min(each.min for each in ranges), max(each.max for each in ranges))
    number = float if kind is float else int
    least, most = (number(min(max(end, lowest), highest)) for end in ends)
    return app_commands.Range[kind, least, max(most, 1) if kind is str else most]
