"""Every shared component in every state, for whoever works on the look of the site."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from comparisons.home.specimens import specimens
from comparisons.people.roles import Role, role_required


@require_safe
@never_cache
def style(request: HttpRequest) -> HttpResponseBase:
    """For everybody in DEBUG, else for staff."""
    return _page(request) if settings.DEBUG else role_required(Role.MODERATOR)(_page)(request)


def _page(request: HttpRequest) -> HttpResponse:
    return render(request, "home/style.html", specimens())
