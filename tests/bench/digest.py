"""How fast an issue leaves, beside Django's own way: `python -m tests.bench.digest [--quick]`.

Real PostgreSQL with commits that are kept; the mail server is a process of its own (tests/bench/mailbox.py).
Django's way is `send_messages` over one reused connection, messages built one by one, nothing written down.
Ours claims, begins and records every delivery. Runs alternate; ratios are of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django
from rich.console import Console
from rich.table import Table

from tests.flows.backing import Services
from tests.flows.worker import ROOT, Manage

RESULTS = Path(__file__).parent / "results"


@contextmanager
def mailbox(milliseconds: float, certificate: tuple[str, str] | None = None) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    argv = [sys.executable, "-m", "tests.bench.mailbox", str(port), str(milliseconds), *(certificate or ())]
    process = subprocess.Popen(argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout and process.stdin
    assert process.stdout.readline() == "listening\n"
    try:
        yield port
    finally:
        process.stdin.close()
        process.wait(10)


def certificate(folder: Path) -> tuple[str, str]:
    names = str(folder / "certificate.pem"), str(folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    return names


def fill(readers: int) -> None:
    from django.utils import timezone

    from comparisons.digest.models import Subscriber

    now = timezone.now()
    plain = {"state": "confirmed", "confirmed_at": now, "asked_at": now, "wording": "1", "page": "/"}
    Subscriber.objects.bulk_create(
        [Subscriber(email=f"reader-{number}@example.org", **plain) for number in range(readers)]
    )


def compose() -> Any:
    """An issue of the size of a busy week."""
    from itertools import combinations

    from django.utils import timezone

    from comparisons.digest.actions.composing import compose
    from comparisons.digest.week import Week
    from tests.factories.benches import hear
    from tests.factories.cards import make_card

    cards = [make_card(f"card-{n}", name=f"Card {n}", price_in="0.4", price_out="2") for n in range(8)]
    for n, (one, other) in enumerate(combinations(cards, 2)):
        hear(one, other, (90 - n, 80, 70, 75), (60, 70 + n % 20, 80, 66))
    return compose(week=Week.of(timezone.now()))


def by_django(issue: Any, count: int) -> float:
    """Mails a second."""
    from django.core.mail import EmailMultiAlternatives, get_connection

    from comparisons.digest.letters import issue_sheet, list_headers, whole
    from comparisons.digest.mime import MARKER
    from comparisons.digest.models import Subscriber

    sheet = issue_sheet(whole(issue), issue.iso_week)
    readers = Subscriber.objects.order_by("pk")[:count]
    begun = time.perf_counter()

    def messages() -> Iterator[EmailMultiAlternatives]:
        for reader in readers:
            headers = {name: value.replace(MARKER, reader.token) for name, value in list_headers().items()}
            message = EmailMultiAlternatives(
                sheet.subject, sheet.text.replace(MARKER, reader.token), to=[reader.email], headers=headers
            )
            message.attach_alternative(sheet.html.replace(MARKER, reader.token), "text/html")
            yield message

    sent = get_connection().send_messages(list(messages()))
    seconds = time.perf_counter() - begun
    assert sent == count
    return count / seconds


def by_us(issue: Any, count: int, connections: int) -> float:
    from django.conf import settings
    from django.utils import timezone

    from comparisons.digest.letters import letter
    from comparisons.digest.models import Delivery, Edition, Issue, Subscriber
    from comparisons.digest.sending.sender import Sender

    settings.DIGEST_CONNECTIONS = connections
    Delivery.objects.all().delete()
    Edition.objects.all().delete()
    letter.cache_clear()
    keys = [item["key"] for kind in issue.content.values() for item in kind]
    edition = Edition.objects.create(issue=issue, keys=keys, sha256="0" * 64)
    now = timezone.now()
    Delivery.objects.bulk_create(
        [
            Delivery(kind="issue", issue=issue, edition=edition, subscriber_id=pk, not_before=now)
            for pk in Subscriber.objects.order_by("pk").values_list("pk", flat=True)[:count]
        ]
    )
    assert Issue.objects.exists()
    begun = time.perf_counter()
    Sender(seconds=600).run()
    seconds = time.perf_counter() - begun
    assert Delivery.objects.filter(state="sent").count() == count, Delivery.objects.tally()
    return count / seconds


def point(port: int, *, tls: bool) -> None:
    from django.conf import settings

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_SSL = "127.0.0.1", port, tls
    settings.DIGEST_RATE = (1_000_000, 1)


def compare(
    name: str,
    port: int,
    rounds: int,
    theirs: Callable[[], float],
    ours: dict[int, Callable[[], float]],
    *,
    tls: bool = False,
) -> list[dict[str, Any]]:
    """A row for each number of connections of ours, each beside the same runs of Django's way."""
    point(port, tls=tls)
    found: dict[int, list[float]] = {connections: [] for connections in ours}
    usual = []
    for _ in range(rounds):
        usual.append(theirs())
        for connections, run in ours.items():
            found[connections].append(run())
    django = statistics.median(usual)
    return [
        {
            "what": name,
            "connections": connections,
            "django": round(django),
            "ours": round(statistics.median(each)),
            "ratio": round(statistics.median(each) / django, 2),
        }
        for connections, each in found.items()
    ]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    count, few, rounds = (400, 60, 1) if quick else (2000, 200, 3)
    with Services(careless=False) as services, tempfile.TemporaryDirectory() as folder:
        pem = certificate(Path(folder))
        os.environ |= {
            "DATABASE_URL": services.database_url(), "REDIS_URL": services.redis_url(), "SECRET_KEY": "bench",
            "DATA_DIR": str(services.data), "SSL_CERT_FILE": pem[0],
            "DJANGO_SETTINGS_MODULE": "reviewsite.settings",
            "EMAIL_URL": "smtp://127.0.0.1:1/", "DATABASE_POOL": "20",
        }  # fmt: skip
        assert Manage(dict(os.environ), services.data / "log", "migrate", "--verbosity=0").finish() == 0
        django.setup()
        fill(count)
        issue = compose()
        found: list[dict[str, Any]] = []

        def run(mails: int, connections: int) -> Callable[[], float]:
            return lambda: by_us(issue, mails, connections)

        with mailbox(0) as port:
            usual = lambda: by_django(issue, count)  # noqa: E731
            found += compare("plain", port, rounds, usual, {n: run(count, n) for n in (1, 4)})
        usual = lambda: by_django(issue, few)  # noqa: E731
        with mailbox(20) as port:
            found += compare("20 ms round trip", port, rounds, usual, {1: run(few, 1), 10: run(count, 10)})
        with mailbox(0, pem) as port:
            found += compare("TLS", port, rounds, usual, {n: run(count, n) for n in (1, 4)}, tls=True)
    table = Table("what", "Django, mails/s", "our connections", "ours, mails/s", "ratio", title="Digest")
    for row in found:
        cells = (row["what"], row["django"], row["connections"], row["ours"], f"{row['ratio']} ×")
        table.add_row(*map(str, cells))
    Console().print(table)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "digest.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
