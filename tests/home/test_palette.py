"""Colors for what no style sheet reaches, read from the style sheets."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import settings

from comparisons.palette import NoColor, contrast, palette_of, srgb

SITE = (settings.BASE_DIR / "reviewsite" / "static" / "site.css").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("#1a2B3c", "#1a2b3c"), ("#fa0", "#ffaa00"), ("rgb(1 2 255)", "#0102ff"), ("rgb(1, 2, 3)", "#010203"),
        # The values of https://www.w3.org/TR/css-color-4/ for the named colors of that place.
        ("oklch(0 0 0)", "#000000"), ("oklch(1 0 0)", "#ffffff"),
        ("oklch(62.796% 0.25768 29.234)", "#ff0000"),
        ("oklch(0.51975 0.17686 142.495)", "#008000"), ("oklch(0.45201 0.31321 264.052)", "#0000ff"),
        ("oklch(0.5 50% 195)", "#008186"),  # outside of sRGB: cut off, not refused
    ],
)  # fmt: skip
def test_three_ways_to_write_a_color(written, drawn):
    assert srgb("a", written) == drawn


@pytest.mark.parametrize("written", ["", "teal", "var(--b)", "#12345", "rgb(256 0 0)", "oklch(0.5 0.1)"])
def test_what_cannot_be_drawn_with_is_named(written):
    with pytest.raises(NoColor, match=r"^--a: "):
        srgb("a", written)


def test_contrast_is_that_of_the_guidelines():
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54
    assert contrast("#123456", "#123456") == 1


def test_a_brand_says_the_sides_and_the_rest_stays():
    ours = palette_of(SITE)
    brand = """
    /* :root { --a: #000000 } */
    @layer tokens {
      :root { --a: #112233; --b: #445566 }
      @media (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { --a: #778899; } }
      @media (max-width: 30rem) { :root { --b: #ffffff } }
      :root[data-theme="dark"] { --b: #aabbcc; }
    }
    """
    found = palette_of(SITE, brand)
    assert found.light == dataclasses.replace(ours.light, a="#112233", b="#445566")
    assert found.dark == dataclasses.replace(ours.dark, a="#778899", b="#aabbcc")


def test_a_brand_for_light_alone_leaves_the_dark_colors_ours():
    assert palette_of(SITE, ":root{--a:#112233}").dark == palette_of(SITE).dark


def test_our_own_icon_has_the_colors_of_the_pages():
    icon = (settings.BASE_DIR / "reviewsite" / "static" / "favicon.svg").read_text(encoding="utf-8")
    for theme in (settings.PALETTE.light, settings.PALETTE.dark):
        assert theme.a in icon and theme.b in icon


def test_a_brand_without_an_icon_gets_a_drawn_one(client, settings, db):
    assert "/static/favicon" in client.get("/models/").text
    settings.DRAWN_ICON = True
    assert 'href="/icon.svg"' in client.get("/models/").text
    assert client.get("/favicon.ico").url == "/icon.svg"
    settings.PALETTE = palette_of(SITE, ":root{--a:#112233}")
    answer = client.get("/icon.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "max-age=86400" in answer["Cache-Control"]
    assert ".a{fill:#112233}" in answer.text
    assert client.post("/icon.svg").status_code == 405
