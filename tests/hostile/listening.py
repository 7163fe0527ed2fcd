"""What runs in a page, and what would: the ears of these tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Route

HERE = Path(__file__).parent
EARS, AUDIT = ((HERE / name).read_text(encoding="utf-8") for name in ("ears.js", "audit.js"))
# Handlers that wait for somebody to come by.
COME_BY = """() => {
  const names = ["mouseover", "mouseenter", "pointerover", "focusin", "toggle", "animationstart", "error"];
  for (const element of document.querySelectorAll("main *")) {
    for (const name of names) element.dispatchEvent(new Event(name));
  }
}"""


@dataclass
class Heard:
    """All that one context's pages did which no page may do."""

    ran: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # violations of the content policy
    asked: list[str] = field(default_factory=list)  # requests to anybody else
    stands: list[str] = field(default_factory=list)  # what the audit found


def listen(context: BrowserContext, origin: str) -> Heard:
    heard = Heard()
    context.add_init_script(EARS)

    def outside(route: Route) -> None:
        heard.asked.append(route.request.url)
        route.abort()

    context.route(lambda url: not url.startswith((origin, "data:", "blob:")), outside)
    return heard


def visit(page: Page, address: str, heard: Heard, allowed: dict[str, list[str]]) -> None:
    page.goto(address)
    page.evaluate(COME_BY)
    for name in ("ran", "refused"):
        getattr(heard, name).extend(page.evaluate(f"window.__{name}"))
    heard.stands += [f"{address}: {each}" for each in page.evaluate(AUDIT, allowed)]
