"""A Discord-compatible server for demo and tests: REST, gateway and attachments on one local port.

The real discord.py connects to it. It refuses what Discord refuses, keeps Discord's time limits on a clock that
a test can move, and can fail in all the ways the real one does. Around it are humans who type, click and fill in
forms. It speaks the wire protocol only and knows nothing of the bot.
"""

from __future__ import annotations

from playground.discord.clock import Clock
from playground.discord.errors import PlaygroundError
from playground.discord.interaction import Interaction
from playground.discord.memory import FOR_DAYS, Memory
from playground.discord.message import Message
from playground.discord.model import Attachment, Channel, Guild, Upload
from playground.discord.permissions import Intent, Permission
from playground.discord.protocol import Callback, MessageFlag
from playground.discord.ratelimit import Rate
from playground.discord.server import DiscordServer
from playground.discord.user import User

__all__ = [
    "FOR_DAYS",
    "Attachment",
    "Callback",
    "Channel",
    "Clock",
    "DiscordServer",
    "Guild",
    "Intent",
    "Interaction",
    "Memory",
    "Message",
    "MessageFlag",
    "Permission",
    "PlaygroundError",
    "Rate",
    "Upload",
    "User",
]
