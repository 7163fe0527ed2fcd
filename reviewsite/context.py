"""What every template may say about the site itself. Nothing here may depend on the visitor."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    return {
        "SITE_NAME": settings.SITE_NAME,
        "SITE_URL": settings.SITE_URL,
        "BRAND_STYLE": settings.BRAND_STYLE,
        "DRAWN_ICON": settings.DRAWN_ICON,
    }
