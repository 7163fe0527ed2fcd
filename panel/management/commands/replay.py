"""`manage.py replay RECEIPT`: ask the same question again and show what is different."""

from __future__ import annotations

import difflib
import json
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from panel.actions.questions import question_of
from panel.actions.receipts import BudgetSpent, close_answered, close_failed, open_receipt, repaired_by
from panel.actions.replies import RAN_OUT
from panel.brief import canary_for
from panel.canary import redacted
from panel.models import Attempt
from panel.providers import ProviderError
from panel.providers.chain import provider_for
from panel.receipt import legible, receipt_record
from panel.schedule import judge_key


class Command(BaseCommand):
    help = "Ask a receipt's question again, of the same judge, and show the difference. Publishes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("receipt", type=UUID, help="the receipt's id, as in its address")

    def handle(self, *args: Any, receipt: UUID, **options: Any) -> None:
        found = (
            Attempt.objects.select_related(
                "batch", "hearing__persona", "hearing__judge", "hearing__first__card", "hearing__second__card"
            )
            .filter(pk=receipt)
            .first()
        )
        if found is None:
            raise CommandError(f"No receipt has the id {receipt}.", returncode=2)
        before = _said(receipt_record(found)["response"])
        # What is stored is shown without the private word; compared is what may be shown.
        canary = canary_for(found.hearing.persona, settings.SECRET_KEY.encode())
        self._show(before, _said(redacted(self._ask(found), canary)), found)

    def _ask(self, found: Attempt) -> str:
        """The answer's raw text; the call has a receipt of its own, outside any run."""
        hearing = found.hearing
        provider = provider_for(found.provider)
        if provider is None:
            raise CommandError(f"{found.provider} is not configured here; nobody was asked.", returncode=2)
        if judge_key(provider.settings()) != hearing.judge.key and found.provider == hearing.judge.kind:
            self.stderr.write("The judge's settings have changed since; it is asked as it is now.")
        question = question_of(hearing)
        # A repair asked with a complaint about the answer before it.
        if found.repair and (refused := repaired_by(found)) is not None:
            question = question.repaired(refused.error, longer=refused.finish_reason in RAN_OUT)
        hearing.fence = max(hearing.fence, 1)
        try:
            receipt = open_receipt(hearing, provider, question, run=None, repair=found.repair)
        except BudgetSpent as spent:
            raise CommandError(str(spent), returncode=2) from None
        try:
            answer = provider.ask(question)
        except ProviderError as error:
            close_failed(receipt, provider, error)
            raise CommandError(f"{type(error).__name__}: {error}", returncode=2) from None
        close_answered(receipt, provider, answer)
        self.stdout.write(f"Receipt of this call: {receipt.pk}")
        return answer.raw_response.decode("utf-8", "replace")

    def _show(self, before: str, after: str, found: Attempt) -> None:
        if before == after:
            self.stdout.write("The same answer, character for character.")
            return
        when = f"{found.opened_at:%Y-%m-%d %H:%M}"
        for line in difflib.unified_diff(
            before.splitlines(), after.splitlines(), f"then ({when})", "now", lineterm=""
        ):
            self.stdout.write(line)


def _said(raw: str | None) -> str:
    """The model's own words, where they can be found in what a server sent: ids and times always differ."""
    text = raw or ""
    # As the wire keeps it: status, headers, an empty line, body.
    body = text.partition("\n\n")[2] if text.startswith("HTTP ") else text
    try:
        record = json.loads(body)
        if "custom_id" in record:  # the line of a batch
            record = record["response"]["body"]
        answer = record if "message" in record else record["choices"][0]  # Ollama's own form, or OpenAI's
        content = answer["message"]["content"]
    except (ValueError, LookupError, TypeError):
        return legible(body)
    return legible(content if isinstance(content, str) else json.dumps(content))
