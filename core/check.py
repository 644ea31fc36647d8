"""What is fine and what is missing, for whoever sets the bot up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.comfyui.client import ComfyUIClient
from core.comfyui.workflows.manager import WorkflowManager
from core.comfyui.workflows.preflight import missing
from core.exceptions import ComfyUIError

if TYPE_CHECKING:
    from config.models import BotConfig

_NAMED = 6


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    subject: str
    fine: bool
    text: str


async def examine_comfyui(config: BotConfig) -> list[Finding]:
    """The server, then every enabled workflow against what the server has."""
    workflows = WorkflowManager(config.storage.workflows, config.workflows)
    broken = [Finding(f"workflow {name}", False, problem) for name, problem in workflows.problems().items()]
    settings = config.comfyui
    async with ComfyUIClient(settings.url, settings.timeout, api_key=settings.api_key) as client:
        try:
            stats = await client.get_system_stats()
            definitions = await client.get_object_info()
        except ComfyUIError:
            away = Finding("ComfyUI", False, "it cannot be reached; start it, or set COMFYUI_URL to where it is")
            unknown = [
                Finding(f"workflow {workflow.name}", True, "can be read; what it needs is not known without ComfyUI")
                for workflow in workflows.available()
            ]
            return [away, *unknown, *broken]
    version = (stats.get("system") or {}).get("comfyui_version", "unknown")
    found = [_judge(workflow.name, workflow.graph(), definitions) for workflow in workflows.available()]
    return [Finding("ComfyUI", True, f"version {version}"), *found, *broken]


def _judge(name: str, graph: dict[str, Any], definitions: dict[str, Any]) -> Finding:
    gaps = missing(graph, definitions)
    if not gaps:
        return Finding(f"workflow {name}", True, "everything it needs is there")
    named = ", ".join(str(gap) for gap in gaps[:_NAMED])
    more = f" and {len(gaps) - _NAMED} more" if len(gaps) > _NAMED else ""
    return Finding(f"workflow {name}", False, f"ComfyUI lacks {named}{more}")
