"""Which network asks, behind any number of proxies."""

from __future__ import annotations

import pytest
from django.test import RequestFactory
from pytest_django import Settings

from comparisons.people.network import network_of


def asked_from(address: str, forwarded: str = "") -> str:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return network_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=address))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2a3b::9", "2001:db8:1:2a00::/56"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_an_address_counts_for_its_network(address: str, network: str) -> None:
    assert asked_from(address) == network


def test_nobody_chooses_a_network_for_themselves() -> None:
    assert asked_from("192.0.2.1", forwarded="203.0.113.9") == "192.0.2.0/24"


@pytest.mark.parametrize(
    ("trusted", "forwarded", "network"),
    [
        (1, "203.0.113.9", "203.0.113.0/24"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.0/24"),
        (2, "198.51.100.1, 203.0.113.9, 10.0.0.1", "203.0.113.0/24"),
        # Shorter than our proxies would have made it: it did not come through them.
        (2, "203.0.113.9", "192.0.2.0/24"),
        (1, "nonsense", "unknown"),
    ],
)
def test_proxies_of_ours_are_counted_from_the_right(
    settings: Settings, trusted: int, forwarded: str, network: str
) -> None:
    settings.TRUSTED_PROXIES = trusted
    assert asked_from("192.0.2.1", forwarded) == network
