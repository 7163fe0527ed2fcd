"""Pages by key, on the lists that the site's own pages use: one query, no count, nothing moves or repeats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.http import urlencode
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.parameters import described, whole, word
from comparisons.api.problems import Invalid, Refused
from comparisons.listing import Order, Page, turn

SIZE, MOST = 20, 100
CURSOR = "^[A-Za-z0-9_-]+$"
POSITIONS = ("after", "before")
NAMES = (*POSITIONS, "page_size", "ordering")


class ByKey(BasePagination):
    """`after` and `before` are cursors out of an earlier answer; a view's `orders` are the closed list of
    orders, the first of them its own."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Raises Invalid, Refused."""
        self._request = request
        orders: Mapping[str, Order] = view.orders
        order = orders[word(request, "ordering", orders, default=next(iter(orders)))]
        at = self._position(request)
        size = whole(request, "page_size", least=1, most=MOST, default=SIZE)
        self._page: Page[Any] = turn(queryset, order, at, size=size, wide=view.wide())
        if self._page.misread:
            raise Refused(dict.fromkeys(at, "is no position in this list in this order."))
        return self._page.rows

    def get_paginated_response(self, data: Any) -> Response:
        links = {
            "next": self._link("after", self._page.after),
            "previous": self._link("before", self._page.before),
        }
        rels = {"next": "next", "previous": "prev"}
        said = ", ".join(f'<{links[name]}>; rel="{rel}"' for name, rel in rels.items() if links[name])
        return Response({**links, "results": data}, headers={"Link": said} if said else {})

    def get_paginated_response_schema(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        link = {
            "type": ["string", "null"],
            "format": "uri",
            "description": "Its address; null when there is none.",
        }
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "additionalProperties": False,
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {"type": "string", "pattern": CURSOR, "maxLength": 1000, "format": "cursor"}
        size = {"type": "integer", "minimum": 1, "maximum": MOST, "default": SIZE}
        first, *_ = orders = list(view.orders)
        return [
            described("after", cursor, "Where the next page begins, out of `next`."),
            described("before", cursor, "Where the page before ends, out of `previous`."),
            described("page_size", size, "Entries on a page."),
            described("ordering", {"type": "string", "enum": orders, "default": first}, "In which order."),
        ]

    def _position(self, request: Request) -> dict[str, str]:
        at = {
            name: request.query_params[name] for name in ("after", "before") if name in request.query_params
        }
        wrong = [
            name for name, cursor in at.items() if not re.fullmatch(CURSOR, cursor) or len(cursor) > 1000
        ]
        if wrong:
            raise Invalid(dict.fromkeys(wrong, "is no cursor out of an earlier answer."))
        if len(at) > 1:
            raise Refused({"before": "cannot be combined with `after`."})
        return at

    def _link(self, name: str, cursor: str) -> str | None:
        if not cursor:
            return None
        kept = {key: str(text) for key, text in self._request.query_params.items() if key not in POSITIONS}
        return f"{settings.SITE_URL}{self._request.path}?{urlencode({**kept, name: cursor})}"
