"""How much one network or token may ask, and how that is told.

The headers are those of draft-ietf-httpapi-ratelimit-headers-10, structured fields: `RateLimit-Policy:
"network";q=600;w=3600` and `RateLimit: "network";r=599;t=3600`. The three headers of earlier drafts meant
different things in different drafts.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest

from comparisons.api.problems import Limited
from comparisons.people.limits import Counted, Limit, count
from comparisons.people.models import Token
from comparisons.people.network import network_of


def counted(request: HttpRequest, token: Token | None) -> Counted:
    """This request, counted for its token or else for its network. Raises nothing: see `within`."""
    if token is not None:
        return count(Limit("api-token", *settings.API_PER_TOKEN), str(token.pk))
    return count(Limit("api-network", *settings.API_PER_NETWORK), network_of(request))


def within(found: Counted) -> None:
    """Raises Limited."""
    if not found.allowed:
        most, whose = found.limit.most, found.limit.name.removeprefix("api-")
        raise Limited(
            f"More than {most:,} requests of one {whose} in {found.limit.seconds:,} seconds.",
            retry_after=max(1, found.reset_seconds),
        )


def headers(found: Counted) -> Mapping[str, str]:
    name = found.limit.name.removeprefix("api-")
    policy = f'"{name}";q={found.limit.most};w={found.limit.seconds}'
    if not found.count:  # Redis does not answer, so nothing is counted and nothing is known to be left
        return {"RateLimit-Policy": policy}
    return {"RateLimit-Policy": policy, "RateLimit": f'"{name}";r={found.left};t={found.reset_seconds}'}
