"""docs/brand.md, block by block, and the site that comes of it."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.flows.test_up import ROOT, Up, command, free_port, refused, wait_for

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("up")]

START = "make run"


def blocks(guide: str) -> list[str]:
    """The shell of a guide; what starts the site stands in a block of its own."""
    text = (ROOT / "docs" / guide).read_text(encoding="utf-8")
    return re.findall(r"```sh\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="second-opinion-brand-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def told(home: Path) -> dict[str, str]:
    """What the guide's commands leave in the environment."""
    parts = blocks("brand.md")
    assert [part.strip() for part in parts].count(START) == 1
    script = "\n".join(part for part in parts if part.strip() != START)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{{ {script}\n}} >/dev/null\nenv -0"],
        cwd=ROOT,
        env={"HOME": str(home), "PATH": os.environ["PATH"]},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
    return {name: found[name] for name in ("BRAND_DIR", "SITE_NAME", "DATA_DIR")}


def test_the_guide_makes_another_site(told: dict[str, str]) -> None:
    data = Path(told["DATA_DIR"])
    brand, name = told["BRAND_DIR"], told["SITE_NAME"]
    up = Up(data, free_port(), PANEL_JUDGES="rubric", BRAND_DIR=brand, SITE_NAME=name)
    try:

        def raw(path: str) -> bytes:
            with urllib.request.urlopen(f"http://127.0.0.1:{up.port}{path}", timeout=10) as answer:
                return bytes(answer.read())

        def page(path: str) -> str:
            return raw(path).decode()

        pairing = "/compare/river-3b-vs-river-9b/"
        wait_for(lambda: "Reviewer by reviewer" in page(pairing), "never heard")
        found = page(pairing)
        assert "<span>Small Models Weekly</span>" in found
        assert "The Tinkerer" in found
        assert "The Founder" not in found
        assert "Written in a shed by the river." in found
        [style] = re.findall(r'href="(/static/brand\.[0-9a-f]+\.css)"', found)
        assert "265" in page(style)
        assert "River 9B" in page("/models/")
        # What no style sheet reaches has the same colors: light a and b of the guide, in sRGB.
        assert 'href="/icon.svg"' in page("/models/")
        icon = page("/icon.svg")
        assert all(color in icon for color in ("#284cac", "#a12e39", "#98b7f8", "#f2a7a6"))
        picture = Image.open(io.BytesIO(raw(f"{pairing}og.png"))).convert("RGB")
        drawn = {color for _, color in picture.getcolors(1 << 20) or []}
        assert {(0x28, 0x4C, 0xAC), (0xA1, 0x2E, 0x39)} <= drawn
        assert (0x00, 0x63, 0x64) not in drawn
        assert "Claude" not in page("/models/")
        assert "It runs on what I already own" in page("/reviewers/")
    finally:
        up.process.terminate()
        up.process.wait(30)
        subprocess.run(**command(data, "reset", "--yes"), check=True, capture_output=True)


def test_a_brand_that_cannot_be_used_is_refused_in_one_line(home: Path) -> None:
    brand = home / "broken"
    (brand / "personas").mkdir(parents=True)
    (brand / "personas" / "auditor.md").write_text("---\nslug: auditor\n---\nYou audit.\n", encoding="utf-8")
    assert refused(home / "data", "up", BRAND_DIR=str(brand)).startswith("auditor.md, name: ")
    assert refused(home / "data", "up", BRAND_DIR=str(home / "nowhere")).startswith("BRAND_DIR: ")
    (brand / "static").mkdir()
    (brand / "static" / "brand.css").write_text(":root { --b: tomato; }", encoding="utf-8")
    assert refused(home / "data", "up", BRAND_DIR=str(brand)).startswith("brand.css, --b: 'tomato' is not ")
