"""DisComfy's command line. Without a command it runs the bot.

The only place that knows the bot, the core, the playground and the configuration at once.
"""

from __future__ import annotations

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C has nothing to end in good order while all this is imported

import asyncio
import contextlib
import dataclasses
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config import ConfigError, load_config, require_token
from core.exceptions import DisComfyError, ValidationError
from utils.logging import register_secret, setup_logging

if TYPE_CHECKING:
    from config.models import BotConfig
    from core.check import Finding
    from core.order import Order
    from playground.demo import BotSetup

EXIT_FAILED = 1
EXIT_MISUSED = 2
_DEMO_STEP = 0.06

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="ComfyUI in a Discord server. Without a command: run the bot.",
)


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if context.invoked_subcommand is None:
        run_bot()


def run_bot() -> None:
    """Run the bot until it is stopped."""
    from bot.run import run

    with _one_line_errors():
        config = _load()
        token = require_token(config)
        asyncio.run(run(config, token))


@app.command()
def generate(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="What to make; left out, the workflow's own words stay.")] = "",
    workflow: Annotated[str | None, typer.Option(help="A workflow of config.json, or a file in workflows/.")] = None,
    negative_prompt: Annotated[str | None, typer.Option("--negative", help="What to keep out.")] = None,
    width: Annotated[int | None, typer.Option(help="In pixels.")] = None,
    height: Annotated[int | None, typer.Option(help="In pixels.")] = None,
    steps: Annotated[int | None, typer.Option(help="Sampling steps.")] = None,
    cfg: Annotated[float | None, typer.Option(help="How closely the prompt is followed.")] = None,
    guidance: Annotated[float | None, typer.Option(help="The same, for a distilled model.")] = None,
    denoise: Annotated[float | None, typer.Option("--strength", help="How much of a picture is changed.")] = None,
    sampler: Annotated[str | None, typer.Option(help="By its name on the server.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="By its name on the server.")] = None,
    seed: Annotated[int | None, typer.Option(help="Repeats a picture; -1 draws a seed.")] = None,
    batch_size: Annotated[int | None, typer.Option("--batch", help="How many pictures.")] = None,
    length: Annotated[int | None, typer.Option(help="Frames of a video.")] = None,
    fps: Annotated[float | None, typer.Option(help="Frames a second.")] = None,
    duration: Annotated[float | None, typer.Option(help="Seconds of sound or video.")] = None,
    upscale_factor: Annotated[float | None, typer.Option("--factor", help="How many times larger.")] = None,
    lyrics: Annotated[str | None, typer.Option(help="Words to be sung.")] = None,
    lora: Annotated[list[str] | None, typer.Option(help="NAME:STRENGTH; may be given several times.")] = None,
    images: Annotated[list[Path] | None, typer.Option("--image", help="A picture; several times, in order.")] = None,
    masks: Annotated[list[Path] | None, typer.Option("--mask", help="A mask; likewise.")] = None,
    videos: Annotated[list[Path] | None, typer.Option("--video", help="A video; likewise.")] = None,
    audios: Annotated[list[Path] | None, typer.Option("--audio", help="A sound; likewise.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the files.", file_okay=False)] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Use the built-in demo server instead of ComfyUI.")] = False,
) -> None:
    """Make a picture, or what else a workflow makes, without Discord."""
    from core.generators.requests import SETTINGS
    from core.order import Order, existing, lora_named

    given = {name: context.params.get(name) for name in SETTINGS}  # options are called as what they set
    files = {"images": images, "masks": masks, "videos": videos, "audios": audios}
    with _one_line_errors():
        config = _load(quiet=True)
        order = Order(
            prompt,
            workflow or config.generation.default_workflow,
            {name: value for name, value in given.items() if value is not None},
            [lora_named(text) for text in lora] if lora else None,
            {kind: existing(paths) for kind, paths in files.items() if paths},
        )
        asyncio.run(_generate(config, order, out, demo=demo))


async def _generate(config: BotConfig, order: Order, out: Path | None, *, demo: bool) -> None:
    from core.engine import open_engine
    from core.progress.console import progress_bar

    async with contextlib.AsyncExitStack() as stack:
        if demo:
            config = await stack.enter_async_context(_demo_server(config))
        if out is not None:
            storage = config.storage.model_copy(update={"outputs": str(out)})
            config = config.model_copy(update={"storage": storage})
        engine = await stack.enter_async_context(open_engine(config))
        await engine.library.refresh()
        workflow = engine.workflows.get(order.workflow)
        request = await order.request(engine, workflow)
        handle = await engine.jobs.submit(request)
        with progress_bar(workflow.label, handle.tracker.get_metrics):
            result = await handle.result()
    for file in result.files:
        typer.echo(file.path)
    for text in result.texts:
        typer.echo(text)
    if request.parameters.seed is not None:
        typer.echo(f"seed {request.parameters.seed}")
    if result.problem is not None:
        raise result.problem
    if demo:
        typer.echo(
            "The demo server drew this; set COMFYUI_URL to your ComfyUI and leave --demo out for the real thing."
        )


@contextlib.asynccontextmanager
async def _demo_server(config: BotConfig) -> AsyncIterator[BotConfig]:
    """The configuration for a demo server that lives as long as the block; what it has is remembered apart."""
    from playground.comfyui import ComfyUIServer

    async with ComfyUIServer(step_seconds=_DEMO_STEP) as server:
        comfyui = config.comfyui.model_copy(update={"url": server.url, "api_key": None})
        storage = config.storage.model_copy(update={"data": str(Path(config.storage.data) / "demo")})
        yield config.model_copy(update={"comfyui": comfyui, "storage": storage})


@app.command()
def check() -> None:
    """Say what is fine and what is missing: Discord token, ComfyUI, each workflow."""
    with _one_line_errors():
        findings = asyncio.run(_examine(_load(quiet=True)))
        for finding in findings:
            typer.echo(f"{'ok     ' if finding.fine else 'missing'}  {finding.subject}: {finding.text}")
        if not all(finding.fine for finding in findings):
            raise typer.Exit(EXIT_FAILED)


@app.command()
def demo(
    comfyui: Annotated[str | None, typer.Option(metavar="URL", help="A real ComfyUI, instead of the demo's.")] = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="8640; with --script a free one.", min=0, max=65535)] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the page.")] = False,
    script: Annotated[Path | None, typer.Option(help="Play a file of actions, then end.", dir_okay=False)] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for what a script makes.", file_okay=False)] = None,
) -> None:
    """Use the whole bot in a browser; neither Discord, a token nor ComfyUI is needed."""
    with _one_line_errors():
        from playground.demo import DemoError, Plan, run_demo

        plan = Plan(
            *_demo_bots(),
            home=Path("data", "demo"),
            comfyui=None if comfyui is None else _address(comfyui),
            host=host,
            port=port,
            browser=not no_browser,
            script=script,
            out=out,
        )
        try:
            asyncio.run(run_demo(plan))
        except DemoError as exc:
            typer.echo(exc, err=True)
            raise typer.Exit(EXIT_MISUSED if exc.misused else EXIT_FAILED) from None


workflows = typer.Typer(help="The workflows: what there is, and how one was read.", invoke_without_command=True)
app.add_typer(workflows, name="workflows")


@workflows.callback()
def list_workflows(context: typer.Context) -> None:
    """List the workflows: type, what goes in, and whether they can run."""
    if context.invoked_subcommand is not None:
        return
    with _one_line_errors():
        from core.check import examine_workflows
        from core.tables import listed

        for line in listed(asyncio.run(examine_workflows(_load(quiet=True)))):
            typer.echo(line)


@workflows.command("explain")
def explain_workflow(
    wanted: Annotated[str, typer.Argument(metavar="NAME_OR_FILE", help="A workflow, or a file of any folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Say what a workflow can be told, which inputs that drives, and why it was read so."""
    with _one_line_errors():
        from core import check
        from core.tables import explained

        found = asyncio.run(check.explain_workflow(_load(quiet=True), wanted))
        as_lines = (
            [json.dumps(dataclasses.asdict(found), ensure_ascii=False, indent=2)] if as_json else explained(found)
        )
        for line in as_lines:
            typer.echo(line)


async def _examine(config: BotConfig) -> list[Finding]:
    from bot.check import examine_discord
    from core.check import examine_comfyui

    return [await examine_discord(config), *await examine_comfyui(config)]


def _demo_bots() -> tuple[BotSetup, BotSetup]:
    """This program as the bot of a demo, with what its user lends it and without: all else the environment says."""
    from config.lent import lent_folder, lent_settings, lent_variables

    variables = lent_variables(os.environ)
    try:
        settings = lent_settings()
    except ConfigError as exc:
        typer.echo(f"The bot does without your own workflow settings ({exc}).", err=True)
        settings = lent_folder({})
    return _demo_bot(settings, variables), _demo_bot(lent_folder(settings), {})


def _demo_bot(settings: Mapping[str, object], variables: Mapping[str, str]) -> BotSetup:
    from config.lent import told, without_settings
    from playground.demo import Addresses, BotSetup

    def environment(at: Addresses) -> dict[str, str]:
        return {
            **without_settings(os.environ),
            **variables,
            **told(at.token, at.discord, at.comfyui, at.home, at.outputs),
        }

    files = {"config.json": json.dumps(settings), ".env": ""}  # empty, so that none is looked for elsewhere
    return BotSetup((sys.executable, str(Path(__file__).resolve())), environment, files)


def _address(url: str) -> str:
    from config.urls import http_url

    try:
        return http_url(url)
    except ValueError as exc:
        raise ValidationError(f"--comfyui {exc}, such as http://127.0.0.1:8188.", "comfyui") from exc


def _load(*, quiet: bool = False) -> BotConfig:
    """The configuration, with logging set up by it; ``quiet``: to the file, and warnings only to the console."""
    config = load_config()
    for secret in config.secrets():
        register_secret(secret)
    setup_logging(config.logging.model_copy(update={"level": "ERROR", "file": None}) if quiet else config.logging)
    return config


@contextlib.contextmanager
def _one_line_errors() -> Iterator[None]:
    """What goes wrong ends in one line and an exit status: 2 for what was asked, 1 for what could not be done."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    except (ConfigError, ValidationError) as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(EXIT_MISUSED) from None
    except DisComfyError as exc:
        typer.echo(exc, err=True)
        raise typer.Exit(EXIT_FAILED) from None


if __name__ == "__main__":
    app()
