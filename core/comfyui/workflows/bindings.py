"""What was understood of a graph: which inputs a parameter drives, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.comfyui.workflows.graph import Link, Place
from core.exceptions import WorkflowError

SEED_LIMIT = 2**32 - 1
"""The largest seed that is drawn: every sampler takes it."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One role of a graph.

    Attributes:
        places: what is written together, the leading place first (images: in their order).
        saved: the literal that the leading place holds.
        reason: which reading was taken and by what it was told, where several were possible.
        others: places of the same role that hold something else on purpose and are left alone.
        reasons: for each place, why it was read so, as a phrase for `explain`; none where it was declared.
    """

    places: tuple[Place, ...]
    saved: Any
    reason: str = ""
    others: tuple[Place, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the graph that its author has to know.

    Attributes:
        message: one sentence.
        fatal: the workflow is of no use as long as this is so.
        node: title of the node at fault.
        field: its input at fault.
        role: the role that has no place because of it.
    """

    message: str
    fatal: bool = False
    node: str | None = None
    field: str | None = None
    role: str | None = None

    def error(self) -> WorkflowError:
        return WorkflowError(self.message, node=self.node, field=self.field)


@dataclass(frozen=True, slots=True)
class LoraLoader:
    """A LoRA loader in a graph.

    Attributes:
        place: where the file's name is written.
        file: the name that is saved there.
        needed: the workflow is made for it (speed, control, task); a style is the user's to change.
        depth: how many style loaders come before it in its chain.
        last: no style loader comes after it in its chain.
        ways: what goes through it: (input, output slot, what that output feeds).
    """

    place: Place
    file: str
    needed: bool
    depth: int
    last: bool
    ways: tuple[tuple[str, int, tuple[Place, ...]], ...]


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where a stage's model comes from: the point behind which a LoRA is put in.

    Attributes:
        model: the loader's MODEL output.
        model_feeds: the inputs that are linked to it.
        clip: its CLIP output when it has one that is in use.
        clip_feeds: the inputs that are linked to that.
    """

    model: Link
    model_feeds: tuple[Place, ...]
    clip: Link | None = None
    clip_feeds: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class StartPoint:
    """Where a picture goes that a workflow without image inputs is to start from.

    Attributes:
        latent: the empty latent's output.
        feeds: the inputs that are linked to it.
        vae: what the workflow decodes with.
        denoise: how much of the start is replaced; 1 in all of these places.
    """

    latent: Link
    feeds: tuple[Place, ...]
    vae: Link
    denoise: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class RefiningPass:
    """Sampling over a picture, between encoding and decoding it. At a strength of 0 it can be left out.

    Attributes:
        denoise: its strength.
        source: the picture that it begins with.
        decoders: the nodes that give its result as a picture.
        feeds: the inputs that are linked to that.
    """

    denoise: Place
    source: Link
    decoders: tuple[str, ...]
    feeds: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """A step at which one sampler hands over to the next; it moves with the number of steps.

    Attributes:
        place: the literal (`start_at_step`, `end_at_step`, `SplitSigmas.step`).
        saved: its value at `steps` steps.
        steps: the number of steps it was saved with.
    """

    place: Place
    saved: int
    steps: int


@dataclass(frozen=True, slots=True)
class Bindings:
    """Everything a graph can be told, and what it is made of. Made by `roles.bind`.

    Attributes:
        roles: role → binding. A role without a place is absent.
        ambiguous: roles with several readings of equal rank.
        inert: roles that have a place and can't act (a negative under a cfg of 1).
        problems: what its author has to know, the fatal ones too.
        handovers: the steps that move with the number of steps.
        passes: what is left out at a strength of 0.
        loras: the LoRA loaders, in the order in which they apply.
        styles: those of them that the user may change.
        models: where a LoRA can be put in.
        seed_limit: the largest seed that may be drawn.
        outputs: (node id, media) of the nodes that give results; media is image, video, audio, 3d or text.
        start: where a picture goes that it can start from; None where it has places for pictures, or can't.
    """

    roles: Mapping[str, Binding]
    ambiguous: frozenset[str] = frozenset()
    inert: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    handovers: tuple[Handover, ...] = ()
    passes: tuple[RefiningPass, ...] = ()
    loras: tuple[LoraLoader, ...] = ()
    models: tuple[ModelSource, ...] = ()
    outputs: tuple[tuple[str, str], ...] = ()
    start: StartPoint | None = None
    seed_limit: int = SEED_LIMIT
    styles: tuple[LoraLoader, ...] = field(init=False, repr=False, compare=False)
    _places: Mapping[str, tuple[Place, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "styles", tuple(loader for loader in self.loras if not loader.needed))
        object.__setattr__(self, "_places", {role: binding.places for role, binding in self.roles.items()})

    def places(self, role: str) -> tuple[Place, ...]:
        """The inputs that a role drives; empty when the graph has no place for it."""
        return self._places.get(role, ())

    def saved(self, role: str) -> Any:
        """The value a role has in the file, None when it has no place."""
        binding = self.roles.get(role)
        return binding.saved if binding else None

    def files(self, role: str) -> tuple[Place, ...]:
        """Where files of a kind (images, masks, videos, audios) go. A mask that a picture carries has no place."""
        pictures = self.places("images") if role == "masks" else ()
        return tuple(place for place in self.places(role) if place not in pictures)

    def room_for(self, role: str) -> int:
        """How many files of a kind the graph takes."""
        return len(self.files(role)) or int(role == "images" and self.start is not None)

    @property
    def refusal(self) -> Problem | None:
        """Why this graph can't be used, or None."""
        return next((problem for problem in self.problems if problem.fatal), None)

    def to_dict(self) -> dict[str, list[str]]:
        """Role → places written ``node_id.input_name``."""
        return {role: [str(place) for place in binding.places] for role, binding in self.roles.items()}
