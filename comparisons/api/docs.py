"""The documentation page: the guide and the schema, rendered on the server. No third party's viewer."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page, require_safe

from comparisons.api import reference, schema
from comparisons.api.problems import KINDS
from comparisons.articles import markdown

GUIDE = settings.BASE_DIR / "docs" / "api.md"
SITE = "https://second-opinion.example"  # what the guide writes for this site


@require_safe
@cache_control(public=True, max_age=300)
@conditional_page
def docs(request: HttpRequest) -> HttpResponse:
    document = schema.document()
    context = {
        "guide": guide(),
        "groups": reference.groups(document, settings.SITE_URL),
        "things": reference.things(document),
        "problems": KINDS.items(),
    }
    return render(request, "api/docs.html", context)


@lru_cache(maxsize=1)
def guide() -> SafeString:
    """docs/api.md without its title, for this site; "" where the folder was left out of an installation."""
    try:
        text = GUIDE.read_text(encoding="utf-8")
    except OSError:
        return SafeString()
    _, _, body = text.partition("\n")
    html = markdown.with_copy_buttons(markdown.render(body.replace(SITE, settings.SITE_URL)))
    return mark_safe(html)  # noqa: S308  # sanitized by render
