"""The form before a generation, and the buttons after it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import discord

from bot.actions import workflow_for
from bot.draft import Draft, summarize
from bot.submission import refuse_when_limited, submit
from bot.target import JobMessage
from bot.ui import embeds
from bot.ui.base import BaseView
from bot.ui.buttons import ACTION_BUTTONS, BaseButton
from bot.ui.modals import MAX_FIELDS, SettingsModal
from bot.ui.paged_select import Choice, PagedSelect
from core.comfyui.outputs import MediaKind
from core.generators.requests import WORDS

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow
    from core.generators.base import GenerationResult

_HINT = "Choose what you like, then press Generate."
_CLOSED = "This form ran out; type /generate again."
_CANCELLED = "Cancelled; nothing was generated."


class SetupView(BaseView):
    """Workflow, LoRA and settings of a generation, for the one who asked for it.

    Args:
        draft: what is chosen already.
        loras: the LoRA files on the server; empty when there are none or it cannot be asked.
        interaction: the acknowledged command; its answer becomes the form, then the job's message.
    """

    def __init__(self, bot: ComfyUIBot, interaction: discord.Interaction[Any], draft: Draft, loras: list[str]) -> None:
        super().__init__(author=interaction.user.id, timeout=bot.config.generation.setup_timeout)
        self.bot = bot
        self.draft = draft
        self.token = uuid4().hex
        self._typed: dict[str, str] = {}
        self._loras = loras
        self._latest = interaction
        self._workflows = {workflow.name: workflow for workflow in bot.engine.workflows.available()}
        self._workflow_select = PagedSelect(
            "workflow",
            placeholder="Workflow",
            choices=[Choice(name, w.label, w.description) for name, w in self._workflows.items()],
            chosen=draft.workflow,
            on_choice=self._choose_workflow,
            on_turn=self._show,
        )
        self._lora_select = PagedSelect(
            "lora",
            placeholder="LoRA",
            choices=[Choice("", "No LoRA"), *(Choice(name, name) for name in loras)],
            chosen=draft.lora or "",
            on_choice=self._choose_lora,
            on_turn=self._show,
        )
        self._build()
        bot.open_forms[self.token] = self

    @property
    def workflow(self) -> Workflow:
        return self._workflows[self.draft.workflow]

    def embed(self) -> discord.Embed:
        """The form's text."""
        return embeds.setup(summarize(self.draft, self.workflow), hint=_HINT)

    async def on_timeout(self) -> None:
        await self._close(embeds.notice(_CLOSED), JobMessage(self._latest))

    def stop(self) -> None:
        self.bot.open_forms.pop(self.token, None)
        super().stop()

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        if not await super().interaction_check(interaction):
            return False
        self._latest = interaction
        return True

    # Controls

    def _build(self) -> None:
        """Put the controls that the chosen workflow has a use for."""
        self.clear_items()
        selects = [self._workflow_select]
        if self._loras and "loras" in self.workflow.supported:
            selects.append(self._lora_select)
        for row, select in enumerate(selects):
            for item in select.items(self.token):
                item.row = row if isinstance(item, discord.ui.Select) else 3
                self.add_item(item)
        for page, names in enumerate(self._settings_pages()):
            self._add_button("Settings" if page == 0 else "More settings", f"settings{page}", self._opener(names))
        self._add_button("Generate", "generate", self._generate, discord.ButtonStyle.success)
        self._add_button("Cancel", "cancel", self._cancel, discord.ButtonStyle.danger)

    def _add_button(self, label: str, name: str, callback: Any, style: Any = discord.ButtonStyle.secondary) -> None:
        button = BaseButton(label=label, style=style, custom_id=f"setup:{self.token}:{name}", row=4)
        button.callback = callback
        self.add_item(button)

    def _settings_pages(self) -> list[list[str]]:
        names = [name for name in WORDS if name in self.workflow.supported]
        if self.draft.images == () and "denoise" in names:
            names.remove("denoise")  # without a picture to start from it only spoils the result
        if self.draft.lora:
            names.append("lora_strength")
        return [names[at : at + MAX_FIELDS] for at in range(0, len(names), MAX_FIELDS)]

    def _opener(self, names: list[str]) -> Any:
        async def open_settings(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_modal(
                SettingsModal(self.workflow, names, self._shown(), keep=self._typed.update, save=self._save)
            )

        return open_settings

    def _shown(self) -> dict[str, str]:
        chosen = {name: str(value) for name, value in self.draft.values.items()}
        if self.draft.lora_strength is not None:
            chosen["lora_strength"] = f"{self.draft.lora_strength:g}"
        return {**chosen, **self._typed}

    # What a click does

    async def _show(self, interaction: discord.Interaction[Any]) -> None:
        self._build()
        await interaction.response.edit_message(embed=self.embed(), view=self)

    async def _choose_workflow(self, interaction: discord.Interaction[Any], name: str) -> None:
        kept = self._workflows[name].supported
        values = {key: value for key, value in self.draft.values.items() if key in kept}
        lora = self.draft.lora if "loras" in kept else None
        self.draft = replace(self.draft, workflow=name, values=values, lora=lora)
        self._typed = {}
        await self._show(interaction)

    async def _choose_lora(self, interaction: discord.Interaction[Any], name: str) -> None:
        self.draft = replace(self.draft, lora=name)
        await self._show(interaction)

    async def _save(self, interaction: discord.Interaction[Any], values: dict[str, Any]) -> None:
        strength = values.pop("lora_strength", self.draft.lora_strength)
        merged = {name: value for name, value in {**self.draft.values, **values}.items() if value is not None}
        self.draft = replace(self.draft, values=merged, lora_strength=strength)
        self._typed = {}
        await self._show(interaction)

    async def _generate(self, interaction: discord.Interaction[Any]) -> None:
        self.draft.request(self.workflow)  # what cannot be submitted leaves the form open
        refuse_when_limited(self.bot, interaction.user.id)
        self.stop()
        await interaction.response.defer()
        await submit(interaction, self.draft)

    async def _cancel(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()
        await self._close(embeds.notice(_CANCELLED), JobMessage(interaction))

    async def _close(self, embed: discord.Embed, message: JobMessage) -> None:
        self.stop()
        self.switch_off()
        await message.edit(embed=embed, view=self)


class PostView(discord.ui.View):
    """What can be done next with the pictures of a job; only what the available workflows can do."""

    def __init__(self, bot: ComfyUIBot, job_id: str, result: GenerationResult) -> None:
        super().__init__(timeout=None)
        if any(file.kind is MediaKind.IMAGE for file in result.files):
            for button in ACTION_BUTTONS:
                if workflow_for(bot, button.action) is not None:
                    self.add_item(button(job_id))
