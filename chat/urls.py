"""The chat's addresses under Django: sessions and pages.  The streaming API is in `chat.routing`."""

from django.urls import URLPattern, path

from chat.views import documents, pages, sessions

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("t/<slug:slug>/", pages.chat, name="chat"),
    path("t/<slug:slug>/documents/<str:document_id>/", documents.document, name="document"),
    path("api/chatkit/session", sessions.session, name="chatkit_session"),
    path("api/chatkit/refresh", sessions.refresh, name="chatkit_refresh"),
]
