"""Who reads the digest, what each week's issue says, and what became of every single mail."""

from comparisons.digest.models.issues import Delivery, Edition, Issue, Outlet
from comparisons.digest.models.subscribers import Interest, SignUp, Subscriber, Suppression

__all__ = [
    "Delivery", "Edition", "Interest", "Issue", "Outlet", "SignUp", "Subscriber", "Suppression",
]  # fmt: skip
