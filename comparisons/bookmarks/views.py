"""Bookmarks: the list, the fragment of a page that belongs to one visitor, export and forgetting."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from comparisons.bookmarks.actions import TooMany, forget, keep, take_back
from comparisons.bookmarks.forms import NONE, BookmarkForm
from comparisons.bookmarks.models import Bookmark
from comparisons.bookmarks.page import bookmarks_of, keeps_beside, records, shelves
from comparisons.bookmarks.targets import Find, Kept, NoSuchTarget, Target
from comparisons.pairings.addresses import kept as kept_pairing
from comparisons.pairings.models import Pairing
from comparisons.people.network import network_of
from comparisons.people.origin import same_origin_writes
from comparisons.people.visitor import Visitor, leave

CHANGED = "bookmarks-changed"  # htmx triggers it on the page, so that its fragment asks again


@require_safe
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def bookmarks(request: HttpRequest) -> HttpResponse:
    """The page, or for htmx the list in the drawer."""
    return _list(request, Visitor.of(request))


@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@vary_on_headers("HX-Request", "Cookie")
def bookmark(request: HttpRequest, slug: str, find: Find) -> HttpResponse:
    """GET: what the visitor may keep of this page. POST `state`, `note`: keeps or takes back."""
    try:
        target = find(slug)
    except NoSuchTarget as reason:
        raise Http404(str(reason)) from None
    visitor = Visitor.of(request)
    if request.method != "POST":
        return _beside(request, target, visitor)
    form = BookmarkForm(request.POST)
    if form.is_valid():
        return _act(request, target, visitor, form)
    return _beside(request, target, visitor, form=form)


@require_safe
@cache_control(private=True, no_store=True)
@vary_on_headers("Cookie")
def export(request: HttpRequest) -> HttpResponse:
    own = records(bookmarks_of(Visitor.of(request)), site_url=settings.SITE_URL)
    answer = JsonResponse({"site": settings.SITE_URL, "bookmarks": own}, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="bookmarks.json"'
    return answer


@same_origin_writes
@require_POST
@cache_control(private=True, no_store=True)
def forget_me(request: HttpRequest) -> HttpResponse:
    """Deletes the bookmarks and the cookie. Answers with the page itself: a second time does nothing."""
    visitor = Visitor.of(request)
    forgotten = forget(visitor) if visitor else 0
    return leave(_list(request, None, forgotten=forgotten))


def _act(request: HttpRequest, target: Target, visitor: Visitor | None, form: BookmarkForm) -> HttpResponse:
    state, note = form.cleaned_data["state"], form.cleaned_data["note"]
    if state == NONE:
        if visitor is None:
            return _done(request, target, None)  # nothing to take back, so nothing to remember either
        take_back(visitor=visitor, on=target.on)
        return visitor.remember(_done(request, target, visitor))
    visitor = visitor or Visitor.acting(request)
    on = kept_pairing(target.on) if isinstance(target.on, Pairing) else target.on
    try:
        keep(visitor=visitor, on=on, state=Bookmark.State(state), note=note, network=network_of(request))
    except TooMany as refusal:
        form.add_error("state", str(refusal))
        return _beside(request, target, visitor, form=form)
    return visitor.remember(_done(request, Target(on, target.name), visitor))


def _done(request: HttpRequest, target: Target, visitor: Visitor | None) -> HttpResponse:
    """The bookmark as it is now, or the list when it was changed there."""
    from_list = request.POST.get("from") == "list"
    if "HX-Request" not in request.headers:
        address = reverse("bookmarks") if from_list else target.bookmark_address
        return HttpResponseRedirect(address, status=303)
    if from_list:
        answer = _list(request, visitor, said=_said(target, request.POST["state"]))
        answer["HX-Trigger-After-Settle"] = CHANGED
        return answer
    kept = keeps_beside(target, visitor)[0]
    context = {"kept": kept, "said": _said(target, request.POST["state"])}
    return render(request, "bookmarks/_keep.html", context)


def _said(target: Target, state: str) -> str:
    """What a screen reader is told when the buttons change."""
    if state == NONE:
        return f"{target.name} is no longer bookmarked."
    return f"{target.name} is bookmarked: {Bookmark.State(state).label.lower()}."


def _beside(
    request: HttpRequest, target: Target, visitor: Visitor | None, *, form: BookmarkForm | None = None
) -> HttpResponse:
    """The fragment of a page, or without scripts a page; after a refusal with what was typed."""
    keeps = keeps_beside(target, visitor)
    context = {"target": target, "keeps": keeps, "kept": keeps[0], "form": form}
    if "HX-Request" not in request.headers:
        return render(request, "bookmarks/bookmark.html", context, status=422 if form else 200)
    if form is None:
        return render(request, "bookmarks/_keeps.html", context)
    context["listed"] = request.POST.get("from") == "list"
    answer = render(request, "bookmarks/_keep.html", context, status=422)
    answer["HX-Retarget"] = "closest .keep"  # also from the list, which wanted to be replaced as a whole
    return answer


def _list(
    request: HttpRequest, visitor: Visitor | None, *, said: str = "", forgotten: int | None = None
) -> HttpResponse:
    keeps: list[Kept] = bookmarks_of(visitor)
    context = {"shelves": shelves(keeps), "count": len(keeps), "said": said, "forgotten": forgotten}
    inside = "HX-Request" in request.headers
    return render(request, "bookmarks/_list.html" if inside else "bookmarks/bookmarks.html", context)
