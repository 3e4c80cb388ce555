"""How people sign in: what Django and django-allauth are told about it (`accounts.views`)."""

from __future__ import annotations

from typing import Any

SIGNING_IN: dict[str, Any] = {
    "AUTH_PASSWORD_VALIDATORS": [
        {"NAME": f"django.contrib.auth.password_validation.{name}"}
        for name in (
            "UserAttributeSimilarityValidator",
            "MinimumLengthValidator",
            "CommonPasswordValidator",
            "NumericPasswordValidator",
        )
    ],
    # Nobody signs up: people come by invitation, which proves their address.
    "ACCOUNT_ADAPTER": "accounts.adapters.AccountAdapter",
    "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
    "ACCOUNT_LOGIN_METHODS": {"email"},
    "ACCOUNT_SIGNUP_FIELDS": ["email*"],
    "ACCOUNT_EMAIL_VERIFICATION": "none",
    "ACCOUNT_EMAIL_NOTIFICATIONS": True,
    "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
    "ACCOUNT_FORMS": {"reset_password": "accounts.forms.ResetPasswordForm"},
    # Attempts are counted by `tenants.quotas`, for all processes together.
    "ACCOUNT_RATE_LIMITS": False,
    "MFA_ADAPTER": "accounts.adapters.MFAAdapter",
    "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
    "MFA_TOTP_ISSUER": "chatplatform",
}
