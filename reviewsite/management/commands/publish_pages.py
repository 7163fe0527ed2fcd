"""`manage.py publish_pages [--all]`: renders pages into this host's store before anybody asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.wsgi import get_wsgi_application
from django.db.models import Q

from comparisons.articles.models import Article
from comparisons.cards.models import Card
from comparisons.pairings.models import Pairing
from comparisons.publishing.addresses import place_of
from comparisons.publishing.dependencies import Page
from comparisons.publishing.store import Store
from comparisons.reviews.models import Reviewer
from reviewsite.pages import keeper_of, renderer

LISTS = ("/", "/compare/", "/models/", "/reviewers/", "/methodology/", "/articles/")


class Command(BaseCommand):
    help = "Brings the page store of this host up to date and fills it; --all renders every page anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="every page with a verdict, kept ones too")

    def handle(self, *args: Any, **options: Any) -> None:
        rendering = renderer(get_wsgi_application())
        store = Store(settings.PAGE_STORE)
        keeper = keeper_of(store, rendering)
        kept = failed = 0
        try:
            store.make()
            # Filling a store whose position nobody has compared would be undone by the next web process.
            keeper.catch_up()
            for address in self._addresses(everything=options["all"]):
                if place_of(address) is None or (store.keeps(address) and not options["all"]):
                    continue
                _, good = rendering.publish(address, store)
                kept, failed = kept + good, failed + (not good)
                if not good:
                    store.drop(Page(address))
        except psycopg.Error as error:
            raise CommandError(f"The database does not answer: {error}", returncode=2) from None
        except OSError as error:
            raise CommandError(f"{settings.PAGE_STORE} cannot be written: {error}", returncode=2) from None
        finally:
            keeper.release()
        self.stdout.write(f"{kept} pages rendered into {settings.PAGE_STORE}, {failed} refused.")

    def _addresses(self, *, everything: bool) -> Iterator[str]:
        yield from LISTS
        yield from (f"/models/{slug}/" for slug in Card.objects.published().values_list("slug", flat=True))
        yield from (f"/reviewers/{slug}/" for slug in Reviewer.objects.values_list("slug", flat=True))
        yield from (article.get_absolute_url() for article in Article.objects.published())
        shown = Q(verdict__isnull=False) if everything else Q(featured=True)
        # In pieces: there may be half a million.
        slugs = Pairing.objects.filter(shown).order_by("-pk").values_list("slug", flat=True)
        for slug in slugs[: settings.PAGE_STORE_MOST].iterator(chunk_size=2000):
            yield f"/compare/{slug}/"
