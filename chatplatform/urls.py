"""Every address of the platform that Django serves.  `chat.routing` stands before it with the streaming API."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from accounts.views.login import logout
from chatplatform import views
from chatplatform.extra_apps import modules_of_extra_apps

handler500 = views.server_error

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("favicon.ico", views.favicon, name="favicon"),
    # One door: the admin's own would count no attempts, and would leave chat sessions behind.
    path("admin/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("admin/logout/", logout),
    path("admin/", admin.site.urls),
    # Before ours, so that the start page can be one's own.
    *(path("", include(module)) for module in modules_of_extra_apps("urls")),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
    path("api/<path:rest>", views.no_such_route),
]
