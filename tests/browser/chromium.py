"""The system's Chromium, and what a page of ours may never do in it."""

from __future__ import annotations

import os
import shutil
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = "no Chromium on this machine: install one, or set CHROMIUM to the path of its program"
# It asks nobody for updates and finishes quickly; its sandbox refuses to run as root.
ARGUMENTS = [
    "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", *(["--no-sandbox"] if os.geteuid() == 0 else []),
]  # fmt: skip

# The console hears of most violations by itself; this way it hears of every one, and in one form.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("CSP " + event.violatedDirective + " refused " + (event.blockedURI || "something inline"));
});
"""


def program() -> str | None:
    """Where Chromium is; None when there is none."""
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Watch:
    """Listens to a browser context and collects what no page of ours may do: errors in the console, scripts
    that fail, violations of the content policy, requests to anybody else."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.complaints: list[str] = []
        self.refusals: set[int] = set()
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("page", self._listen)
        context.on("request", self._asked)

    def expects(self, *statuses: int) -> None:
        """The journey walks into a refusal, which Chromium reports in the console as well."""
        self.refusals |= set(statuses)

    def _listen(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"script failed: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        expected = any(f"responded with a status of {status} " in message.text for status in self.refusals)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme != "data" and f"{address.scheme}://{address.netloc}" != self.origin:
            self.complaints.append(f"asked somebody else: {request.url}")
