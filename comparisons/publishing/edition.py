"""What a page is made of besides data: other code, templates, static files or site settings, other bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

CODE = ("comparisons", "reviewsite", "templates")
BOOT = Path("/proc/sys/kernel/random/boot_id")


def edition() -> str:
    """A hash over names, sizes and times: cheap enough for every start."""
    total = hashlib.sha256()
    for file in sorted(_files()):
        found = file.stat()
        total.update(f"{file}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    # Pages are not synced to the disk one by one, so none is trusted across a power cut.
    boot = BOOT.read_text(encoding="ascii") if BOOT.is_file() else ""
    told = (settings.SITE_NAME, settings.SITE_URL, settings.STORAGES["staticfiles"]["BACKEND"], boot)
    total.update(repr(told).encode())
    return total.hexdigest()


def _files() -> Iterator[Path]:
    folders = [settings.BASE_DIR / name for name in CODE]
    for folder in [*folders, *([settings.BRAND_DIR] if settings.BRAND_DIR else [])]:
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".html"} and path.is_file():
                yield path
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if manifest.is_file():
        yield manifest
