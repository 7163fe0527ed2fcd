"""Addresses of this room."""

from django.urls import URLPattern, path

from comparisons.home import machines, views
from comparisons.home.style import style

urlpatterns: list[URLPattern] = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("robots.txt", machines.robots, name="robots"),
    path("llms.txt", machines.llms, name="llms"),
    # Browsers ask for it by this name where a page has no head of ours: the admin, a receipt as JSON.
    path("favicon.ico", views.icon, name="icon"),
    path("icon.svg", views.drawn_icon, name="drawn-icon"),
    path("style/", style, name="style"),
]
