"""The little Discord in a browser: its page, and the socket that the page talks through.

It shows what a user sees and does what a user does, by the same people and interactions that tests hold in their
hands; no rule of Discord's is written here a second time. Knows nothing of the bot.
"""

from __future__ import annotations

from playground.page.faults import Choice, Switch
from playground.page.site import Backend, Page

__all__ = ["Backend", "Choice", "Page", "Switch"]
