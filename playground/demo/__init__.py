"""The whole bot in a browser: a little Discord with a page, a demo ComfyUI, and the bot as a process between them.

Importing it costs next to nothing; the servers are imported when their children are on their way already.
"""

from __future__ import annotations

from playground.demo.errors import DemoError
from playground.demo.plan import Addresses, BotSetup, Plan
from playground.demo.run import run_demo

__all__ = ["Addresses", "BotSetup", "DemoError", "Plan", "run_demo"]
