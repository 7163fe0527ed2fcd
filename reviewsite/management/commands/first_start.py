"""What a new data folder gets once: an admin, starter cards and articles, and the panel's first runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from comparisons.articles.models import Article
from comparisons.cards.models import Card
from panel.models import Run
from reviewsite.private_files import kept_secret


class Command(BaseCommand):
    help = "Creates the admin, the starter catalogue, articles and panel runs; does nothing where they exist."

    def handle(self, *args: Any, **options: Any) -> None:
        self._make_admin()
        if not Card.objects.exists():
            starter = settings.STARTER_CARDS_DIR
            call_command("import_cards", str(starter))
            if (starter / "featured.yaml").is_file():
                call_command("feature_pairings", str(starter / "featured.yaml"))
        if settings.STARTER_ARTICLES_DIR and not Article.objects.exists():
            call_command("import_articles", str(settings.STARTER_ARTICLES_DIR))
        if not Run.objects.exists():
            call_command("convene", "--featured", "--queue")

    def _make_admin(self) -> None:
        people = get_user_model()._default_manager
        if people.filter(is_superuser=True).exists():
            return
        password = kept_secret(settings.DATA_DIR / "admin_password", length=12)
        people.create_superuser(username="admin", email="", password=password)
        self.stdout.write("made the account admin; its password is in admin_password in the data folder")
