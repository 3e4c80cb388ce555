"""Sign in and out, one's password and second factor, and invitations.

The views of django-allauth that the platform uses stand here by name; its others are served nowhere.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, path

from accounts.views import company, impersonation, invitation, login, password
from accounts.views.pace import paced, recipient

urlpatterns: list[URLPattern] = [
    path("login/", login.login, name="account_login"),
    path("login/code/", paced("code")(mfa.authenticate), name="mfa_authenticate"),
    path("logout/", login.logout, name="account_logout"),
    path("t/<slug:slug>/sign-in/", company.start, name="sign_in"),
    path("t/<slug:slug>/sign-in/callback/", company.callback, name="sign_in_callback"),
    path("password/reset/", paced("reset", recipient)(account.password_reset), name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    path("password/reset/link/", password.open_link, name="account_reset_password_link"),
    path(
        "password/reset/new/<str:uidb36>/",
        paced("reset link")(account.password_reset_from_key),
        {"key": "set-password"},
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("account/", mfa.index, name="mfa_index"),
    path("account/password/", password.change, name="account_change_password"),
    path("account/confirm/", paced("confirm")(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", paced("code")(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/app/", login_required(paced("code")(totp.activate_totp)), name="mfa_activate_totp"),
    path("account/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("impersonation/end/", impersonation.end, name="impersonation_end"),
    path("invitations/", invitation.accept, name="invitation"),
]
