"""What can go wrong when somebody signs in by the provider of their organisation."""

from __future__ import annotations

from chatplatform.lib.problems import ErrorSpec

SIGN_IN_ERRORS: dict[str, ErrorSpec] = {
    "sign_in_expired": ErrorSpec(
        400,
        "This attempt to sign in is over.",
        "It took more than ten minutes, was used before, or was begun in another browser or at another address.",
        "Begin again on this page.",
    ),
    "sign_in_declined": ErrorSpec(
        403,
        "Your organisation's sign-in did not let you in.",
        "The provider answered with an error: whoever asked has no access to this application there, or cancelled.",
        "Ask whoever runs it for access to this application.",
    ),
    "sign_in_unproven": ErrorSpec(
        403,
        "Your organisation's sign-in gave no valid proof of who you are.",
        "The ID token has another issuer, audience, nonce, signature or algorithm than asked for, or has ended; "
        "the audit trail says which.",
        "Ask the owner of this chat to look into its audit trail.",
    ),
    "sign_in_unverified": ErrorSpec(
        403,
        "Your organisation's sign-in has not verified your e-mail address.",
        "The provider sends no e-mail address, or does not say `email_verified: true` of it.",
        "Ask whoever runs it to verify your address.",
    ),
    "sign_in_stranger": ErrorSpec(
        403,
        "You do not belong here yet.",
        "The address is no member's, its domain is not allowed, the member is suspended, or it belongs to an account that exists "
        "already and has not accepted an invitation.",
        "Ask for an invitation, and open its link.",
    ),
    "sign_in_unavailable": ErrorSpec(
        502,
        "Your organisation's sign-in does not answer as it must.",
        "The provider cannot be reached, its address is not public, it is not the one of the settings, or it refuses the client; "
        "the audit trail says which.",
        "Try again in a minute. If it stays away, tell an owner of this chat, who can still sign in by password.",
    ),
}
