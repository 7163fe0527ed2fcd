"""Addresses of the panel: staff pages, and receipts for everybody."""

from django.urls import path

from panel import views

urlpatterns = [
    path("receipts/<uuid:receipt_id>/", views.receipt, name="receipt"),
    path("panel/", views.runs, name="panel"),
    path("panel/convene/", views.convene_pairing, name="panel-convene"),
    path("panel/runs/<uuid:run_id>/", views.run, name="panel-run"),
    path("panel/runs/<uuid:run_id>/stop/", views.stop, name="panel-stop"),
    path("panel/runs/<uuid:run_id>/resume/", views.resume, name="panel-resume"),
]
