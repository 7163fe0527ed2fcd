"""The register of every room's tables, for Django alone; nothing else imports it."""

from comparisons.articles.models import AgedNote, Article, RelatedCard
from comparisons.audit.models import AuditEntry
from comparisons.bookmarks.models import Bookmark
from comparisons.cards.models import Card, CardSnapshot, Lab, Offer
from comparisons.counterpoints.models import Counterpoint, Decision, Original
from comparisons.digest.models import (
    Delivery,
    Edition,
    Interest,
    Issue,
    Outlet,
    SignUp,
    Subscriber,
    Suppression,
)
from comparisons.pairings.models import Pairing
from comparisons.people.models import Token, User
from comparisons.reviews.models import Pick, Review, Reviewer, Verdict
from comparisons.switches.models import Switch
from comparisons.ticks.models import Tick
from comparisons.votes.models import ShipCount, Vote, VoteCount

__all__ = [
    "AgedNote",
    "Article",
    "AuditEntry",
    "Bookmark",
    "Card",
    "CardSnapshot",
    "Counterpoint",
    "Decision",
    "Delivery",
    "Edition",
    "Interest",
    "Issue",
    "Lab",
    "Offer",
    "Original",
    "Outlet",
    "Pairing",
    "Pick",
    "RelatedCard",
    "Review",
    "Reviewer",
    "ShipCount",
    "SignUp",
    "Subscriber",
    "Suppression",
    "Switch",
    "Tick",
    "Token",
    "User",
    "Verdict",
    "Vote",
    "VoteCount",
]
