"""The form before a generation; `PostView` is what comes after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.attachments import Attachments, check_files, upload_files
from bot.draft import Draft, called, summarize
from bot.errors import UserError, report
from bot.kept_forms import drop_form, form_of, keep_form
from bot.lists import fitting, preferred, worded, words_of_loras
from bot.loras import LoraPick
from bot.submission import refuse_when_limited, submit
from bot.target import acknowledge
from bot.ui import embeds
from bot.ui.base import BaseView, Opening
from bot.ui.buttons import BaseButton, OnClick
from bot.ui.fields import pages_of, values_of
from bot.ui.lora_select import LoraSelect
from bot.ui.modals import CLOSED, FilesModal, SettingsModal
from bot.ui.paged_select import Choice, PagedSelect
from bot.ui.result import PostView
from bot.ui.words import GENERATE, PROMPT
from core.comfyui.workflows.parameters import MEDIA
from core.exceptions import DisComfyError
from core.generators.requests import settings_of
from utils.language import commas, phrase, say, told

if TYPE_CHECKING:
    from bot.client import ComfyUIBot
    from core.comfyui.workflows.manager import Workflow

__all__ = ["PostView", "SetupView"]

_HINT = phrase("Choose what you like, then press {button}.", button=GENERATE)
_WORDLESS = phrase("There is no prompt yet; press {button} and write one.", button=PROMPT)
_CLOSED = phrase("This form ran out; type /generate again.")
_USED = phrase("This form was used already; look for the message of its job.")
_CANCELLED = phrase("Cancelled; nothing was generated.")
_TRIGGER_WORDS = phrase("Trigger words")
TURN_WORKFLOWS = phrase("Previous Workflows"), phrase("Next Workflows")


class SetupView(BaseView):
    """Workflow, LoRA and settings of a generation, for the one who asked for it.

    Args:
        opened: the acknowledged command, whose answer becomes the form, then the job's message; or what is known of it.
        draft: what is chosen already. What one workflow has no place for is left out with it, and is back with another.
        loras: the LoRA files on the server; empty when there are none or it cannot be asked.
        parent: the job whose picture it starts from.
        offered: what one that the store knows of already offers; a new one offers what can be used where it is opened.
    """

    def __init__(
        self,
        bot: ComfyUIBot,
        opened: discord.Interaction[Any] | Opening,
        draft: Draft,
        loras: list[str],
        *,
        parent: str | None = None,
        offered: Sequence[Workflow] | None = None,
    ) -> None:
        super().__init__(opened, timeout=bot.config.generation.setup_timeout)
        self.draft = draft
        self._kept = offered is not None
        self._parent = parent
        self._typed: dict[str, str] = {}
        self._loras = loras
        self._words: dict[str, tuple[str, ...]] = {}
        place = opened if isinstance(opened, discord.Interaction) else opened.origin
        self._workflows = {w.name: w for w in (worded(bot, place) if offered is None else offered)}
        self._workflow_select = PagedSelect(
            "workflow",
            placeholder=phrase("Workflow"),
            turns=TURN_WORKFLOWS,
            choices=[Choice(name, w.label, w.description) for name, w in self._workflows.items()],
            chosen=[draft.workflow],
            on_choice=self._choose_workflow,
            on_turn=self._update,
        )
        self._lora_select = self._select_lora()
        self._build()

    @property
    def workflow(self) -> Workflow:
        return self._workflows[self.draft.workflow]

    def content(self) -> dict[str, Any]:
        hint = told(_HINT)
        if left_out := commas(called(name) for name in self.draft.left_out(self.workflow)):
            hint += "\n" + say("Left out, as this workflow has no place for it: {names}.", names=left_out)
        summary = summarize(self._fitted, self.workflow)
        known = (word for lora in self._fitted.loras or () for word in self._words.get(lora.name, ()))
        words = ", ".join({word.casefold(): word for word in known}.values())
        if words:
            summary = replace(summary, settings={**summary.settings, _TRIGGER_WORDS: words})
        return {"embed": embeds.setup(summary, hint=hint)}

    async def open(self) -> None:
        await self._learn_words()
        await super().open()
        await self._keep()

    async def on_timeout(self) -> None:
        await drop_form(self.bot, self.token)
        await super().on_timeout()

    async def _keep(self) -> None:
        """Have it outlive the bot as it is now."""
        if not self.is_finished():
            self.timeout = seconds = self.bot.config.generation.setup_timeout
            form = form_of(self.opening, self.draft, self._workflows, self._parent, seconds)
            self._kept |= await keep_form(self.bot, form)

    async def _learn_words(self) -> None:
        """Ask what the chosen LoRAs answer to; they are shown without it where that is not told in time."""
        self._words = await words_of_loras(self.bot, [lora.name for lora in self._fitted.loras or ()])

    def farewell(self) -> dict[str, Any]:
        return {"embed": embeds.notice(_CLOSED)}

    @property
    def _fitted(self) -> Draft:
        return self.draft.fitted(self.workflow)

    # Controls

    def _build(self) -> None:
        """Put the controls that the chosen workflow has a use for."""
        self.clear_items()
        selects = [self._workflow_select]
        if "loras" in self.workflow.supported and fitting(self._loras, self.workflow):
            selects.append(self._lora_select)
        for row, select in enumerate(selects):
            for item in select.items(self.custom_id):
                item.row = row if isinstance(item, discord.ui.Select) else 3
                self.add_item(item)
        for page, names in enumerate(self._settings_pages()):
            more = phrase("More settings {number}", number=page) if page > 1 else phrase("More settings")
            label = more if page else phrase("Settings")
            title = phrase("Settings for {workflow}", workflow=self.workflow.label)
            self._add_button(label, f"settings{page}", self._opener(title, names), row=2)
        if any(self.workflow.bindings.room_for(kind) for kind in MEDIA):
            self._add_button(phrase("Files"), "files", self._open_files, row=2)
        self._add_button(GENERATE, "generate", self._generate, style=discord.ButtonStyle.success)
        self._add_button(PROMPT, "prompt", self._opener(PROMPT, ["prompt"]))
        self._add_button(phrase("Cancel"), "cancel", self._cancel, style=discord.ButtonStyle.danger)

    def _add_button(
        self,
        label: str,
        name: str,
        on_click: OnClick,
        *,
        row: int = 4,
        style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    ) -> None:
        self.add_item(BaseButton(label=label, style=style, custom_id=self.custom_id(name), row=row, on_click=on_click))

    def _select_lora(self) -> LoraSelect:
        return LoraSelect(
            self._loras, self.workflow, self.draft.loras, on_choice=self._choose_loras, on_turn=self._update
        )

    def _settings_pages(self) -> list[list[str]]:
        names = settings_of(self.workflow, started=bool(self.draft.images))
        if self._fitted.loras:
            names.append("lora_strength")
        return pages_of(names, self.workflow, self._shown())

    def _opener(self, title: str, names: list[str]) -> OnClick:
        async def open_settings(interaction: discord.Interaction[Any]) -> None:
            await SettingsModal(title, self.token, self.workflow, names, self._shown()).open(interaction)

        return open_settings

    def _shown(self) -> dict[str, str]:
        chosen = {name: embeds.written(value) for name, value in self.draft.values.items()}
        chosen["prompt"] = self.draft.prompt
        if self.draft.lora_strength is not None:
            chosen["lora_strength"] = embeds.written(self.draft.lora_strength)
        return {**chosen, **self._typed}

    # What a click does

    async def _update(self, interaction: discord.Interaction[Any]) -> None:
        if self.is_finished():  # it was used meanwhile; its message is the job's
            await acknowledge(interaction, thinking=False)
            return
        self._build()
        await self.show(interaction)
        await self._keep()

    async def _choose_workflow(self, interaction: discord.Interaction[Any], names: list[str | None]) -> None:
        self.draft = replace(self.draft, workflow=names[0] or self.draft.workflow)
        self._workflow_select.chosen = names
        self._typed = {}
        self._lora_select = self._select_lora()
        await self._update(interaction)

    async def _choose_loras(self, interaction: discord.Interaction[Any], names: list[str | None]) -> None:
        self.draft = replace(self.draft, loras=self._lora_select.pick(names, self.draft.loras))
        await self._learn_words()
        await self._update(interaction)

    async def save(self, interaction: discord.Interaction[Any], typed: Mapping[str, str]) -> None:
        """Take what stood in the fields of one of its modals; empty takes back what was chosen."""
        self._typed.update(typed)  # also what is wrong: it stands there again when the form is opened anew
        values = {**dict.fromkeys(typed), **values_of(typed, self.workflow)}
        prompt = values.pop("prompt", self.draft.prompt) or self.draft.prompt
        strength = values.pop("lora_strength", self.draft.lora_strength)
        merged = {name: value for name, value in {**self.draft.values, **values}.items() if value is not None}
        loras = self.draft.loras
        if loras and strength != self.draft.lora_strength:
            loras = tuple(LoraPick(lora.name) for lora in loras)  # one strength for all from here on
        self.draft = replace(self.draft, prompt=prompt, values=merged, loras=loras, lora_strength=strength)
        self._typed = {}
        await self._update(interaction)

    async def _open_files(self, interaction: discord.Interaction[Any]) -> None:
        await FilesModal(self.token, self.workflow).open(interaction)

    async def save_files(self, interaction: discord.Interaction[Any], sent: Attachments) -> None:
        """Take the files of its modal; of a kind that none are of, those of before stay."""
        check_files(self.bot, sent)
        # An answer of its own: what goes wrong must not stand in the place of the form, or of the job it has become.
        await acknowledge(interaction, ephemeral=True)
        uploaded = await upload_files(self.bot, sent)
        if self.is_finished():  # it may have been used while the files were on their way
            raise UserError(CLOSED)
        self.draft = replace(self.draft, **uploaded)
        self._build()
        await super().open()
        await self._keep()
        await interaction.delete_original_response()

    async def _generate(self, interaction: discord.Interaction[Any]) -> None:
        if not self.draft.prompt.strip():
            raise UserError(_WORDLESS)  # the one that the workflow was saved with is never run unseen
        draft = self._fitted
        # What cannot be submitted leaves the form open; the workflow may be another one by now, or gone.
        draft.request(self.bot.engine.workflows.get(draft.workflow))
        refuse_when_limited(self.bot, interaction.user.id)
        self.stop()
        await acknowledge(interaction, thinking=False)
        try:
            dropped = await self.bot.engine.jobs.store.drop_form(self.token)  # also what is not confirmed yet
            if not (used := self._kept and not dropped):
                parent = None if self._parent is None else await self.bot.engine.jobs.get(self._parent)
                await submit(interaction, draft, parent=parent)
        except DisComfyError as exc:  # nothing was submitted: what was chosen is there once more
            workflow = preferred(self.bot, worded(self.bot, interaction), self.draft.workflow)
            if workflow is None:
                raise
            chosen = replace(self.draft, workflow=workflow.name)  # another one where that one can't be used any more
            again = replace(Opening.of(interaction), token=self.token)  # in the store's place of this one
            await SetupView(self.bot, again, chosen, self._loras, parent=self._parent).open()
            await report(interaction, exc, apart=True)
        else:
            if used:
                raise UserError(_USED)

    async def _cancel(self, interaction: discord.Interaction[Any]) -> None:
        self.stop()
        self.switch_off()
        await interaction.response.edit_message(embed=embeds.notice(_CANCELLED), view=self)
        await drop_form(self.bot, self.token)
