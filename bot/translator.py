"""The texts of commands in every language that there is a catalogue for, as Discord is told of them."""

from __future__ import annotations

import asyncio

import discord
from discord import app_commands

from utils.language import LANGUAGES, Phrase, catalogues, told


class PhraseTranslator(app_commands.Translator):
    """Says phrases. All else stays as it is: names of slash commands and options are what people tell each other."""

    async def load(self) -> None:
        """Read the catalogues, which takes a moment; the bot has others to listen to meanwhile."""
        for language in dict.fromkeys(LANGUAGES.values()):
            await asyncio.to_thread(catalogues.catalogue, language)

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        text = string.message
        if locale.value not in LANGUAGES or not isinstance(text, Phrase):
            return None
        return told(text, locale.value)
