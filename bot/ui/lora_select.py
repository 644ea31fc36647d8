"""The LoRAs of the form: which there are for a workflow, and what choosing some of them means."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

import discord

from bot.errors import UserError
from bot.lists import fitting
from bot.loras import MAX_LORAS, TOO_MANY, LoraPick
from bot.ui.buttons import OnClick
from bot.ui.paged_select import Choice, PagedSelect
from utils.language import commas, phrase

if TYPE_CHECKING:
    from core.comfyui.workflows.manager import Workflow

TURN_LORAS = phrase("Previous LoRAs"), phrase("Next LoRAs")

Picked = tuple[LoraPick, ...] | None
"""LoRAs in their order; empty for none at all, None for the workflow's own."""


class LoraSelect(PagedSelect):
    """A select of LoRAs, of which there may be several; the workflow's own come first where it has some.

    Args:
        loras: the files on the server.
        picked: what is chosen.
        on_choice, on_turn: as `PagedSelect` calls them.
    """

    def __init__(
        self,
        loras: Sequence[str],
        workflow: Workflow,
        picked: Picked,
        *,
        on_choice: Callable[[discord.Interaction[Any], list[str | None]], Awaitable[None]],
        on_turn: OnClick,
    ) -> None:
        own = workflow.defaults.get("loras")
        self._has_own = bool(own)
        choices = [Choice(None, phrase("The workflow's own"), commas(own))] if own else []
        choices += [Choice("", phrase("No LoRA")), *(Choice(name, name) for name in fitting(loras, workflow))]
        super().__init__(
            "lora",
            placeholder=phrase("LoRA"),
            turns=TURN_LORAS,
            choices=choices,
            chosen=self._values(picked),
            on_choice=on_choice,
            on_turn=on_turn,
            most=MAX_LORAS,
        )

    def pick(self, values: Sequence[str | None], before: Picked) -> Picked:
        """What is chosen now, and shown so from here on; a LoRA that was chosen before keeps its strength.

        Raises:
            UserError: there are too many; it stays as it was.
        """
        known = {lora.name: lora for lora in before or ()}
        picked = tuple(known.get(name) or LoraPick(name) for name in values if name)
        if len(picked) > MAX_LORAS:
            raise UserError(TOO_MANY)
        # "No LoRA" and "The workflow's own" stand for themselves when they were chosen just now.
        special = [value for value in values if not value and value not in self.chosen]
        now = (None if None in special else ()) if special else picked
        self.chosen = self._values(now)
        return now

    def _values(self, picked: Picked) -> list[str | None]:
        if picked:
            return [lora.name for lora in picked]
        return [None if picked is None and self._has_own else ""]
