"""The settings, section by section.

Every field's description completes the sentence "set it to ...": error messages, and the table of all options, are
made from it. Sections refuse unknown keys and cannot be changed once they are made.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from config.section import DatabaseUrl, HttpUrl, Section
from config.urls import password_of
from config.vocabulary import PARAMETERS, ROLES
from config.workflow_entry import Limit, Texts, WorkflowEntry

__all__ = [
    "PARAMETERS",
    "ROLES",
    "BotConfig",
    "ComfyUIConfig",
    "DiscordConfig",
    "GenerationConfig",
    "Limit",
    "LoggingConfig",
    "ProgressConfig",
    "SecurityConfig",
    "StorageConfig",
    "WorkflowEntry",
]


class DiscordConfig(Section):
    """Who the bot is on Discord."""

    token: str = Field(
        default="",
        repr=False,
        description="the bot's token from discord.com/developers; keep it in .env or in the environment",
    )
    guild_id: int | None = Field(
        default=None,
        ge=1,
        le=2**64 - 1,
        description="the id of the one guild that gets the commands at once; left out, they are global",
    )
    user_install: bool = Field(
        default=False,
        description="true to let users install the bot for themselves, and use it in group chats and on servers where "
        "it is not; switch that on at discord.com/developers first. Commands of one guild are for that guild alone",
    )
    api_url: HttpUrl | None = Field(
        default=None,
        description="the base address of another Discord-compatible API, such as http://127.0.0.1:4000/api/v10; "
        "left out, it is Discord's own",
    )


class ComfyUIConfig(Section):
    """Where ComfyUI is, and how long it is waited for."""

    url: HttpUrl = Field(
        default="http://127.0.0.1:8188",
        description="the address of ComfyUI, such as http://127.0.0.1:8188, http://comfyui:8188 or http://[::1]:8188",
    )
    api_key: str | None = Field(
        default=None,
        repr=False,
        description="the bearer token that a proxy before ComfyUI asks for; keep it in .env or in the environment",
    )
    timeout: int = Field(
        default=300, ge=1, le=86_400, description="the seconds that one HTTP request may take, 1 to 86400"
    )
    silence_timeout: float = Field(
        default=20.0,
        gt=0,
        le=3_600,
        description="the seconds without a word from ComfyUI, while it has work of ours, after which its history and "
        "queue are asked, more than 0 and up to 3600",
    )
    offline_timeout: float = Field(
        default=300.0,
        ge=0,
        le=86_400,
        description="the seconds that a job waits for a server that is gone, 0 to 86400",
    )
    job_timeout: float = Field(
        default=0.0,
        ge=0,
        le=604_800,
        description="the seconds that a job may run once it has started, up to 604800; 0 for no limit",
    )
    concurrency: int = Field(
        default=2,
        ge=1,
        le=1_000,
        description="the jobs that are posted to ComfyUI at once, 1 to 1000; the others wait in the bot, where users "
        "take turns",
    )
    retries: int = Field(
        default=1,
        ge=0,
        le=10,
        description="how often a job that was lost with ComfyUI is posted again when ComfyUI is back, 0 to 10",
    )


class GenerationConfig(Section):
    """How /generate behaves."""

    default_workflow: str = Field(
        default="flux_lora", min_length=1, description="the workflow that is taken when a user names none"
    )
    upscale_workflow: Texts = Field(
        default=("upscale",),
        description="the workflow behind /upscale and its button; not offered while it is missing",
    )
    editflux_workflow: Texts = Field(
        default=("flux_kontext_edit",),
        description="the workflow behind /editflux and its button, or a list of those for one, two or more pictures; "
        "not offered while they are missing",
    )
    editqwen_workflow: Texts = Field(
        default=("qwen_image_edit", "qwen_image_edit_2", "qwen_image_edit_3"),
        description="the workflow behind /editqwen and its button, or a list of those for one, two or more pictures; "
        "not offered while they are missing",
    )
    animate_workflow: Texts = Field(
        default=("video_wan_i2v",),
        description="the workflow behind /animate and its button, or a list of those for one, two or more pictures; "
        "not offered while they are missing",
    )
    setup_timeout: float = Field(
        default=600.0,
        gt=0,
        le=840,
        description="the seconds that an opened form stays usable, more than 0 and up to 840 (Discord ends it after "
        "15 minutes)",
    )
    progress_interval: float = Field(
        default=2.0, ge=1.25, le=60, description="the least seconds between two edits of a progress message, 1.25 to 60"
    )
    spoilers: Literal["off", "nsfw", "all"] = Field(
        default="off",
        description="off to show results as they are; nsfw to have those of workflows that are marked so shown at a "
        "click only; all for those of every workflow",
    )
    posted_metadata: Literal["keep", "strip"] = Field(
        default="keep",
        description="keep to post files as ComfyUI wrote them, prompt and graph included; strip to post them without; "
        "what is on disk always keeps them",
    )


class ProgressConfig(Section):
    """What is shown of a job on its way."""

    previews: bool = Field(
        default=True,
        description="true to show pictures of the work in progress, as far as ComfyUI makes them; false to show none",
    )


class StorageConfig(Section):
    """Which folders are used."""

    outputs: str = Field(default="outputs", min_length=1, description="the folder that results are written to")
    workflows: str = Field(default="workflows", min_length=1, description="the folder that workflows are read from")
    data: str = Field(
        default="data",
        min_length=1,
        description="the folder for what the program has to remember between two runs, and for files that it makes to "
        "be posted",
    )
    max_files: int = Field(
        default=2_000,
        ge=0,
        description="the number of results that are kept, the newest ones; 0 to keep every one",
    )
    max_days: float = Field(
        default=0.0, ge=0, le=36_500, description="the days that a result is kept, up to 36500; 0 for no limit"
    )
    max_gigabytes: float = Field(
        default=0.0,
        ge=0,
        le=1_000_000,
        description="the gigabytes that all results together may take, the newest ones; 0 for no limit",
    )
    url: DatabaseUrl | None = Field(
        default=None,
        repr=False,
        description="the database of jobs, such as postgresql://user:password@host/discomfy (needs the extra "
        "postgresql) or sqlite:///path/jobs.db; left out, it is the file jobs.db in the data folder",
    )


class LoggingConfig(Section):
    """What is written for the operator, and where."""

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = Field(
        default="INFO", description="the least severity that is logged: DEBUG, INFO, WARNING, ERROR or CRITICAL"
    )
    file: str | None = Field(
        default="logs/bot.log",
        description="the file that is logged to beside the console; empty or null for none",
    )
    format: Literal["console", "json"] = Field(
        default="console", description="console for lines that people read, json for one JSON object a line"
    )

    @field_validator("level", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.strip().upper() if isinstance(value, str) else value


class SecurityConfig(Section):
    """How much a user may ask for."""

    per_user: int = Field(default=10, ge=1, description="the jobs that one user may submit in a window, at least 1")
    global_limit: int = Field(
        default=100, ge=1, description="the jobs that all users together may submit in a window, at least 1"
    )
    window_seconds: int = Field(
        default=60, ge=1, le=86_400, description="the length of that window in seconds, 1 to 86400"
    )
    max_image_mb: int = Field(
        default=25, ge=1, le=500, description="the largest file that a user may send, in MiB, 1 to 500"
    )
    max_megapixels: float = Field(
        default=50.0,
        gt=0,
        le=1_000,
        description="the largest picture that a user may send, in millions of pixels, more than 0 and up to 1000",
    )
    nsfw_in_direct_messages: bool = Field(
        default=False,
        description="true to let workflows that are marked nsfw run in direct messages and group chats, false to keep "
        "them to age-restricted channels",
    )
    buttons: Literal["everyone", "author"] = Field(
        default="everyone",
        description="everyone to let whoever sees a result use its buttons, and go on from it by the menu of its "
        "message; author to let only whoever asked for it; Delete and Cancel always need that, or the permission "
        "Manage Messages",
    )


class BotConfig(Section):
    """All settings."""

    discord: DiscordConfig = Field(default_factory=DiscordConfig, description="an object: who the bot is on Discord")
    comfyui: ComfyUIConfig = Field(
        default_factory=ComfyUIConfig, description="an object: where ComfyUI is, and how long it is waited for"
    )
    generation: GenerationConfig = Field(
        default_factory=GenerationConfig, description="an object: how /generate behaves"
    )
    progress: ProgressConfig = Field(
        default_factory=ProgressConfig, description="an object: what is shown of a job on its way"
    )
    workflows: dict[str, WorkflowEntry] = Field(
        default_factory=dict,
        description='an object of workflows by name, such as {"flux_lora": {"file": "flux_lora.json"}}',
    )
    storage: StorageConfig = Field(default_factory=StorageConfig, description="an object: which folders are used")
    logging: LoggingConfig = Field(
        default_factory=LoggingConfig, description="an object: what is written for the operator, and where"
    )
    security: SecurityConfig = Field(
        default_factory=SecurityConfig, description="an object: how much a user may ask for"
    )

    def secrets(self) -> tuple[str, ...]:
        """Return every value that no log may show: token, API key, passwords inside addresses."""
        urls = (self.comfyui.url, self.discord.api_url or "", self.storage.url or "")
        found = (self.discord.token, self.comfyui.api_key, *map(password_of, urls))
        return tuple(secret for secret in found if secret)
