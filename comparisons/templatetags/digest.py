"""The sign-up at the foot of pages: the same bytes for everybody on one page."""

from __future__ import annotations

from typing import Any

from django import template

from comparisons.digest.forms import SignUpForm
from comparisons.digest.wording import CURRENT, WORDINGS

register = template.Library()


@register.inclusion_tag("digest/_sign_up.html", takes_context=True)
def digest_sign_up(context: Any) -> dict[str, object]:
    """An empty form that says on which page it stands."""
    return {"form": SignUpForm(page=context["request"].path), "wording": WORDINGS[CURRENT]}
