"""A bot by hand: it posts whatever a page may have to show, and answers what is clicked or typed."""

from __future__ import annotations

import wave
from io import BytesIO
from typing import Any

import aiohttp
from PIL import Image

from playground.discord import Channel, DiscordServer, Interaction, Upload
from tests.playground.discord.puppet import Raw

MARKDOWN = """# A heading
**bold** *italic* __underlined__ ~~gone~~ `code` ***both*** \\*no star\\* ||a secret||
> quoted
> twice
- one
  - deeper
- two
1. first
2. second
-# small print
```python
print("**not bold**")
```
[a link](https://example.com/a_(b)) https://example.com/x, and <t:1700000000:R>"""

#: What must stay text wherever it is written.
HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>'

COMMANDS: tuple[dict[str, Any], ...] = (
    {
        "name": "paint",
        "description": "Make a picture",
        "name_localizations": {"de": "male"},
        "description_localizations": {"de": "Ein Bild machen"},
        "options": [
            {"type": 3, "name": "words", "description": "What to paint", "required": True, "max_length": 200},
            {"type": 4, "name": "steps", "description": "How many steps", "min_value": 1, "max_value": 50},
            {"type": 10, "name": "guidance", "description": "How close", "min_value": 0.5, "max_value": 20},
            {
                "type": 3,
                "name": "style",
                "description": "How it looks",
                "choices": [{"name": "Oil", "value": "oil"}, {"name": "Ink", "value": "ink"}],
            },
            {"type": 3, "name": "model", "description": "What paints", "autocomplete": True},
            {"type": 11, "name": "image", "description": "A picture to start from"},
            {"type": 5, "name": "private", "description": "Only you see it"},
            {"type": 6, "name": "person", "description": "For whom"},
            {"type": 7, "name": "place", "description": "Where"},
        ],
    },
    {
        "name": "album",
        "description": "Pictures that were kept",
        "options": [
            {"type": 1, "name": "show", "description": "Show them"},
            {"type": 1, "name": "clear", "description": "Forget them"},
        ],
    },
    {"name": "Keep picture", "type": 3},
    {"name": "Their pictures", "type": 2},
)

MODAL: dict[str, Any] = {
    "custom_id": "form",
    "title": "Everything a form can ask",
    "components": [
        {
            "type": 18,
            "label": "Prompt",
            "description": "What should be seen",
            "component": {"type": 4, "custom_id": "prompt", "style": 2, "max_length": 40, "min_length": 3},
        },
        {
            "type": 18,
            "label": "Style",
            "component": {
                "type": 3,
                "custom_id": "style",
                "placeholder": "How it looks",
                "required": False,
                "min_values": 0,
                "options": [
                    {"label": "Oil", "value": "oil", "description": "Thick and slow"},
                    {"label": "Ink", "value": "ink", "default": True},
                ],
            },
        },
        {
            "type": 18,
            "label": "Pictures",
            "component": {"type": 19, "custom_id": "files", "min_values": 1, "max_values": 2},
        },
        {
            "type": 18,
            "label": "Size",
            "component": {
                "type": 21,
                "custom_id": "size",
                "required": False,
                "options": [{"label": "Small", "value": "s"}, {"label": "Large", "value": "l"}],
            },
        },
        {"type": 18, "label": "Private", "component": {"type": 23, "custom_id": "private"}},
    ],
}


def button(label: str, custom_id: str, style: int = 2, **more: Any) -> dict[str, Any]:
    return {"type": 2, "label": label, "custom_id": custom_id, "style": style, **more}


def row(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(parts)}


def select(custom_id: str, placeholder: str, *labels: str, most: int = 1, **more: Any) -> dict[str, Any]:
    options = [{"label": label, "value": label.lower(), "description": f"{label} it is"} for label in labels]
    return {
        "type": 3,
        "custom_id": custom_id,
        "placeholder": placeholder,
        "options": options,
        "max_values": most,
        **more,
    }


CONTROLS = [
    row(
        button("Primary", "first", 1),
        button("Secondary", "second"),
        button("Success", "third", 3),
        button("Danger", "fourth", 4),
        button("Disabled", "fifth", disabled=True),
    ),
    row({"type": 2, "style": 5, "label": "Elsewhere", "url": "https://example.com"}),
    row(select("model", "Model", "Flux", "Qwen", "Krea")),
    row(select("loras", "LoRAs", "Ink", "Clay", "Neon", "Moss", most=3, min_values=0)),
]

EMBED: dict[str, Any] = {
    "title": "A result",
    "description": "> a **fox**\n`████░░` 40 %",
    "color": 0x3BA55D,
    "author": {"name": "Somebody"},
    "footer": {"text": "Choose what you like."},
    "thumbnail": {"url": "attachment://small.png"},
    "image": {"url": "attachment://large.png"},
    "fields": [
        *({"name": name, "value": value, "inline": True} for name, value in (("Size", "640 × 480"), ("Seed", "7"))),
        {"name": "Steps", "value": "20", "inline": True},
        {"name": "Note", "value": "All of it at once.", "inline": False},
    ],
}


def png(colour: str = "#c86420", size: tuple[int, int] = (320, 240)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def wav() -> bytes:
    out = BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return out.getvalue()


class Hand:
    """Posts as the bot does, over the wire; ``asked`` is all that somebody did."""

    def __init__(self, server: DiscordServer, session: aiohttp.ClientSession) -> None:
        self.server = server
        self.raw = Raw(server, session)

    @property
    def general(self) -> Channel:
        return self.server.channel("general")

    @property
    def asked(self) -> list[Interaction]:
        return list(self.server.world.interactions.values())

    async def post(self, *files: Upload, channel: Channel | None = None, **body: Any) -> dict[str, Any]:
        path = f"/channels/{(channel or self.general).id}/messages"
        status, answer = await self.raw("POST", path, body, files=files)
        assert status == 200, answer
        return answer

    async def edit(self, message: dict[str, Any], *files: Upload, **body: Any) -> None:
        path = f"/channels/{message['channel_id']}/messages/{message['id']}"
        status, answer = await self.raw("PATCH", path, body, files=files)
        assert status == 200, answer

    async def hears(self, name: str) -> Interaction:
        """What somebody did of that name and nobody has answered, as soon as it is here."""

        def found() -> Interaction | None:
            return next((one for one in self.asked if one.name == name and one.response_type is None), None)

        one = await self.server.until(found)
        assert one is not None
        return one

    async def answer(self, interaction: Interaction, kind: int, **data: Any) -> None:
        status, answer = await self.raw.answer(interaction, kind, data)
        assert status == 200, answer

    async def everything(self) -> None:
        """A channel with one of each."""
        ada = self.server.user("ada")
        await ada.say(self.general, "Good morning")
        await ada.say(self.general, MARKDOWN)
        await self.post(
            Upload("large.png", png("#4060a0", (640, 480))),
            Upload("small.png", png("#a04060", (64, 64))),
            embeds=[EMBED],
            components=CONTROLS,
        )
        await self.post(*(Upload(f"{n}.png", png(f"#{n}08040")) for n in range(1, 6)), content="Five pictures")
        files = (Upload("hum.wav", wav()), Upload("notes.txt", b"words"), Upload("SPOILER_end.png", png("#207040")))
        await self.post(*files, content="Files")
