"""Where one is: the breadcrumb of every page that has one."""

from __future__ import annotations

from django import template

register = template.Library()


@register.inclusion_tag("_shared/_breadcrumb.html")
def breadcrumb(here: str, *above: str) -> dict[str, object]:
    """`above` are the pages between home and this one, outermost first: address, words, address, words …"""
    return {"here": here, "trail": list(zip(above[::2], above[1::2], strict=True))}
