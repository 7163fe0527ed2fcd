"""Django's admin as INSTALLED_APPS names it. Apart from `staff`, which needs models, and those come later."""

from django.contrib.admin.apps import AdminConfig


class StaffAdmin(AdminConfig):
    default_site = "reviewsite.staff.StaffSite"
