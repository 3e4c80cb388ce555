"""What an authenticator app on a telephone does."""

from __future__ import annotations

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value


def code_of(secret: str, *, steps_ahead: int = 0) -> str:
    """The code that the app shows now, or so many steps later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_ahead)))
