"""The answer in one sentence, computed from the verdict and the facts. Pure: no model writes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from comparisons.cards.facts import Facts
from comparisons.reviews.tally import CALLS, QUORUM, Outcome, Side
from comparisons.templatetags.figures import modalities, short_tokens, usd

WIDE = 15  # points between the medians from which a margin is called wide
CLEAR = 5
MUCH_MORE_CONTEXT = Decimal("1.5")
MUCH_CHEAPER = Decimal("0.8")
FREEDOM = {"proprietary": 0, "non_commercial": 1, "community": 2, "weak_conditions": 3, "permissive": 4}
PAIR = 2  # reasons named at most; the table has the rest


@dataclass(frozen=True, slots=True)
class Called:
    """What a verdict says, as values. Differences are left minus right, in points of 100."""

    outcome: Outcome
    side: Side
    wins_left: int
    wins_right: int
    left_ships: int
    left_n: int
    right_ships: int
    right_n: int
    reviewers: int  # who scored both cards
    median_difference: float | None
    provisional: bool = False
    rule_based: bool = False


@dataclass(frozen=True, slots=True)
class Unless:
    """A reason to choose the other way: `pick <name> if <need>`."""

    side: str  # "a" or "b"
    name: str
    need: str


@dataclass(frozen=True, slots=True)
class Answer:
    lead: str  # "Lean"; the name follows when there is one
    side: str  # "a", "b" or ""
    name: str
    because: str
    unless: tuple[Unless, ...] = ()

    @property
    def short(self) -> str:
        """For narrow places, where the sides go by letter: "Lean A"."""
        return f"{self.lead} {self.side.upper()}".strip()

    @property
    def sentence(self) -> str:
        """All of it as plain text, for descriptions and feeds."""
        lead = f"{self.lead} {self.name}".strip()
        tail = "".join(f"; pick {each.name} if {each.need}" for each in self.unless)
        return f"{lead}: {self.because}{tail}."


def answer(called: Called | None, left: Facts, right: Facts, names: tuple[str, str]) -> Answer:
    """The one-sentence answer. `names` are the two display names, told apart where cards share one."""
    both = (_unless("a", names[0], left, right), _unless("b", names[1], right, left))
    either = tuple(reason for reason in both if reason)
    if called is None:
        return Answer("Not heard yet", "", "", "the panel has not compared these two", either)
    lead = CALLS[called.outcome]
    match called.outcome:
        case "clear" | "lean":
            at = 0 if called.side == "left" else 1
            other = both[1 - at]
            because = _preferred(called, at, names) + _both_skipped(called)
            return Answer(lead, "ab"[at], names[at], because, (other,) if other else ())
        case "split":
            by_ships = 0 if called.left_ships * called.right_n > called.right_ships * called.left_n else 1
            because = f"scores favor {names[1 - by_ships]}, ship votes favor {names[by_ships]}"
            return Answer(lead, "", "", because, either)
        case "toss_up":
            return Answer(lead, "", "", _even(called, names) + _both_alike(called), either)
        case _:
            because = f"fewer than {QUORUM} reviewers had facts enough to score both cards"
            return Answer(lead, "", "", because, either)


def _preferred(called: Called, at: int, names: tuple[str, str]) -> str:
    wins = (called.wins_left, called.wins_right)
    middle = abs(called.median_difference or 0)
    if wins[at] - wins[1 - at] < 2:
        # The ship votes decided on their own, so the sentence must not claim a preference.
        ships, ns = (called.left_ships, called.right_ships), (called.left_n, called.right_n)
        return (
            f"{ships[at]} of {ns[at]} reviewers would ship it, "
            f"against {ships[1 - at]} of {ns[1 - at]} for {names[1 - at]}"
        )
    margin = "wide" if middle >= WIDE else "clear" if middle >= CLEAR else "small"
    return f"preferred by {wins[at]} of {called.reviewers} reviewers, by a {margin} margin"


def _both_skipped(called: Called) -> str:
    return ", though the panel would skip both" if _all_alike(called) == "skip" else ""


def _even(called: Called, names: tuple[str, str]) -> str:
    if not called.wins_left and not called.wins_right:
        return "no reviewer prefers either"
    if called.wins_left == called.wins_right:
        verb = "prefers" if called.wins_left == 1 else "prefer"
        return f"{called.wins_left} of {called.reviewers} reviewers {verb} each"
    at = 0 if called.wins_left > called.wins_right else 1
    most, least = max(called.wins_left, called.wins_right), min(called.wins_left, called.wins_right)
    verb = "prefers" if most == 1 else "prefer"
    against = f" and {least} the other" if least else ""
    return f"{most} of {called.reviewers} reviewers {verb} {names[at]}{against}, too close to call"


def _both_alike(called: Called) -> str:
    call = _all_alike(called)
    return f"; the panel would {call} both" if call else ""


def _all_alike(called: Called) -> str:
    if 2 * called.left_ships > called.left_n and 2 * called.right_ships > called.right_n:
        return "ship"
    if 2 * called.left_ships < called.left_n and 2 * called.right_ships < called.right_n:
        return "skip"
    return ""


def _unless(side: str, name: str, card: Facts, other: Facts) -> Unless | None:
    needs = [need for need, _ in zip(_advantages(card, other), range(PAIR), strict=False)]
    return Unless(side, name, "you " + " or ".join(needs)) if needs else None


def _advantages(card: Facts, other: Facts) -> Iterator[str]:
    """What `card` has over `other`, strongest first. Unknown is never an advantage or a fault."""
    if card.commercial_use == "yes" and other.commercial_use == "no":
        yield "need to use it commercially"
    elif _freedom(card) > _freedom(other) >= 0:
        yield f"need a freer license ({card.license})" if card.license else "need a freer license"
    if card.runs_locally and other.open_weights is False and not other.runs_locally:
        yield "must run it on your own machines"
    extra = modalities(kind for kind in card.modalities_in if kind not in other.modalities_in)
    if extra and other.modalities_in:
        yield f"need {' and '.join(extra)} input"
    if other.context_tokens and (card.context_tokens or 0) >= other.context_tokens * MUCH_MORE_CONTEXT:
        yield f"need more than {short_tokens(other.context_tokens)} tokens of context"
    if _cheaper(card, other):
        yield f"want the lower price ({usd(card.price_in)} against {usd(other.price_in)} per 1M tokens in)"


def _freedom(facts: Facts) -> int:
    return FREEDOM.get(facts.license_class, -1)


def _cheaper(card: Facts, other: Facts) -> bool:
    """Cheaper both ways in by a fifth at least: a price lower in one direction depends on the work."""
    prices = (card.price_in, card.price_out, other.price_in, other.price_out)
    if any(price is None for price in prices):
        return False
    card_in, card_out, other_in, other_out = (Decimal(price or 0) for price in prices)
    return card_in < other_in * MUCH_CHEAPER and card_out < other_out * MUCH_CHEAPER
