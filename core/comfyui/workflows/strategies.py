"""How each parameter gets into a graph: one small strategy per parameter.

A strategy looks at the bindings of a graph once and gives a `Writer` for it; writing then is all that an update costs.
Writers run in the order of the fields of `WorkflowParameters`: guidance, for one, has the last word over cfg.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from core.comfyui.workflows.bindings import Bindings, Handover, StartPoint
from core.comfyui.workflows.draft import Draft
from core.comfyui.workflows.lora_edit import LoraEditor
from core.comfyui.workflows.start_image import begin_with

Writer: TypeAlias = Callable[[Draft, Any], None]


class NodeUpdater(Protocol):
    """Knows where one parameter goes."""

    @property
    def parameter(self) -> str:
        """Name of the field of `WorkflowParameters`."""
        ...

    def drives(self, bindings: Bindings) -> str:
        """The role that it drives in this graph."""
        ...

    def supports(self, bindings: Bindings) -> bool:
        """Whether the parameter acts on this graph."""
        ...

    def saved(self, bindings: Bindings) -> Any:
        """The value in the graph as it was saved; None when there is none to tell."""
        ...

    def prepare(self, bindings: Bindings) -> Writer | None:
        """What writes the parameter into copies of this graph; None when it has no place there."""
        ...


@dataclass(frozen=True, slots=True)
class RoleUpdater:
    """A parameter that is written as it is, wherever its role has a place."""

    parameter: str
    role: str

    def drives(self, bindings: Bindings) -> str:
        return self.role

    def supports(self, bindings: Bindings) -> bool:
        return self.role in bindings.roles and self.role not in bindings.inert

    def saved(self, bindings: Bindings) -> Any:
        return bindings.saved(self.role)

    def prepare(self, bindings: Bindings) -> Writer | None:
        return _writes(bindings, self.role)


@dataclass(frozen=True, slots=True)
class StepsUpdater(RoleUpdater):
    """The number of steps; where samplers hand over to each other, they do so at the same fraction as before."""

    parameter: str = "steps"
    role: str = "steps"

    def prepare(self, bindings: Bindings) -> Writer | None:
        write, handovers = _writes(bindings, self.role), bindings.handovers
        if write is None or not handovers:
            return write

        def write_both(draft: Draft, steps: int) -> None:
            write(draft, steps)
            for handover in handovers:
                draft.write(handover.place.node_id, handover.place.input_name, scaled(handover, steps))

        return write_both


def scaled(handover: Handover, steps: int) -> int:
    """The step of a hand-over for another number of steps.

    The beginning stays the beginning, the end the end, and a number beyond the end ("all the rest") stays as it is.
    Between them, both sides keep a step where there are two or more.
    """
    if handover.saved <= 0 or handover.saved > handover.steps:
        return handover.saved
    if handover.saved == handover.steps:
        return steps
    return max(1, min(steps - 1, round(handover.saved * steps / handover.steps)))


@dataclass(frozen=True, slots=True)
class CfgUpdater:
    """Cfg; or guidance, in a graph whose cfg is 1 because its model is distilled."""

    parameter: str = "cfg"

    def supports(self, bindings: Bindings) -> bool:
        return self.drives(bindings) in bindings.roles

    def saved(self, bindings: Bindings) -> Any:
        return bindings.saved(self.drives(bindings))

    def prepare(self, bindings: Bindings) -> Writer | None:
        return _writes(bindings, self.drives(bindings))

    def drives(self, bindings: Bindings) -> str:
        return "guidance" if "guidance" in bindings.roles and bindings.saved("cfg") in (None, 1) else "cfg"


@dataclass(frozen=True, slots=True)
class FilesUpdater(RoleUpdater):
    """Files that go in, in the order of the workflow. The names that are saved say nothing: nobody has those files."""

    def supports(self, bindings: Bindings) -> bool:
        return bool(bindings.files(self.role))

    def saved(self, bindings: Bindings) -> Any:
        return None

    def prepare(self, bindings: Bindings) -> Writer | None:
        places = bindings.files(self.role)

        def write(draft: Draft, names: Sequence[str]) -> None:
            for (node_id, name), file in zip(places, names, strict=False):
                draft.write(node_id, name, file)

        return write if places else None


@dataclass(frozen=True, slots=True)
class ImagesUpdater(FilesUpdater):
    """The pictures that go in; or the one that a workflow without any starts from."""

    parameter: str = "images"
    role: str = "images"

    def supports(self, bindings: Bindings) -> bool:
        return self.role in bindings.roles or bindings.start is not None

    def prepare(self, bindings: Bindings) -> Writer | None:
        if self.role in bindings.roles or bindings.start is None:
            return FilesUpdater.prepare(self, bindings)
        return _begins(bindings.start)


@dataclass(frozen=True, slots=True)
class LoraUpdater:
    """The style LoRAs, as `LoraEditor` puts them in and takes them out."""

    parameter: str = "loras"

    def drives(self, bindings: Bindings) -> str:
        return "loras"

    def supports(self, bindings: Bindings) -> bool:
        return bool(bindings.models or bindings.styles)

    def saved(self, bindings: Bindings) -> tuple[str, ...]:
        return tuple(dict.fromkeys(loader.file for loader in bindings.styles))

    def prepare(self, bindings: Bindings) -> Writer | None:
        return LoraEditor(bindings) if self.supports(bindings) else None


def _begins(start: StartPoint) -> Writer:
    def begin(draft: Draft, names: Sequence[str]) -> None:
        for file in names[:1]:
            begin_with(draft, start, file)

    return begin


def _writes(bindings: Bindings, role: str) -> Writer | None:
    places = bindings.places(role)
    if len(places) != 1:

        def write_all(draft: Draft, value: Any) -> None:
            for node_id, name in places:
                draft.write(node_id, name, value)

        return write_all if places else None
    ((node_id, name),) = places

    def write(draft: Draft, value: Any) -> None:
        draft.write(node_id, name, value)

    return write


UPDATERS: tuple[NodeUpdater, ...] = (
    RoleUpdater("prompt", "positive"),
    RoleUpdater("negative_prompt", "negative"),
    RoleUpdater("lyrics", "lyrics"),
    RoleUpdater("seed", "seed"),
    StepsUpdater(),
    CfgUpdater(),
    *(
        RoleUpdater(name, name)
        for name in (
            "guidance",
            "sampler",
            "scheduler",
            "width",
            "height",
            "batch_size",
            "length",
            "fps",
            "duration",
            "upscale_factor",
        )
    ),
    LoraUpdater(),
    ImagesUpdater(),
    RoleUpdater("denoise", "denoise"),  # after the pictures: one to start from brings a strength of its own
    *(FilesUpdater(name, name) for name in ("masks", "videos", "audios")),
)
