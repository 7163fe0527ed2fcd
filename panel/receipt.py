"""A receipt as everybody may read it."""

from __future__ import annotations

import json
import zlib
from typing import Any

from django.conf import settings

from panel.brief import canary_for
from panel.canary import redacted
from panel.models import Attempt, Batch

REASONS = 3  # a review is shared by all pairings of its card, and each says why it fell back


def receipt_record(receipt: Attempt) -> dict[str, Any]:
    """JSON values; money in USD as text, times in ISO 8601, latency in milliseconds, null where unknown.

    Expects batch, hearing, persona, judge, snapshots and their cards to be loaded.
    """
    hearing = receipt.hearing
    # Once read here, the word could be put on a card, and whoever quotes that card would be quarantined.
    canary = canary_for(hearing.persona, settings.SECRET_KEY.encode())
    snapshots = [hearing.first] + ([hearing.second] if hearing.second else [])
    return {
        "id": str(receipt.pk),
        "question": hearing.kind,
        "outcome": receipt.outcome,
        "attempt": receipt.number,
        "batch": _batch(receipt.batch),
        "repair": receipt.repair,
        "opened_at": receipt.opened_at.isoformat(),
        "closed_at": receipt.closed_at.isoformat() if receipt.closed_at else None,
        "persona": {
            "name": hearing.persona.name,
            "slug": hearing.persona.slug,
            "version": hearing.persona.sha256,
        },
        "judge": {
            "kind": hearing.judge.kind,
            "label": hearing.judge.label,
            "settings": hearing.judge.settings,
            "key": hearing.judge.key,
        },
        "cards": [
            {
                "slug": snapshot.card.slug,
                "name": snapshot.record.get("name", ""),
                "snapshot": snapshot.sha256,
                "taken_at": snapshot.taken_at.isoformat(),
            }
            for snapshot in snapshots
        ],
        "provider": receipt.provider,
        "host": receipt.host,
        "requested_model": receipt.requested_model,
        "served_model": receipt.served_model,
        "sdk": receipt.sdk_version,
        "seed": receipt.seed,
        "prompt_sha256": receipt.prompt_sha,
        "http_status": receipt.http_status,
        "finish_reason": receipt.finish_reason,
        "error": {"class": receipt.error_class, "sentence": receipt.error} if receipt.error_class else None,
        "tokens": {"in": receipt.tokens_in, "out": receipt.tokens_out, "cached": receipt.tokens_cached},
        "cost_usd": str(receipt.cost_usd) if receipt.cost_usd is not None else None,
        "reserved_usd": str(receipt.reserved_usd),
        "price_table": receipt.price_table,
        "latency_ms": receipt.latency_ms,
        "request": _text(receipt.raw_request, canary),
        "response": _text(receipt.raw_response, canary),
        # Of the answer that was kept; an earlier one of the same question is not what readers are shown.
        "flagged": str((hearing.answer or {}).get("flagged", "")) if hearing.receipt_id == receipt.pk else "",
    }


def whole_record(receipt: Attempt) -> dict[str, Any]:
    """The same, and why an earlier judge did not speak where this one spoke in its place."""
    hearing = receipt.hearing
    later = hearing.sittings.filter(judge=hearing.judge_id).exclude(fell_back_from="")
    reasons = later.order_by("fell_back_from").values_list("fell_back_from", flat=True).distinct()
    return {**receipt_record(receipt), "fell_back_from": list(reasons[:REASONS])}


def _batch(batch: Batch | None) -> dict[str, str] | None:
    return None if batch is None else {"id": str(batch.pk), "job": batch.remote_id, "price": "half"}


def _text(compressed: bytes | memoryview | None, canary: str) -> str | None:
    if compressed is None:
        return None
    return redacted(zlib.decompress(bytes(compressed)).decode("utf-8", "replace"), canary)


def legible(text: str | None) -> str:
    """What was sent or came back, with line breaks where it is JSON; nothing is left out."""
    if not text:
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text
