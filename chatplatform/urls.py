"""Every address of the platform that Django serves.  `chat.routing` stands before it with the streaming API."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("chat.urls")),
]
