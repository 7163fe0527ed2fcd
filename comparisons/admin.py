"""The register of the rooms' admin pages."""

import comparisons.articles.admin
import comparisons.bookmarks.admin
import comparisons.cards.admin
import comparisons.counterpoints.admin
import comparisons.digest.admin
import comparisons.people.admin
import comparisons.votes.admin

__all__ = ["comparisons"]
