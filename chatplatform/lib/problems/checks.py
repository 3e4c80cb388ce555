"""What Django's system checks say about an installation, by id: ``manage.py check --deploy --database default``."""

from __future__ import annotations

from chatplatform.lib.problems import Problem

CHECKS: dict[str, Problem] = {
    "chatplatform.E001": Problem(
        "SECRET_KEY or one of its fallbacks is short or simple.",
        "Whoever guesses it forges cookies and tokens.",
        "python -c 'import secrets; print(secrets.token_urlsafe(64))' makes a good one.",
    ),
    "chatplatform.E002": Problem(
        "DEBUG is on.",
        "Its error pages show code and settings to everybody, and it lets demo users in.",
        "Remove DEBUG from the environment.",
    ),
    "chatplatform.E003": Problem(
        "Cookies also travel by http.",
        "HTTPS is off, so that anybody on the way can read them.",
        "Set HTTPS=true and serve the platform by https.",
    ),
    "chatplatform.E004": Problem(
        "Browsers are not told to insist on https.",
        "SECURE_HSTS_SECONDS is zero.",
        "Set SECURE_HSTS_SECONDS, for example to 31536000 (one year).",
    ),
    "chatplatform.E005": Problem(
        "The platform cannot tell https from http.",
        "It is told by a proxy's header, or it redirects by itself; neither is set up.",
        "Behind a proxy set SECURE_PROXY_SSL_HEADER='X-Forwarded-Proto: https', otherwise SECURE_SSL_REDIRECT=true.",
    ),
    "chatplatform.E006": Problem(
        "ALLOWED_HOSTS is empty or open to every name.",
        "A name that somebody else chose would end up in links and redirects.",
        "Set ALLOWED_HOSTS to the names of this installation, divided by commas.",
    ),
    "chatplatform.E007": Problem(
        "Demo users, whose passwords are public, can sign in.",
        "The database was filled by manage.py seed_demo.",
        "Delete the users whose address ends in .localhost, or deactivate them.",
    ),
    "chatplatform.E008": Problem(
        "The database is too old, or its server lacks pgvector 0.8.",
        "PostgreSQL 15 with the extension vector 0.8 is the least that is needed. Debian 12 by itself has none.",
        "Upgrade the server, or install the package postgresql-<version>-pgvector there, of PostgreSQL's own repository.",
    ),
    "chatplatform.E009": Problem(
        "The database role bypasses row-level security.",
        "It is a superuser or has BYPASSRLS, so that the last wall between tenants would be none.",
        "Create a role with NOSUPERUSER NOBYPASSRLS, make it the owner of the database, and use it in DATABASE_URL.",
    ),
    "chatplatform.E010": Problem(
        "ENCRYPTION_KEYS is missing, or holds what is no key.",
        "The tenants' secrets are encrypted with it; without one none can be stored.",
        "Set it to <id>:<key>; "
        "python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())' makes a key.",
    ),
    "chatplatform.E011": Problem(
        "PUBLIC_URL is missing.",
        "Links of e-mails never lead to the host of a tenant: a new password that is asked for there could not be chosen anywhere.",
        "Set PUBLIC_URL to where the platform is, as https://chat.example.com.",
    ),
    "tenants.E001": Problem(
        "A table of the tenants lacks row-level security.",
        "It was restored, or changed by hand, since the last migration.",
        "Run manage.py migrate: it builds the missing policies.",
    ),
    "tenants.W001": Problem(
        "The role of the server owns the tenants' tables.",
        "An owner can switch row-level security off, so that a hole in the server's code reaches further than it has to.",
        "Let another role own the tables: set DATABASE_OWNER_URL for manage.py migrate (docs/concepts/tenancy.md).",
    ),
}
