"""What `manage.py doctor` finds besides the system checks, by code."""

from __future__ import annotations

from chatplatform.lib.problems import Problem

FINDINGS: dict[str, Problem] = {
    "doctor.database_unusable": Problem(
        "The database does not answer, or cannot serve.",
        "It is down, too old or without pgvector 0.8, its address or password in DATABASE_URL is wrong, or a firewall is between.",
        "Try psql with the same address from this machine, and read the database's log. The rest is looked at once it serves.",
    ),
    "doctor.migrations_waiting": Problem(
        "The database is older than the code.",
        "A version was installed and its migrations were not run.",
        "Run manage.py migrate, then restart the server.",
    ),
    "doctor.secrets_closed": Problem(
        "The secrets of tenants cannot be read.",
        "The key that they were encrypted with was taken out of ENCRYPTION_KEYS, or a backup was restored with other keys.",
        "Put that key into ENCRYPTION_KEYS again, behind the first one, and run manage.py rotate_keys. Where it is lost for good, "
        "it names the tenants: run it with --forget and their ids, and let each type in its keys anew.",
    ),
    "doctor.vector_missing": Problem(
        "The extension vector is not in the database.",
        "The migrations were not run, or the database was restored without its extensions.",
        "Run manage.py migrate; where the role may not, let a superuser run CREATE EXTENSION vector there.",
    ),
    "doctor.vector_old": Problem(
        "The extension vector is older in the database than the platform needs.",
        "The server's package was upgraded, and the database was not: each keeps the version that it was made with.",
        "Let a superuser run ALTER EXTENSION vector UPDATE in the database, after upgrading the server's package to 0.8 or newer.",
    ),
    "doctor.searches_read_all": Problem(
        "Searches by words read all rows of a tenant.",
        "Under row-level security PostgreSQL uses an index for them only where a superuser vouches for the functions behind them.",
        "Let a superuser run the statements of docs/concepts/tenancy.md in the database, once.",
    ),
    "doctor.connections_scarce": Problem(
        "The database accepts fewer connections than the platform may open.",
        "Each process opens up to CHAT_DB_THREADS of them and one for each page that is being made.",
        "Raise max_connections, lower CHAT_DB_THREADS, or put a pooler in between.",
    ),
    "doctor.channel_layer_failed": Problem(
        "A message to ourselves by way of the channel layer did not come back.",
        "Redis is down, or REDIS_URL is wrong.",
        "Try redis-cli -u with the address in REDIS_URL from this machine.",
    ),
    "doctor.channel_layer_alone": Problem(
        "There is no Redis: this installation is one process.",
        "REDIS_URL is empty. A second process would not share limits, and readers there would see answers in larger pieces.",
        "Set REDIS_URL before you start a second process.",
    ),
    "doctor.worker_lags": Problem(
        "Work in the background has been waiting for too long.",
        "No manage.py db_worker runs, it runs against another database, or one is too few.",
        "Start manage.py db_worker, and look into its log.",
    ),
    "doctor.tasks_given_up": Problem(
        "Work in the background was given up, because its workers died.",
        "A worker was killed at each of three attempts: it needed more memory than there is, or its machine was restarted.",
        "Look why workers end (the kernel's log names a process that it killed for its memory). Titles and summaries come with the "
        "next message; read documents and sources again in the panel. manage.py prune_db_task_results forgets what is old.",
    ),
    "doctor.storage_failed": Problem(
        "A file could not be stored, read and removed where attachments are kept.",
        "The folder cannot be written by this user, the disk is full, or the bucket refuses its key.",
        "Check ATTACHMENTS_FOLDER, or the ATTACHMENTS_S3_… settings, as the user that the server runs as.",
    ),
    "doctor.attachments_missing": Problem(
        "Files that conversations name are not where attachments are kept.",
        "The database was restored without them, ATTACHMENTS_FOLDER or the bucket is another one than before, or each server has a "
        "folder of its own.",
        "Restore the files (docs/guides/backup.md), and give all servers the same folder or bucket.",
    ),
    "doctor.assets_missing": Problem(
        "The browser client is not where pages look for it.",
        "It was not built, or manage.py collectstatic did not run after the build.",
        "Run make static/chatkit/client.js, and without DEBUG manage.py collectstatic after it.",
    ),
    "doctor.clock_differs": Problem(
        "Two clocks differ by more than some seconds.",
        "A machine does not set its clock by a time server. Tokens and signed identities then expire too early or too late.",
        "Let NTP set the clocks of all machines.",
    ),
    "doctor.public_url_missing": Problem(
        "Commands do not know the platform's address.",
        "PUBLIC_URL is empty, so that manage.py invite can make no link.",
        "Set PUBLIC_URL, for example to https://chat.example.com.",
    ),
    "doctor.proxies_uncounted": Problem(
        "Every visitor has the address of the proxy.",
        "SECURE_PROXY_SSL_HEADER says that there is a proxy, and TRUSTED_PROXY_COUNT that there is none.",
        "Set TRUSTED_PROXY_COUNT to the number of proxies; until then all visitors share one rate limit.",
    ),
    "doctor.url_unreachable": Problem(
        "Nobody answers at the public address.",
        "The name, the certificate, the proxy or the server behind it is wrong.",
        "Try curl -v with /healthz at that address.",
    ),
    "doctor.host_refused": Problem(
        "The platform does not answer to the public address's host name.",
        "ALLOWED_HOSTS lacks the name, or the proxy sends another one.",
        "Add the name to ALLOWED_HOSTS, and let the proxy pass Host on (nginx: proxy_set_header Host $http_host).",
    ),
    "doctor.wsgi_served": Problem(
        "The platform runs under a WSGI server.",
        "WSGI holds a whole answer back, so that the chat's API refuses to run on it.",
        "Serve chatplatform.asgi:application with Daphne or uvicorn.",
    ),
    "doctor.origin_refused": Problem(
        "A page of the public address may not use the chat.",
        "The proxy rewrites Host, or the platform does not learn that the visitor came by https.",
        "Let the proxy pass Host and X-Forwarded-Proto on, and set SECURE_PROXY_SSL_HEADER.",
    ),
    "doctor.cookie_lost": Problem(
        "The cookie of the chat does not come back.",
        "HTTPS is on, so that the cookie is Secure, and the address is http; or a proxy removes or rewrites cookies.",
        "Come by https, and let the proxy pass Set-Cookie and Cookie on as they are.",
    ),
    "doctor.no_visitors": Problem(
        "No answer was asked for: no assistant takes visitors.",
        "All active tenants want their users to sign in.",
        "Name a tenant that takes visitors with --tenant, if there is one.",
    ),
    "doctor.session_refused": Problem(
        "No chat session could be opened at the public address.",
        "The finding tells the code of the answer.",
        "See that code in docs/reference/errors.md.",
    ),
    "doctor.answer_failed": Problem(
        "An answer that was asked for at the public address did not come.",
        "The finding tells the code of the answer, or its status where it comes from a proxy.",
        "See that code in docs/reference/errors.md, or the proxy's log.",
    ),
    "doctor.answer_held_back": Problem(
        "Something between here and the platform holds answers back until they are whole.",
        "A proxy, a CDN or a compressing filter buffers, and ignores the header X-Accel-Buffering.",
        "Switch buffering and compression of text/event-stream off there (nginx: proxy_buffering off, gzip off).",
    ),
    "doctor.answer_too_short": Problem(
        "The answer was too short to tell whether something holds it back.",
        "It came at once, whole.",
        "Name a tenant whose assistant writes longer answers with --tenant.",
    ),
    "doctor.assets_not_served": Problem(
        "The browser client does not come from the public address.",
        "The proxy serves /static/ from a folder that lacks it, or with another type.",
        "Let the proxy pass /static/ on to the platform, which serves it compressed and with long cache times.",
    ),
    "doctor.provider_failed": Problem(
        "A model provider does not work with the key that is stored.",
        "The finding tells the code.",
        "See that code in docs/reference/errors.md.",
    ),
}
