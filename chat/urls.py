"""The chat's addresses under Django: sessions and pages.  The streaming API is in `chat.routing`."""

from django.urls import URLPattern, path

from chat.views import demo_site, documents, embeds, pages, sessions

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("t/<slug:slug>/", pages.chat, name="chat"),
    path("t/<slug:slug>/documents/<str:document_id>/", documents.document, name="document"),
    path("embed.js", embeds.script, name="embed_script"),
    path("embed/<str:public_id>/", embeds.frame, name="embed"),
    path("embed/<str:public_id>/config", embeds.config, name="embed_config"),
    path("demo/site/", demo_site.page, name="demo_site"),
    path("demo/site/token/", demo_site.token, name="demo_site_token"),
    path("api/chatkit/session", sessions.session, name="chatkit_session"),
    path("api/chatkit/refresh", sessions.refresh, name="chatkit_refresh"),
]
