"""A server that speaks ComfyUI's HTTP and WebSocket protocol, for demo and tests. It needs no GPU and no models."""

from __future__ import annotations

from .gates import Gate
from .journal import Request
from .models import DEMO_LORAS, MODELS
from .server import ComfyUIServer

__all__ = ["DEMO_LORAS", "MODELS", "ComfyUIServer", "Gate", "Request"]
