"""The network a request comes from, as far as limits need it. Addresses are stored nowhere."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

# One household or office rather than one machine: whoever has one IPv6 address has 2^64 of them and more.
PREFIX = {4: 24, 6: 56}


def network_of(request: HttpRequest) -> str:
    """`192.0.2.0/24` or `2001:db8:0:aa00::/56`; "unknown", one network for all, where no address is told."""
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return "unknown"
    # ::ffff:192.0.2.1 is how a server that listens on both tells an IPv4 client.
    address = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network((int(address), PREFIX[address.version]), strict=False))


def client_address(request: HttpRequest) -> str:
    """The address our outermost proxy saw: counted from the right, since whatever stands further left was
    written by whoever asked. Without trusted proxies the header is not read at all.
    """
    hops = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return hops[-trusted]
    return str(request.META.get("REMOTE_ADDR", ""))
