"""What a user has chosen so far, and how it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from bot.loras import LoraPick
from bot.ui.embeds import Summary, read, tail
from bot.ui.words import RANDOM
from core.comfyui.workflows.parameters import MEDIA
from core.generators.file_words import counted
from utils.language import commas, phrase

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow
    from core.generators.base import GenerationRequest
    from core.jobs.models import Job

#: Shown whether or not they were chosen: what a result is repeated with.
_ALWAYS_SHOWN = ("steps", "cfg", "guidance", "seed", "upscale_factor")
#: Characters of the names of LoRAs: of one, of all together with their strengths, and at least.
_NAME, _NAMES, _LEAST, _STRENGTH = 120, 240, 16, 10
#: Kind of file → how it is called.
_KINDS = {"images": phrase("Picture"), "masks": phrase("Mask"), "videos": phrase("Video"), "audios": phrase("Sound")}
WORKFLOW = phrase("Workflow")
LORA, LORAS = phrase("LoRA"), phrase("LoRAs")


@dataclass(frozen=True, slots=True)
class Draft:
    """A generation that is being put together.

    Attributes:
        values: parameter → value of what was chosen; the rest stays as the workflow has it.
        loras: style LoRAs in their order; empty for none at all; None to leave the workflow's own.
        lora_strength: of those that have none of their own; None for the workflow's.
        images: names of pictures on the ComfyUI server, in order; masks, videos and audios likewise.
    """

    prompt: str
    workflow: str
    values: Mapping[str, Any] = field(default_factory=dict)
    loras: tuple[LoraPick, ...] | None = None
    lora_strength: float | None = None
    images: tuple[str, ...] = ()
    masks: tuple[str, ...] = ()
    videos: tuple[str, ...] = ()
    audios: tuple[str, ...] = ()

    @property
    def files(self) -> dict[str, tuple[str, ...]]:
        """Kind → names on the server, of the kinds that there are."""
        return {kind: names for kind in MEDIA if (names := getattr(self, kind))}

    def strength(self, workflow: Workflow, lora: LoraPick) -> float:
        """Of a LoRA: its own, else the one that was chosen for all, else the workflow's."""
        return next(s for s in (lora.strength, self.lora_strength, workflow.lora_strength) if s is not None)

    def left_out(self, workflow: Workflow) -> list[str]:
        """Names of what was chosen and has no place in ``workflow``."""
        chosen = [name for name in self.values if not workflow.takes(name, started=bool(self.images))]
        if self.loras and self._loras_for(workflow) != self.loras:
            chosen.append("loras")
        return chosen + [kind for kind in self.files if not workflow.bindings.room_for(kind)]

    def fitted(self, workflow: Workflow) -> Draft:
        """The same for ``workflow``, without what has no place there."""
        left_out = self.left_out(workflow)
        values = {name: value for name, value in self.values.items() if name not in left_out}
        files = {kind: () for kind in self.files if kind in left_out}
        loras = self._loras_for(workflow) or None if "loras" in left_out else self.loras
        return replace(self, workflow=workflow.name, values=values, loras=loras, **files)

    def _loras_for(self, workflow: Workflow) -> tuple[LoraPick, ...]:
        supported = "loras" in workflow.supported
        return tuple(lora for lora in self.loras or () if supported and workflow.takes_lora(lora.name))

    def request(self, workflow: Workflow) -> GenerationRequest:
        """The request for ``workflow``; raises `ValidationError` as `make_request` does."""
        from core.comfyui.workflows.parameters import LoraChoice
        from core.generators.requests import make_request

        picked = self.loras
        loras = None if picked is None else [LoraChoice(lora.name, self.strength(workflow, lora)) for lora in picked]
        return make_request(workflow, self.prompt, self.values, loras=loras, **self.files)


def called(name: str) -> str:
    """What was chosen, as people call it: a setting, a LoRA, a kind of file."""
    from core.generators.requests import word

    return LORA if name == "loras" else _KINDS[name] if name in _KINDS else word(name)


def strong(name: str, strength: float) -> str:
    """A LoRA and how strongly it acts."""
    # Translators: a LoRA and how strongly it acts: fox.safetensors at 0.8
    return phrase("{name} at {strength}", name=name, strength=strength)


def summarize(
    draft: Draft, workflow: Workflow, request: GenerationRequest | None = None, *, title: str | None = None
) -> Summary:
    """What the user is shown: chosen values, and the workflow's own where nothing was chosen.

    What would not act is left out; where some of it was chosen, the strength says why.
    """
    from core.generators.requests import settings_of, word

    started = bool(draft.images)
    start = {"denoise": workflow.start_strength} if started and workflow.start_strength is not None else {}
    driven = {workflow.plan.echoes.get(name, name): value for name, value in draft.values.items()}
    chosen = {**driven, **draft.values}
    values = {**workflow.defaults, **start, **chosen}
    if request is not None and request.parameters.seed is not None:
        values["seed"] = request.parameters.seed
    elif draft.values.get("seed", workflow.seed if workflow.seed is not None else -1) == -1:
        values["seed"] = RANDOM
    settings: dict[str, str] = {WORKFLOW: workflow.label}
    if {"width", "height"} <= workflow.supported and values.get("width") and values.get("height"):
        settings[phrase("Size")] = f"{values['width']} × {values['height']}"
    idle = workflow.idle(values.get("denoise"))
    shown = {*_ALWAYS_SHOWN, *chosen, *start} - {"width", "height", *idle}
    if not idle.isdisjoint(chosen):
        shown.add("denoise")
    for name in settings_of(workflow, started=started):
        if name in shown and values.get(name) is not None:
            settings[word(name)] = read(values[name])
    if "loras" not in idle:
        settings |= _loras(draft, workflow)
    if draft.files:
        settings[phrase("Files")] = commas(counted(kind, len(names)) for kind, names in draft.files.items())
    return Summary(title=title or workflow.label, prompt=draft.prompt, settings=settings)


def _loras(draft: Draft, workflow: Workflow) -> dict[str, str]:
    own = workflow.defaults.get("loras")
    if draft.loras:
        room = max(_LEAST, min(_NAME, _NAMES // len(draft.loras) - _STRENGTH))
        picked = [strong(tail(lora.name, room), draft.strength(workflow, lora)) for lora in draft.loras]
        return {LORAS if len(picked) > 1 else LORA: commas(picked)}
    return {LORA: commas(own)} if draft.loras is None and own else {}


def display_of(summary: Summary, click: str | None = None) -> dict[str, Any]:
    """A summary as it is kept with its job, and the click that it was made by: plain JSON, and phrases."""
    named = {str(name): value for name, value in summary.settings.items()}
    kept = {**asdict(summary), "settings": named}
    return kept if click is None else {**kept, "click": click}


def summary_of(job: Job) -> Summary:
    """The summary that was kept with a job; a plain one where there is none."""
    names = {field.name for field in fields(Summary)}
    try:
        return Summary(**{name: value for name, value in job.display.items() if name in names})
    except TypeError:
        return Summary(job.request.workflow, job.request.parameters.prompt or "", {})


def prompt_of(job: Job | None) -> str:
    """What was said of a picture to make it: what had no use for words, such as an upscale, shows them all the same."""
    return "" if job is None else job.request.parameters.prompt or summary_of(job).prompt
