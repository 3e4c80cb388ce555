"""Every address of the platform that Django serves.  `chat.routing` stands before it with the streaming API."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from chatplatform import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
]
