"""Sign in and out, and accept an invitation."""

from django.urls import URLPattern, path

from accounts.views import invitation, login

urlpatterns: list[URLPattern] = [
    path("login/", login.login, name="login"),
    path("logout/", login.logout, name="logout"),
    path("invitations/<str:token>/", invitation.accept, name="invitation"),
]
