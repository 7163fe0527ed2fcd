"""What the growth bench asks for: every public page, list and filter, by name."""

from __future__ import annotations

from comparisons.api.counterpoints import NEWEST
from comparisons.cards.models import Card
from comparisons.counterpoints.models import Counterpoint
from comparisons.listing import Key, Order, words
from comparisons.pairings.listing import ORDERS, standing
from comparisons.pairings.models import Pairing
from comparisons.reviews.models import Verdict
from tests.bench import growing

SMALL = {1: "kelp", 5: "larch", 30: "moss"}  # how many of a thousand cards are a lab's
BY_SLUG = Order((Key("slug", words),))


def pages() -> dict[str, str]:
    """Name → address. Deep pages begin in the middle of all."""
    pairing = Pairing.objects.filter(verdict__isnull=False).select_related("left", "right").earliest("pk")
    left, right = pairing.left, pairing.right
    middle = standing().order_by("published_at")
    deep = middle[middle.count() // 2]
    lists = {
        "newest": "", "closest": "?sort=closest", "by name": "?sort=name",
        "of a lab": f"?lab={left.lab.slug}", "of a lab, closest": f"?lab={left.lab.slug}&sort=closest",
        "of a lab, by name": f"?lab={left.lab.slug}&sort=name",
        "of a category": "?category=Code", "of a category, closest": "?category=Code&sort=closest",
        "lab and category": f"?lab={left.lab.slug}&category={left.category}",
        "lab, category, closest": f"?lab={left.lab.slug}&category={left.category}&sort=closest",
        "clear": "?outcome=clear", "clear, closest": "?outcome=clear&sort=closest", "none": "?outcome=none",
        "clear, of a lab": f"?outcome=clear&lab={left.lab.slug}",
        "split, of a category": "?outcome=split&category=Local",
        "by a model": "?judge=model", "by the rubric": "?judge=rubric", "mixed": "?judge=mixed",
        "mixed, closest": "?judge=mixed&sort=closest", "mixed, of a lab": f"?judge=mixed&lab={left.lab.slug}",
        "search": f"?q={left.slug}", "search, many": "?q=falcon", "search, slip": "?q=falkon",
        "search of two": f"?q={left.name}+vs+{right.name}".replace(" ", "+"),
        "search, closest": f"?q={left.slug}&sort=closest", "search, clear": f"?q={left.slug}&outcome=clear",
        **{f"of a lab of {many}{how}": f"?lab={lab}{query}"
           for many, lab in SMALL.items()
           for how, query in (("", ""), (", closest", "&sort=closest"), (", by name", "&sort=name"),
                              (", clear", "&outcome=clear"), (", none", "&outcome=none"),
                              (", mixed", "&judge=mixed"), (", by a model", "&judge=model"))},
        "of a small category, closest": "?category=Speech&sort=closest",
        "small lab and category": f"?lab={SMALL[30]}&category=Speech",
    }  # fmt: skip
    found = {f"/compare/, {name}": f"/compare/{query}" for name, query in lists.items()}
    for name, sort in (("newest", ""), ("closest", "closest"), ("by name", "name")):
        cursor = ORDERS[sort or "newest"].cursor(deep)
        found[f"/compare/, {name}, deep"] = f"/compare/?sort={sort}&after={cursor}"
    return (
        found
        | api(left, deep)
        | {
            "home": "/",
            "comparison": f"/compare/{pairing.slug}/",
            "its vote": f"/compare/{pairing.slug}/vote/",
            "models": "/models/",
            "models, filtered": "/models/?weights=closed&context=128K&price=5&sort=price",
            "models, search": f"/models/?q={left.name}".replace(" ", "+"),
            "suggestions": "/models/suggest/?q=falc&for=a",
            "model": f"/models/{left.slug}/",
            "reviewers": "/reviewers/",
            "reviewer": "/reviewers/skeptic/",
            "articles": "/articles/",
            "article": "/articles/an-essay/",
            "feed": "/feeds/verdicts.atom",
            "price map": f"/models/price-and-score/{growing.RUBRIC}.svg",
            "sitemap": "/sitemap.xml",
            "sitemap, pages": "/sitemaps/pages.xml",
            "sitemap, a file": "/sitemaps/1.xml",
        }
    )


def api(card: Card, deep: Verdict) -> dict[str, str]:
    """Lists of the API: every filter and order, a page deep down, and search."""
    of = {"card": f"card={card.slug}", "lab": f"lab={card.lab.slug}", "category": "category=Code"}
    small = {f"lab of {many}": f"lab={lab}" for many, lab in SMALL.items()}
    wide = {name: f"{query}&page_size=20" for name, query in (of | small).items()}
    lists = {
        "labs": {"": ""},
        "cards": {"": "", "search": "q=falcon", "lab": of["lab"], "category": of["category"],
                  "open weights": "open_weights=true", "context": "context_min=128000",
                  "price": "price_max=5", "by price": "ordering=price", "by context": "ordering=context",
                  "newest": "ordering=newest"},
        "pairings": {"": "", **wide, "judged": "judged=true", "unjudged": "judged=false",
                     "outcome": "outcome=split", "featured": "featured=true", "newest": "ordering=newest",
                     "deep": f"after={BY_SLUG.cursor(deep.pairing)}",
                     "outcome, card": f"outcome=none&{of['card']}",
                     "outcome, lab": f"outcome=none&{of['lab']}"},
        "verdicts": {"": "", **wide, "pairing": f"pairing={deep.pairing.slug}", "outcome": "outcome=split",
                     "model": "judge=model", "rubric": "judge=rubric", "mixed": "judge=mixed",
                     "standing": "superseded=false", "superseded": "superseded=true",
                     "outcome, card": f"outcome=none&{of['card']}",
                     "outcome, lab": f"outcome=none&{of['lab']}",
                     "standing, outcome": "superseded=false&outcome=split",
                     "superseded, lab": f"superseded=true&{of['lab']}",
                     "deep": f"after={ORDERS['newest'].cursor(deep)}"},
        "reviews": {"": "", "card": of["card"], "reviewer": "reviewer=skeptic", "judge": "judge=Rubric+v1",
                    "ship": "ship=true", "current": "current=true", "not current": "current=false",
                    "reviewer, ship": "reviewer=skeptic&ship=false"},
        "counterpoints": {"": "", "pairing": f"pairing={deep.pairing.slug}", "reviewer": "reviewer=skeptic",
                          "kind": "kind=sharpen", "article": "article=an-essay",
                          "deep": f"after={NEWEST.cursor(_middle_counterpoint())}"},
        "leaderboard": {"": "", "card": of["card"]},
        "reviewers": {"": ""}, "articles": {"": ""},
    }  # fmt: skip
    found = {
        f"api, {noun}{', ' * bool(name)}{name}": f"/api/v1/{noun}/{'?' * bool(query)}{query}"
        for noun, queries in lists.items()
        for name, query in queries.items()
    }
    single = {
        "card": f"cards/{card.slug}",
        "pairing": f"pairings/{deep.pairing.slug}",
        "verdict": f"verdicts/{deep.pk}",
    }
    return found | {f"api, a {name}": f"/api/v1/{path}/" for name, path in single.items()} | {
        "api, search": "/api/v1/search/?q=falcon",
        "api, search of two": "/api/v1/search/?q=falcon+5+vs+crane+2",
    }  # fmt: skip


def _middle_counterpoint() -> Counterpoint:
    shown = Counterpoint.objects.published()
    return shown[shown.count() // 2]


# What cannot reach the limits by its nature, and why: (queries, as a pattern; reason; ms it may take).
EXCUSED = (
    (
        r"price map \[1\]|models \[4\]",
        "reads every score of the catalog, four for each of 1,000 cards, with few pairings as with many; "
        "both are rendered once, when a score changes",
        5.0,
    ),
    (
        r"(api, )?reviewers \[2\]",
        "counts every score of the catalog, with few pairings as with many",
        3.0,
    ),
    (
        r"/compare/, of a lab of [15].*|/compare/, small lab and category.*|/compare/, of a small category.*"
        r"|api, (pairings|verdicts|leaderboard), .*(card|lab of [15]) \[[23]\]",
        "sorts what is known of a few cards, and each has 999 pairings here and 44 with few",
        10.0,
    ),
    (
        r"api, pairings, outcome, lab \[2\]",
        "goes by name, and looks up the verdicts of some 1,300 pairings on the way to 20",
        10.0,
    ),
    (
        r"api, cards.*",
        "adds up 16 counters a card; with few pairings most cards have no vote, so that there are none",
        1.0,
    ),
)
