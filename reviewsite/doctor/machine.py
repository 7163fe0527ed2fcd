"""This machine: folders that are written and read, and room for them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

from reviewsite.doctor.findings import Finding, fail, ok, warn

LEAST_FREE, LITTLE_FREE = 200 * 2**20, 2 * 2**30
SAMPLE = "site.css"


def machine() -> Iterator[Finding]:
    yield _written("page store", settings.PAGE_STORE, "PAGE_STORE", "every page is rendered for each reader")
    yield _written("data folder", settings.DATA_DIR, "DATA_DIR", "social cards are drawn for each reader")
    yield _static()
    yield _room()


def _written(about: str, folder: Path, variable: str, otherwise: str) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        said = f"{folder} cannot be written ({error.strerror}): {otherwise}."
        return warn(about, said, f"Give it to the account that runs the site, or set {variable}.")
    return ok(about, f"{folder} can be written.")


def _static() -> Finding:
    mend = "Run: python manage.py collectstatic --noinput"
    try:
        name = staticfiles_storage.stored_name(SAMPLE)  # type: ignore[attr-defined]  # of the hashed storage
    except AttributeError:
        return warn("static files", "They are served as they are written, without hashed names.", mend)
    except (OSError, ValueError):
        name = SAMPLE
    if not (Path(settings.STATIC_ROOT) / name).is_file():
        said = f"They were not collected in {settings.STATIC_ROOT}: every page fails."
        return fail("static files", said, mend)
    return ok("static files", f"collected in {settings.STATIC_ROOT}.")


def _room() -> Finding:
    place = next(each for each in (settings.PAGE_STORE, *settings.PAGE_STORE.parents) if each.exists())
    free = shutil.disk_usage(place).free
    said = f"{free / 2**30:.1f} GB are free at {place}."
    mend = "Make room, or lower PAGE_STORE_MOST."
    if free < LEAST_FREE:
        return fail("disk", said, mend)
    return warn("disk", said, mend) if free < LITTLE_FREE else ok("disk", said)
