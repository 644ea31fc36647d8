"""What the colour of an embed says."""

from __future__ import annotations

import discord

COLOUR_WAITING = discord.Colour(0x747F8D)
COLOUR_RUNNING = discord.Colour(0x5865F2)
COLOUR_DONE = discord.Colour(0x3BA55D)
COLOUR_WARNING = discord.Colour(0xFAA61A)
COLOUR_ERROR = discord.Colour(0xED4245)
