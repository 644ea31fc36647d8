"""/view and /upload."""

from __future__ import annotations

import json
from io import BytesIO

import aiohttp
import pytest
from PIL import Image

from playground.comfyui import ComfyUIServer


def picture(colour="red", size=(4, 3), mode="RGB") -> bytes:
    buffer = BytesIO()
    Image.new(mode, size, colour).save(buffer, "png")
    return buffer.getvalue()


async def upload(client, name, content, path="/upload/image", **fields):
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("image", content, filename=name, content_type="image/png")
    for key, value in fields.items():
        form.add_field(key, value)
    return await client.send("POST", path, data=form)


async def test_a_file_comes_with_its_type_name_and_length(client, small, http, server):
    await client.run(small())
    for url in ("/view?filename=small_00001_.png", "/api/view?filename=small_00001_.png&subfolder=&type=output"):
        async with http.get(server.url + url) as answer:
            body = await answer.read()
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "image/png"
            assert answer.headers["Content-Disposition"] == 'filename="small_00001_.png"'
            assert answer.headers["Accept-Ranges"] == "bytes"
            assert body == (server.output_dir / "small_00001_.png").read_bytes()


async def test_a_range_is_206(server, http):
    (server.output_dir / "a.mp4").write_bytes(bytes(range(200)))
    async with http.get(server.url + "/view?filename=a.mp4", headers={"Range": "bytes=0-99"}) as answer:
        assert (answer.status, answer.headers["Content-Range"]) == (206, "bytes 0-99/200")
        assert await answer.read() == bytes(range(100))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("filename=nope.png", 404),
        ("type=output", 404),
        ("filename=", 400),
        ("filename=a.png&type=secret", 400),
        ("filename=../main.py", 400),
        ("filename=..%2Fmain.py", 400),
        ("filename=/etc/passwd", 400),
        ("filename=a.png&subfolder=..", 403),
        ("filename=passwd&subfolder=/etc", 403),
        ("filename=video/a.mp4", 404),
        ("filename=a.mp4&subfolder=video", 200),
        ("filename=ref.png%20[input]", 200),
        ("filename=ref.png&type=input", 200),
        ("filename=ref.png&type=temp", 404),
    ],
)
async def test_what_may_be_viewed(client, server, query, status):
    (server.output_dir / "video").mkdir()
    (server.output_dir / "video" / "a.mp4").write_bytes(b"x")
    (server.input_dir / "ref.png").write_bytes(picture())
    got, body = await client.send("GET", f"/view?{query}")
    assert got == status
    assert status == 200 or body in ("", b"")


@pytest.mark.parametrize(
    ("name", "mime"),
    [
        ("a.webp", "image/webp"),
        ("a.webm", "video/webm"),
        ("a.mp4", "video/mp4"),
        ("a.flac", "audio/flac"),
        ("a.mp3", "audio/mpeg"),
    ],
)
async def test_types_by_extension(server, http, name, mime):
    (server.output_dir / name).write_bytes(b"x")
    async with http.get(f"{server.url}/view?filename={name}") as answer:
        assert answer.headers["Content-Type"] == mime


async def test_previews_and_channels_are_converted_pictures(client, server):
    (server.output_dir / "a.png").write_bytes(picture((255, 0, 0, 128), mode="RGBA"))
    wanted = {
        "preview=webp;50": "WEBP",
        "preview=jpeg;50": "JPEG",
        "preview=": "WEBP",
        "channel=rgb": "PNG",
        "channel=a": "PNG",
    }
    for query, kind in wanted.items():
        status, body = await client.send("GET", f"/view?filename=a.png&{query}")
        assert status == 200
        assert Image.open(BytesIO(body)).format == kind
    shown = (await client.send("GET", "/view?filename=a.png&channel=a"))[1]
    assert Image.open(BytesIO(shown)).getpixel((0, 0)) == (0, 0, 0, 128)
    (server.output_dir / "a.mp4").write_bytes(b"no picture")
    assert (await client.send("GET", "/view?filename=a.mp4&preview=webp"))[0] == 500


async def test_the_returned_name_is_the_one_to_use(client, server):
    async def name(content, **fields):
        return (await upload(client, "up.png", content, **fields))[1]["name"]

    assert await name(b"one") == "up.png"
    assert await name(b"one") == "up.png"
    assert await name(b"two") == "up (1).png"
    assert await name(b"three", overwrite="true") == "up.png"
    assert await name(b"four", overwrite="false") == "up (2).png"
    assert await name(b"two") == "up (1).png"
    assert (server.input_dir / "up.png").read_bytes() == b"three"


async def test_uploads_go_where_they_are_told(client, server):
    assert await upload(client, "a.png", b"1", subfolder="disc/ord") == (
        200,
        {"name": "a.png", "subfolder": "disc/ord", "type": "input"},
    )
    assert (server.input_dir / "disc" / "ord" / "a.png").read_bytes() == b"1"
    assert (await upload(client, "b.png", b"1", type="temp"))[1]["type"] == "temp"
    assert (server.temp_dir / "b.png").exists()
    assert (await upload(client, "кот 猫.png", b"1"))[1]["name"] == "кот 猫.png"


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("a.png", {"type": "secret"}, 500),
        ("a.png", {"subfolder": "../x"}, 400),
        ("../evil.png", {}, 400),
        ("/tmp/evil.png", {}, 500),
        ("sub/a.png", {}, 500),
        ("", {}, 400),
    ],
)
async def test_uploads_that_are_refused(client, server, name, fields, status):
    assert (await upload(client, name, b"x", **fields))[0] == status
    assert not list(server.input_dir.iterdir())


async def test_an_upload_without_an_image(client):
    assert await client.send("POST", "/upload/image", data={"image": "text"}) == (400, "")
    assert await client.send("POST", "/upload/mask", data={"image": "text"}) == (400, "")


async def test_an_upload_beyond_the_limit(client_of):
    async with ComfyUIServer(draw=False, max_upload_size=1000) as server:
        client = client_of(server)
        assert (await upload(client, "a.png", bytes(2000)))[0] == 413
        assert (await client.get("/features"))["max_upload_size"] == 1000


async def test_a_mask_is_put_on_its_original(client, server):
    (server.input_dir / "a.png").write_bytes(picture("red"))
    reference = json.dumps({"filename": "a.png", "type": "input"})
    mask = picture((0, 0, 0, 40), mode="RGBA")
    status, body = await upload(client, "masked.png", mask, "/upload/mask", original_ref=reference)
    assert (status, body) == (200, {"name": "masked.png", "subfolder": "", "type": "input"})
    with Image.open(server.input_dir / "masked.png") as masked:
        assert masked.getpixel((0, 0)) == (255, 0, 0, 40)


@pytest.mark.parametrize(
    ("reference", "status"),
    [
        (None, 500),
        ("not json", 500),
        ('{"filename": "no.png"}', 500),
        ('{"filename": "../../x", "type": "input"}', 403),
    ],
)
async def test_masks_without_an_original(client, reference, status):
    fields = {} if reference is None else {"original_ref": reference}
    assert (await upload(client, "m.png", picture(), "/upload/mask", **fields))[0] == status


async def test_an_uploaded_picture_can_be_loaded(client, small):
    name = (await upload(client, "mine.png", picture(size=(20, 10))))[1]["name"]
    graph = small()
    graph["1"] = {"class_type": "LoadImage", "inputs": {"image": name}}
    assert (await client.run(graph))["status"]["completed"]
    listed = await client.get("/object_info/LoadImage")
    assert listed["LoadImage"]["input"]["required"]["image"][0] == ["mine.png"]
