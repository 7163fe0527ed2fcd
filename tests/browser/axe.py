"""axe-core on a page as it stands: both themes, a phone and a desk. The answer is what is wrong, in words."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# The package is here for this one file; it is evaluated in the page by the debugging protocol, which our
# content policy does not concern.
SOURCE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
# `target-size` is WCAG 2.2 AA, and off in axe-core unless it is asked for.
EVERYTHING = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
# All that a theme can change. Running the rest once more would find the same and take twice the time.
COLORS = {"runOnly": ["color-contrast", "link-in-text-block"], "resultTypes": ["violations"]}
RUNS = (("light", EVERYTHING), ("dark", COLORS))
WIDTHS = (360, 1280)
CHOOSE = "theme => { document.documentElement.dataset.theme = theme }"


def violations(page: Page, where: str) -> list[str]:
    """Every violation, named by rule, place, theme and width; none is the aim."""
    page.evaluate(SOURCE)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme, options in RUNS:
            page.evaluate(CHOOSE, theme)
            answer = page.evaluate("options => axe.run(document, options)", options)
            found += [_in_words(each, f"{where}, {theme}, {width} px") for each in answer["violations"]]
    return found


def _in_words(violation: dict[str, Any], where: str) -> str:
    nodes = "; ".join(" ".join(map(str, node["target"])) for node in violation["nodes"][:5])
    first = violation["nodes"][0]["failureSummary"].replace("\n", " ")
    return f"{where}: {violation['id']} at {nodes}: {first}"
