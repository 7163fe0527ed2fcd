"""Addresses of the panel: staff pages, and receipts for everybody."""

from django.urls import path

from panel import views
from panel.desk import views as desk

urlpatterns = [
    path("receipts/<uuid:receipt_id>/", views.receipt, name="receipt"),
    path("panel/", views.runs, name="panel"),
    path("panel/convene/", views.convene_selection, name="panel-convene"),
    path("panel/runs/<uuid:run_id>/", views.run, name="panel-run"),
    path("panel/runs/<uuid:run_id>/stop/", views.stop, name="panel-stop"),
    path("panel/runs/<uuid:run_id>/resume/", views.resume, name="panel-resume"),
    path("panel/desk/", desk.desk, name="desk"),
    path("panel/switches/", desk.switches, name="switches"),
    path("panel/audit/", desk.audit, name="audit"),
    path("panel/cards/", desk.cards, name="desk-cards"),
    path("panel/cards/import/", desk.import_cards, name="desk-import"),
    path("panel/cards/<slug:slug>/", desk.card, name="desk-card"),
]
