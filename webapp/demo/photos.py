"""Small drawn pictures that stand for a citizen's photos; the same name gives the same bytes."""

from functools import cache, lru_cache
from io import BytesIO
from random import Random
from zlib import crc32

from PIL import Image, ImageDraw, ImageFilter

SIZE = (640, 420)
HORIZON = 180
KINDS = 6  # pictures per category
SKIES = [(160, 190, 215), (196, 205, 210), (120, 140, 165), (226, 190, 150), (60, 66, 92)]

Drawing = ImageDraw.ImageDraw


def names(code: str, rng: Random, count: int) -> list[str]:
    """`count` different picture names of a category."""
    return [f"{code}-{n}.{_ending(n)}" for n in rng.sample(range(1, KINDS + 1), count)]


def content_type(name: str) -> str:
    """The media type of a picture name."""
    return "image/png" if name.endswith(".png") else "image/jpeg"


@cache
def size(name: str) -> int:
    """How many bytes the picture has; 0 for a name that does not exist."""
    return len(picture(name) or b"")


@lru_cache(maxsize=16)  # each is fetched about once, and has some 30 kB
def picture(name: str) -> bytes | None:
    """The bytes of a picture; None for a name that does not exist."""
    code, _, rest = name.rpartition("-")
    number, _, ending = rest.partition(".")
    known = number.isdecimal() and 1 <= int(number) <= KINDS and code in SUBJECTS
    if not known or ending != _ending(int(number)):
        return None
    out = BytesIO()
    _scene(code, Random(crc32(name.encode()))).save(out, "PNG" if ending == "png" else "JPEG")
    return out.getvalue()


def _ending(number: int) -> str:
    return "png" if number == KINDS else "jpg"


def _scene(code: str, rng: Random) -> Image.Image:
    image = Image.new("RGB", SIZE, rng.choice(SKIES))
    draw = ImageDraw.Draw(image)
    ground = rng.randint(95, 130)
    draw.rectangle((0, HORIZON, *SIZE), fill=(ground, ground, ground - 6))
    for _ in range(rng.randint(4, 8)):
        _house(draw, rng)
    SUBJECTS[code](draw, rng)
    return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 1.3)))


def _house(draw: Drawing, rng: Random) -> None:
    left, width, height = rng.randint(-40, 600), rng.randint(60, 130), rng.randint(50, 120)
    wall = tuple(rng.randint(120, 220) for _ in range(3))
    top = HORIZON - height
    draw.rectangle((left, top, left + width, HORIZON + 6), fill=wall)
    roof = [(left - 8, top), (left + width // 2, top - 30), (left + width + 8, top)]
    draw.polygon(roof, fill=(120, 60, 50))


def _blot(draw: Drawing, rng: Random, fill: tuple[int, int, int], size: int) -> None:
    x, y = rng.randint(80, 520), rng.randint(240, 360)
    width = rng.randint(size, size * 2)
    draw.ellipse((x - width, y - width // 3, x + width, y + width // 3), fill=fill)


def _roads(draw: Drawing, rng: Random) -> None:
    draw.polygon([(250, HORIZON), (390, HORIZON), (640, 420), (0, 420)], fill=(70, 70, 74))
    for _ in range(rng.randint(1, 4)):
        _blot(draw, rng, (38, 34, 30), 30)


def _lights(draw: Drawing, rng: Random) -> None:
    x, lean = rng.randint(150, 480), rng.randint(-40, 40)
    draw.line((x, 380, x + lean, 60), fill=(60, 60, 60), width=9)
    draw.line((x + lean, 60, x + lean + 70, 70), fill=(60, 60, 60), width=6)
    draw.ellipse((x + lean + 55, 64, x + lean + 90, 84), fill=(90, 88, 70))


def _waste(draw: Drawing, rng: Random) -> None:
    for _ in range(rng.randint(8, 16)):
        _blot(
            draw, rng, rng.choice([(30, 30, 34), (200, 200, 205), (60, 90, 60), (150, 60, 50)]), 18
        )


def _wet(draw: Drawing, rng: Random) -> None:
    top = rng.randint(220, 300)
    draw.rectangle((0, top, *SIZE), fill=(118, 104, 80))
    for _ in range(30):
        x, y = rng.randint(0, 600), rng.randint(top, 415)
        draw.line((x, y, x + rng.randint(15, 60), y), fill=(150, 138, 112), width=2)


def _animals(draw: Drawing, rng: Random) -> None:
    for _ in range(rng.randint(2, 4)):
        x, y = rng.randint(80, 500), rng.randint(270, 370)
        coat = rng.choice([(120, 85, 50), (40, 36, 34), (205, 190, 165)])
        draw.ellipse((x, y - 34, x + 86, y), fill=coat)
        draw.ellipse((x + 70, y - 56, x + 106, y - 22), fill=coat)
        for leg in (8, 24, 60, 74):
            draw.line((x + leg, y - 8, x + leg, y + 28), fill=coat, width=7)


def _trees(draw: Drawing, rng: Random) -> None:
    draw.line((90, 360, 560, rng.randint(200, 330)), fill=(92, 66, 42), width=26)
    for _ in range(14):
        _blot(draw, rng, (40, rng.randint(80, 130), 46), 26)


def _clutter(draw: Drawing, rng: Random) -> None:
    for _ in range(rng.randint(4, 7)):
        x, y, side = rng.randint(60, 500), rng.randint(230, 330), rng.randint(40, 90)
        fill = rng.choice([(170, 150, 110), (140, 140, 145), (180, 90, 60), (70, 90, 130)])
        draw.rectangle((x, y, x + side, y + side), fill=fill, outline=(50, 50, 50), width=2)


SUBJECTS = {
    "roads": _roads,
    "lights": _lights,
    "waste": _waste,
    "drainage": _wet,
    "animals": _animals,
    "noise": _clutter,
    "water": _wet,
    "trees": _trees,
    "obstruction": _clutter,
    "facilities": _clutter,
}
