"""The colors of the pages for what no style sheet reaches: pictures, the icon, mail. Pure.

They are read from the style sheets themselves, so that a brand says them once: `:root` for light, and for
dark `:root` inside `@media (prefers-color-scheme: dark)` or with `[data-theme="dark"]`. What lies outside of
sRGB is cut off at its edge.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, fields

MEDIA = re.compile(r"@media([^{]*)\{((?:[^{}]*\{[^{}]*\})*[^{}]*)\}")
LIGHT = re.compile(r":root\s*\{([^}]*)\}")
DARK = re.compile(r":root\[data-theme=[\"']?dark[\"']?\]\s*\{([^}]*)\}")
ANY = re.compile(r":root[^{]*\{([^}]*)\}")
TOKEN = re.compile(r"--([\w-]+)\s*:\s*([^;}]+)")
NUMBER = r"([\d.]+)(%?)"
OKLCH = re.compile(rf"oklch\(\s*{NUMBER}\s+{NUMBER}\s+([\d.]+)(?:deg)?\s*\)")
RGB = re.compile(r"rgb\(\s*(\d+)[\s,]+(\d+)[\s,]+(\d+)\s*\)")
HEX = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
FULL_CHROMA = 0.4  # what 100 % means in oklch()
WANTED = "a color that pictures can be drawn in: oklch(L C H), #rrggbb or rgb(r g b)"


class NoColor(ValueError):
    """A token that nothing can be drawn with."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"--{name}: {value!r} is not {WANTED}")
        self.token, self.value = f"--{name}", value


@dataclass(frozen=True, slots=True)
class Theme:
    """Each as #rrggbb."""

    paper: str
    ink: str
    soft: str
    quiet: str
    hair: str
    line: str
    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Palette:
    light: Theme
    dark: Theme


def palette_of(*sheets: str) -> Palette:
    """The tokens of these style sheets, later ones before earlier ones. Raises NoColor."""
    texts = [re.sub(r"(?s)/\*.*?\*/", "", sheet) for sheet in sheets]
    light: dict[str, str] = {}
    dark: dict[str, str] = {}
    for text in texts:
        light |= _tokens(LIGHT, MEDIA.sub("", text))
        for question, inside in MEDIA.findall(text):
            if re.search(r"prefers-color-scheme:\s*dark", question):
                dark |= _tokens(ANY, inside)
        dark |= _tokens(DARK, MEDIA.sub("", text))
    return Palette(_theme(light), _theme(light | dark))


def _tokens(where: re.Pattern[str], text: str) -> dict[str, str]:
    return {name: value.strip() for block in where.findall(text) for name, value in TOKEN.findall(block)}


def _theme(tokens: dict[str, str]) -> Theme:
    return Theme(*(srgb(each.name, tokens.get(each.name, "")) for each in fields(Theme)))


def srgb(name: str, value: str) -> str:
    """#rrggbb for any of three ways to write a color."""
    if found := HEX.fullmatch(value):
        digits = found[1].lower()
        return f"#{digits}" if len(digits) == 6 else "#" + "".join(digit * 2 for digit in digits)
    if (found := RGB.fullmatch(value)) and all(int(part) < 256 for part in found.groups()):
        return "#" + "".join(f"{int(part):02x}" for part in found.groups())
    if found := OKLCH.fullmatch(value):
        lightness = float(found[1]) / (100 if found[2] else 1)
        chroma = float(found[3]) * (FULL_CHROMA / 100 if found[4] else 1)
        return "#" + "".join(f"{part:02x}" for part in _from_oklch(lightness, chroma, float(found[5])))
    raise NoColor(name, value)


def contrast(one: str, other: str) -> float:
    """From 1 to 21, between two #rrggbb: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    dark, light = sorted(_luminance(each) for each in (one, other))
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: str) -> float:
    parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _from_oklch(lightness: float, chroma: float, hue: float) -> tuple[int, ...]:
    """https://bottosson.github.io/posts/oklab/, whose numbers these are."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return tuple(round(255 * _gamma(min(1.0, max(0.0, part)))) for part in linear)


def _gamma(part: float) -> float:
    return float(12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055)
