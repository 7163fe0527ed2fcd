"""The web process: `granian --interface wsgi reviewsite.wsgi:application`.

Published pages are answered before Django hears of the request: see comparisons/publishing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from reviewsite.heap import settle
from reviewsite.pages import published

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reviewsite.settings")
application: WSGIApplication = get_wsgi_application()
if not settings.DEBUG:  # there, templates change while it runs
    application = published(application)
    settle()
