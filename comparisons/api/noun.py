"""What every noun of the API does alike: who may, how often, which parameters, which fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from rest_framework import mixins, serializers, viewsets
from rest_framework.exceptions import APIException, NotFound, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from comparisons.api.formats import Csv, Json
from comparisons.api.limits import counted, headers, within
from comparisons.api.paging import NAMES, ByKey
from comparisons.api.parameters import ByFilters, check
from comparisons.api.parts import Record
from comparisons.api.problems import Invalid
from comparisons.api.tokens import Scoped
from comparisons.listing import Order
from comparisons.people.models import Token
from comparisons.people.origin import REFUSAL, comes_from_here
from comparisons.people.roles import Role
from comparisons.switches.models import Switch

# Long enough to spare us a burst, short enough that nobody argues about a verdict that is gone.
PUBLIC = "public, max-age=60, stale-while-revalidate=300"
OWN = "private, no-cache"
PRIVATE = "private, no-store"


class Noun(viewsets.GenericViewSet[Any]):
    """The base of all views. `parameters`: names that an action takes besides those of lists and `fields`;
    `scopes` and `roles`: what a token needs for an action, and its owner."""

    permission_classes = [Scoped]
    filter_backends: list[Any] = []
    pagination_class: Any = None
    parameters: Mapping[str, tuple[str, ...]] = {}
    scopes: Mapping[str, tuple[str, ...]] = {}
    roles: Mapping[str, Role] = {}
    switch: Switch.Name | None = None  # what stops its writes, besides what stops all
    private = False  # answers that belong to one visitor or to staff, and are kept nowhere
    action: str

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Raises whatever is wrong with the request as such; what comes after it is about its content."""
        self._count(request)
        super().initial(request, *args, **kwargs)
        if not comes_from_here(request):
            raise PermissionDenied(REFUSAL.strip())
        if self.action not in (None, "metadata"):  # no such method, or OPTIONS
            check(request, self.known_parameters())

    def perform_authentication(self, request: Request) -> None:
        """Nothing more: `_count` asked for the token, before the format of the answer could be refused."""

    def _count(self, request: Request) -> None:
        # Whether or not the token is good, or guessing would be free.
        token, refusal = None, None
        try:
            token = request.auth
        except APIException as error:
            refusal = error
        self.counted = counted(request._request, token if isinstance(token, Token) else None)
        within(self.counted)
        if refusal is not None:
            raise refusal

    def known_parameters(self) -> frozenset[str]:
        names = set(self.parameters.get(self.action or "", ()))
        if self.action == "list" and self.pagination_class is not None:
            filters = getattr(self, "filterset_class", None)
            names |= {"format", *NAMES, *(filters.base_filters if filters else ())}
        if self.sparse:
            names.add("fields")
        return frozenset(names)

    @property
    def sparse(self) -> bool:
        """Whether a reader may ask for some fields only."""
        if self.action not in ("list", "retrieve") or self.serializer_class is None:
            return False
        made = self.get_serializer_class()
        return issubclass(made, Record) and bool(made.named_by)

    def get_renderers(self) -> list[Any]:
        table = self.action == "list" and self.pagination_class is not None
        return [Json(), Csv()] if table else [Json()]

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "only": self._only()}

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        if found := getattr(self, "counted", None):
            for name, value in headers(found).items():
                answer[name] = value
        if "Cache-Control" not in answer:
            answer["Cache-Control"] = self._kept(request, answer.status_code)
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)

    def _kept(self, request: Any, status: int) -> str:
        if request.method not in ("GET", "HEAD") or self.private or status >= 400:
            return PRIVATE
        # What a token is told of its limit is nobody else's.
        return OWN if "HTTP_AUTHORIZATION" in request.META else PUBLIC

    def _only(self) -> frozenset[str] | None:
        """The fields asked for. Raises Invalid."""
        request = getattr(self, "request", None)
        text = request.query_params.get("fields") if request is not None and self.sparse else None
        if text is None:
            return None
        made: Any = self.get_serializer_class()
        names, known = text.split(","), made().fields
        if unknown := [name for name in names if name not in known]:
            raise Invalid({"fields": f"“{unknown[0][:40]}” is not one of {', '.join(known)}."})
        if len(set(names)) != len(names):
            raise Invalid({"fields": "names a field twice."})
        return frozenset(names)


class ReadNoun(mixins.ListModelMixin, mixins.RetrieveModelMixin, Noun):
    """A noun with a list and single records. `orders`: the first is the list's own."""

    filter_backends = [ByFilters]
    pagination_class = ByKey
    orders: Mapping[str, Order]
    detail_serializer: type[serializers.Serializer[Any]] | None = None
    missing = "There is nothing at this address."

    def get_serializer_class(self) -> Any:
        detail = self.detail_serializer if self.action == "retrieve" else None
        return detail or self.serializer_class

    def wide(self) -> QuerySet[Any] | None:
        """The rows of the list with all that is told of one, where `get_queryset` has only what the list is
        filtered and ordered by."""
        return None

    def with_more(self, rows: list[Any]) -> list[Any]:
        """The rows with what a second query brings for all of them."""
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.get_queryset().filter(**kwargs).first()
        if found is None:
            raise NotFound(self.missing)
        told, *_ = self.with_more([found])
        return Response(self.get_serializer(told).data)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        data = self.get_serializer(self.with_more(list(rows)), many=True).data
        return self.get_paginated_response(data)


class Nothing(Noun):
    """Every address below /api/v1/ that is none."""

    schema = None

    def nothing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        raise NotFound("There is no such address in the API; all of them end with a slash.")

    def known_parameters(self) -> frozenset[str]:
        return frozenset(self.request.query_params)
