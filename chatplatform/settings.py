"""All settings of the platform, read from the environment; docs/reference/settings.md explains each variable.

Every variable may come from a file: ``SECRET_KEY_FILE=/run/secrets/key``. What belongs to one tenant is no setting: it is a
row, which the tenant's own people change.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from chatplatform.lib import redis_settings
from chatplatform.lib.env import ENGINE, Env
from chatplatform.lib.logs import configuration
from chatplatform.lib.secret_key import development_secret_key
from chatplatform.look import PANEL
from chatplatform.parts import INSTALLED_APPS as OURS
from chatplatform.parts import MIDDLEWARE  # noqa: F401 - Django reads it here
from chatplatform.signing_in import SIGNING_IN

BASE_DIR = Path(__file__).resolve().parent.parent
env = Env()

# --- The installation -------------------------------------------------------------------------------------------------

# Development mode: error pages, an embedded database, demo users. Never for a public address.
DEBUG = env.flag("DEBUG", default=False)
# Signs cookies and tokens. Changing it signs everybody out.
SECRET_KEY = env.text("SECRET_KEY") or (development_secret_key(BASE_DIR / "var") if DEBUG else "")
# Keys that are still accepted while SECRET_KEY is being changed.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
# The host names of the installation itself, which all tenants share.
SHARED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"] if DEBUG else [])
# A host below which each tenant has one: acme.chat.example.com.
TENANT_BASE_HOST = env.text("TENANT_BASE_HOST", "localhost" if DEBUG else "").lower()
# `chat.routing` answers to these and to the domains that tenants have verified, and to no other.
ALLOWED_HOSTS = ["*"]
# Name servers, as address or address:port, that are asked whose domain it is. Empty: those of the machine.
DNS_SERVERS = env.words("DNS_SERVERS")
# For how many days a verified host serves on while the record that says whose it is is missing.
DOMAIN_GRACE_DAYS = env.integer("DOMAIN_GRACE_DAYS", 14, minimum=1)
# Origins besides the page's own that may send Django's forms, as https://example.com.
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

# Django applications of this installation's own: the platform takes their models, pages, and what their assistant.py registers.
EXTRA_APPS = env.packages("EXTRA_APPS")
INSTALLED_APPS = [*OURS, *EXTRA_APPS]

# What the tenants' secrets are encrypted with at rest, newest first: <id>:<Fernet key>. In DEBUG made of SECRET_KEY.
ENCRYPTION_KEYS = env.words("ENCRYPTION_KEYS")
if DEBUG and not ENCRYPTION_KEYS:
    ENCRYPTION_KEYS = [f"debug:{urlsafe_b64encode(sha256(SECRET_KEY.encode()).digest()).decode()}"]

if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is missing: set it to a long random text, or DEBUG=true for development.")

# --- Django ------------------------------------------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chatplatform.look.documentation",
                "tenants.panel.banner.impersonation",
            ],
        },
    },
]
ROOT_URLCONF = "chatplatform.urls"
ASGI_APPLICATION = "chatplatform.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "chatplatform.formats"

# How the admin panel looks.
UNFOLD = PANEL

# --- Data --------------------------------------------------------------------------------------------------------------

# Where PostgreSQL (15 or newer, with pgvector 0.8) is. Empty in DEBUG: an embedded one is started.
_database = env.database("DATABASE_URL")
USES_EMBEDDED_POSTGRES = _database is None and DEBUG
if USES_EMBEDDED_POSTGRES:
    from chatplatform.lib.embedded_postgres import PORT, ROLE, EmbeddedPostgres

    _database = {
        "ENGINE": ENGINE,
        "NAME": ROLE,
        "USER": ROLE,
        "HOST": str(EmbeddedPostgres().sockets),
        "PORT": PORT,
    }
if _database is None:
    raise ImproperlyConfigured("DATABASE_URL is missing: set it to postgresql://user:password@host:5432/name.")

# The role that owns the tables, for `manage.py migrate` alone. Empty: that of DATABASE_URL.
DATABASE_OWNER = env.database("DATABASE_OWNER_URL")

DATABASES: dict[str, dict[str, Any]] = {
    # A page opens a connection and closes it: under ASGI each of Django's requests has a thread of its own, which ends with it.
    # The chat's API keeps connections open in threads that stay (chatplatform.lib.db_pool).
    "default": {**_database, "CONN_MAX_AGE": 0},
}
# Prepare frequent statements on the server. Off behind a pooler that hands one connection to several clients in turn.
DATABASE_PREPARED_STATEMENTS = env.flag("DATABASE_PREPARED_STATEMENTS", default=True)
if DATABASE_PREPARED_STATEMENTS:
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = 5

# How many threads, each with a connection of its own, do the chat's database work.
CHAT_DB_THREADS = env.integer("CHAT_DB_THREADS", 8, minimum=1)

# Redis joins several processes to one installation. Empty: one process.
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix", redis_settings.SENTINEL_SCHEME))
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        # All messages to a process share one channel, those of all its readers.
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [redis_settings.channel_host(REDIS_URL)], "capacity": 1000},
        },
    }
    CACHES: dict[str, dict[str, Any]] = {"default": redis_settings.cache(REDIS_URL)}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Whether titles and summaries are made in the background; `manage.py db_worker` does it.
BACKGROUND_TASKS = env.flag("BACKGROUND_TASKS", default=True)
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- Static files ------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "var" / "static"
# In DEBUG files are served from their sources; otherwise from `manage.py collectstatic`, compressed and with hashed names.
SERVESTATIC_USE_FINDERS = DEBUG
SERVESTATIC_AUTOREFRESH = DEBUG
_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _storage if DEBUG else "chatplatform.lib.static_files.StaticFiles"},
}

# Where the files that people attach are kept: a folder, unless a bucket is named.
ATTACHMENTS_FOLDER = env.text("ATTACHMENTS_FOLDER") or str(BASE_DIR / "var" / "attachments")
# A bucket of a store that speaks S3.
ATTACHMENTS_S3_BUCKET = env.text("ATTACHMENTS_S3_BUCKET")
# Where it is; empty for Amazon's own.
ATTACHMENTS_S3_ENDPOINT = env.url("ATTACHMENTS_S3_ENDPOINT")
# Its region, as eu-central-1.
ATTACHMENTS_S3_REGION = env.text("ATTACHMENTS_S3_REGION")
# Its key, unless the machine has a role of its own.
ATTACHMENTS_S3_ACCESS_KEY = env.text("ATTACHMENTS_S3_ACCESS_KEY")
# The secret of that key.
ATTACHMENTS_S3_SECRET_KEY = env.text("ATTACHMENTS_S3_SECRET_KEY")
STORAGES["attachments"] = {
    "BACKEND": "django.core.files.storage.FileSystemStorage",
    "OPTIONS": {
        "location": ATTACHMENTS_FOLDER,
        "file_permissions_mode": 0o600,
        "directory_permissions_mode": 0o700,
    },
}
if ATTACHMENTS_S3_BUCKET:
    STORAGES["attachments"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": ATTACHMENTS_S3_BUCKET,
            "endpoint_url": ATTACHMENTS_S3_ENDPOINT or None,
            "region_name": ATTACHMENTS_S3_REGION or None,
            "access_key": ATTACHMENTS_S3_ACCESS_KEY or None,
            "secret_key": ATTACHMENTS_S3_SECRET_KEY or None,
            "default_acl": None,
            "querystring_auth": True,
        },
    }

# --- People ------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
vars().update(SIGNING_IN)

# --- Transport security ------------------------------------------------------------------------------------------------

# Whether browsers come by https; cookies are Secure then. Only a test on http turns this off outside DEBUG.
HTTPS = env.flag("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# With https under names that browsers bind to this very host: no other host below the same domain can plant one.
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = (
    ("__Host-sessionid", "__Host-csrftoken") if HTTPS else ("sessionid", "csrftoken")
)
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# Answer http requests with a redirect to https; off where the proxy does it.
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=False)
# Probes come from inside, without the proxy that says https.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
# The header by which a trusted proxy says https, as `X-Forwarded-Proto: https`. It must overwrite what browsers send.
_proxy_header = env.text("SECURE_PROXY_SSL_HEADER")
SECURE_PROXY_SSL_HEADER = None
if _proxy_header:
    _name, _colon, _value = _proxy_header.partition(":")
    if not _value.strip():
        raise ImproperlyConfigured("SECURE_PROXY_SSL_HEADER must look like `X-Forwarded-Proto: https`.")
    SECURE_PROXY_SSL_HEADER = (f"HTTP_{_name.strip().upper().replace('-', '_')}", _value.strip())
# How many proxies stand before us; the client's address is taken from X-Forwarded-For accordingly.
TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
# For how long browsers must insist on https. Zero: not at all.
SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", default=False)
SECURE_REFERRER_POLICY = "same-origin"
# What Django would warn of besides: our own checks say it as errors with a fix (W004, W009, W012, W016), or it is for whoever
# deploys to decide (HSTS of subdomains and in browsers' lists: W005, W021; a redirect here or in the proxy: W008).
SILENCED_SYSTEM_CHECKS = [f"security.W{number:03}" for number in (4, 5, 8, 9, 12, 16, 21)]
X_FRAME_OPTIONS = "DENY"

# --- The browser client ------------------------------------------------------------------------------------------------

# Which client draws the chat: OpenAI's, our own, or OpenAI's with ours as the fallback.
CHATKIT_CLIENT = env.choice("CHATKIT_CLIENT", "auto", ("auto", "openai", "open"))
# Where OpenAI's client is loaded from. Empty: never.
CHATKIT_JS_URL = env.url("CHATKIT_JS_URL", "https://cdn.platform.openai.com/deployments/chatkit/chatkit.js")
# The key that OpenAI gave for this domain; its client asks for one outside localhost.
CHATKIT_DOMAIN_KEY = env.text("CHATKIT_DOMAIN_KEY")
# For how long the page waits for OpenAI's client before it takes ours.
CHATKIT_READY_TIMEOUT_MS = env.integer("CHATKIT_READY_TIMEOUT_MS", 8000, minimum=1)

# The class that answers, for companies that bring their own: a subclass of chat.server.PlatformChatKitServer, or of the SDK's
# ChatKitServer.
CHATKIT_SERVER = env.text("CHATKIT_SERVER", "chat.server.PlatformChatKitServer")

# --- Chat sessions -----------------------------------------------------------------------------------------------------

_DAY = 24 * 60 * 60
# How long one token lasts before the browser must rotate it.
CHAT_SESSION_TOKEN_SECONDS = env.integer("CHAT_SESSION_TOKEN_SECONDS", 60 * 60, minimum=1)
# How long an unused session stays alive.
CHAT_SESSION_IDLE_SECONDS = env.integer("CHAT_SESSION_IDLE_SECONDS", 30 * _DAY, minimum=1)
# How long a session lasts at most, however much it is used.
CHAT_SESSION_ABSOLUTE_SECONDS = env.integer("CHAT_SESSION_ABSOLUTE_SECONDS", 90 * _DAY, minimum=1)
# How often answers and streams ask whether the session that opened them still counts.
CHAT_SESSION_CHECK_SECONDS = env.seconds("CHAT_SESSION_CHECK_SECONDS", 2.0, minimum=0.05)

# --- The default model provider ------------------------------------------------------------------------------------------

# An endpoint that speaks OpenAI's API. Empty: the offline assistant answers.
PROVIDER_BASE_URL = env.url("PROVIDER_BASE_URL")
# Its key; tenants that bring keys of their own do not use it.
PROVIDER_API_KEY = env.text("PROVIDER_API_KEY")
# The API that the endpoint offers.
PROVIDER_WIRE_API = env.choice("PROVIDER_WIRE_API", "chat_completions", ("chat_completions", "responses"))
# The model of assistants that name none.
PROVIDER_DEFAULT_MODEL = env.text("PROVIDER_DEFAULT_MODEL")
# Its model for dictation. Empty: it has none.
PROVIDER_TRANSCRIPTION_MODEL = env.text("PROVIDER_TRANSCRIPTION_MODEL")
# Its model that makes vectors of documents. Empty: it has none.
PROVIDER_EMBEDDING_MODEL = env.text("PROVIDER_EMBEDDING_MODEL")
# How long a provider may be silent.
PROVIDER_TIMEOUT_SECONDS = env.seconds("PROVIDER_TIMEOUT_SECONDS", 60.0, minimum=0.1)
# How long a model may take to its first token, with all attempts at one provider.
PROVIDER_FIRST_TOKEN_SECONDS = env.seconds("PROVIDER_FIRST_TOKEN_SECONDS", 60.0, minimum=0.1)
# How long one call of a model may take altogether.
PROVIDER_TOTAL_SECONDS = env.seconds("PROVIDER_TOTAL_SECONDS", 600.0, minimum=0.1)
# How often a request that may still succeed is sent again.
PROVIDER_RETRIES = env.integer("PROVIDER_RETRIES", 2)
# How often in a minute OpenAI lets an end user of a hosted assistant ask it.
HOSTED_REQUESTS_PER_MINUTE = env.integer("HOSTED_REQUESTS_PER_MINUTE", 10, minimum=1)
# Whether the Agents SDK reports runs (without their words) to OpenAI.
PROVIDER_TRACING = env.flag("PROVIDER_TRACING", default=False)
# Keys and addresses of providers with a name. An empty address means the provider's own.
PROVIDERS = {
    "openai": {"api_key": env.text("OPENAI_API_KEY"), "base_url": env.url("OPENAI_BASE_URL")},
    "gemini": {"api_key": env.text("GEMINI_API_KEY"), "base_url": env.url("GEMINI_BASE_URL")},
    "anthropic": {"api_key": env.text("ANTHROPIC_API_KEY"), "base_url": env.url("ANTHROPIC_BASE_URL")},
    "azure": {"api_key": env.text("AZURE_OPENAI_API_KEY"), "base_url": env.url("AZURE_OPENAI_BASE_URL")},
    "mistral": {"api_key": env.text("MISTRAL_API_KEY"), "base_url": env.url("MISTRAL_BASE_URL")},
    "groq": {"api_key": env.text("GROQ_API_KEY"), "base_url": env.url("GROQ_BASE_URL")},
    "deepseek": {"api_key": env.text("DEEPSEEK_API_KEY"), "base_url": env.url("DEEPSEEK_BASE_URL")},
    "ollama": {"api_key": "", "base_url": env.url("OLLAMA_BASE_URL")},
    "vllm": {"api_key": env.text("VLLM_API_KEY"), "base_url": env.url("VLLM_BASE_URL")},
}

# How long the offline assistant pauses before each word, so that its answers are seen to stream.
OFFLINE_WORD_DELAY_MS = env.integer("OFFLINE_WORD_DELAY_MS", 20)

# --- Limits --------------------------------------------------------------------------------------------------------------

# The largest body of a request to the chat's API.
CHAT_MAX_BODY_BYTES = env.integer("CHAT_MAX_BODY_BYTES", 2 * 1024 * 1024, minimum=1024)
# The largest body of a request to a page; the admin panel's forms take files.
PAGE_MAX_BODY_BYTES = env.integer("PAGE_MAX_BODY_BYTES", 256 * 1024 * 1024, minimum=1024)
# The longest message.
CHAT_MAX_MESSAGE_CHARS = env.integer("CHAT_MAX_MESSAGE_CHARS", 32_000, minimum=1)
# The longest title of a thread.
CHAT_MAX_TITLE_CHARS = env.integer("CHAT_MAX_TITLE_CHARS", 200, minimum=1)
# The largest file that anybody may attach; an assistant may allow less.
CHAT_MAX_ATTACHMENT_BYTES = env.integer("CHAT_MAX_ATTACHMENT_BYTES", 20 * 1024 * 1024, minimum=1)
# For how many seconds a link to an attachment works.
CHAT_ATTACHMENT_LINK_SECONDS = env.integer("CHAT_ATTACHMENT_LINK_SECONDS", 3600, minimum=1)
# Uploads of one end user: announcing a file, sending the content of an announced one and a direct upload count one each.
CHAT_UPLOAD_RATE_LIMIT = env.rate("CHAT_UPLOAD_RATE_LIMIT", "60/minute")
# Hosts, as name or name:port, that requests of tenants may reach although they are not public.
OUTBOUND_ALLOWED_HOSTS = env.words("OUTBOUND_ALLOWED_HOSTS")
# Messages of one end user.
CHAT_RATE_LIMIT = env.rate("CHAT_RATE_LIMIT", "60/minute")
# Renames, deletions, verdicts and stopped answers of one end user.
CHAT_CHANGE_RATE_LIMIT = env.rate("CHAT_CHANGE_RATE_LIMIT", "120/minute")
# What visitors of one client address may send to a tenant: messages, uploads and changes, each counted apart. Members do not count.
CHAT_ADDRESS_RATE_LIMIT = env.rate("CHAT_ADDRESS_RATE_LIMIT", "300/minute")
# What everybody in one embed may send; messages, uploads and changes are counted apart.
CHAT_EMBED_RATE_LIMIT = env.rate("CHAT_EMBED_RATE_LIMIT", "3000/minute")
# Answers that one end user may read at once at one process: those that they asked for and those that they came back to.
CHAT_STREAMS_AT_ONCE = env.integer("CHAT_STREAMS_AT_ONCE", 20, minimum=1)
# Searches of one end user in the composer's menus, where each letter is one; and, counted apart, documents that they open.
CHAT_SEARCH_RATE_LIMIT = env.rate("CHAT_SEARCH_RATE_LIMIT", "300/minute")
# The same of the visitors of one client address.
CHAT_ADDRESS_SEARCH_RATE_LIMIT = env.rate("CHAT_ADDRESS_SEARCH_RATE_LIMIT", "1500/minute")
# New chat sessions of one client address; and, counted apart, renewals. Addresses of one IPv6 network (/64) count as one.
CHAT_SESSION_RATE_LIMIT = env.rate("CHAT_SESSION_RATE_LIMIT", "60/minute")
# Attempts of one client address to sign in to one account.
LOGIN_RATE_LIMIT = env.rate("LOGIN_RATE_LIMIT", "10/minute")
# Attempts of one client address to sign in at all, and to use links of invitations.
LOGIN_ADDRESS_RATE_LIMIT = env.rate("LOGIN_ADDRESS_RATE_LIMIT", "60/minute")

# --- Answers being written -----------------------------------------------------------------------------------------------

# How often a silent stream says that it lives.
CHAT_HEARTBEAT_SECONDS = env.seconds("CHAT_HEARTBEAT_SECONDS", 15.0, minimum=0.05)
# After how long without a sign from its process an answer counts as lost.
CHAT_RUN_LEASE_SECONDS = env.seconds("CHAT_RUN_LEASE_SECONDS", 15.0, minimum=0.1)
# How long SIGTERM waits for answers that are being written; what comes later is kept as far as it came.
CHAT_DRAIN_SECONDS = env.seconds("CHAT_DRAIN_SECONDS", 30.0, minimum=0.0)
# How often a part of an answer is saved while it grows.
CHAT_RUN_CHECKPOINT_SECONDS = env.seconds("CHAT_RUN_CHECKPOINT_SECONDS", 1.0, minimum=0.01)
# Of which answers a trace is kept: what the model was sent, what tools did, each event with its time.
RUN_TRACES = env.choice("RUN_TRACES", "debug", ("off", "debug", "sampled"))
# How many in a hundred, where they are sampled.
RUN_TRACES_PERCENT = env.integer("RUN_TRACES_PERCENT", 5)
# For how long `manage.py cleanup_run_traces` leaves them.
RUN_TRACES_DAYS = env.integer("RUN_TRACES_DAYS", 14)
# How many earlier items of a thread the model is shown.
CHAT_HISTORY_ITEMS = env.integer("CHAT_HISTORY_ITEMS", 40, minimum=1)
# How many tokens of them, by estimate; the newest turn is always shown.
CHAT_HISTORY_TOKENS = env.integer("CHAT_HISTORY_TOKENS", 32_000)

# --- E-mail --------------------------------------------------------------------------------------------------------------

# The server that sends it. Empty: the terminal in DEBUG, else the mail server of this machine.
vars().update(env.email("EMAIL_URL", "consolemail://" if DEBUG else "smtp://localhost:25"))
# Whom it is from.
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "chatplatform@localhost")
# Nobody waits longer for it, in seconds.
EMAIL_TIMEOUT = 10
# Where the platform is, for links in e-mails that commands send.
PUBLIC_URL = env.url("PUBLIC_URL", "http://localhost:8000" if DEBUG else "")
# Where the site of the documentation is (`make docs`), for links on pages. Empty: they have none.
DOCS_URL = env.url("DOCS_URL")
# For how many days an invitation is good.
INVITATION_DAYS = env.integer("INVITATION_DAYS", 7, minimum=1)
# Invitations that one tenant may send.
INVITATION_RATE_LIMIT = env.rate("INVITATION_RATE_LIMIT", "100/hour")
# Invitations that one e-mail address is sent, by all tenants together.
INVITATION_RECIPIENT_RATE_LIMIT = env.rate("INVITATION_RECIPIENT_RATE_LIMIT", "5/day")

# --- The audit trail -----------------------------------------------------------------------------------------------------

# Whether the audit trail keeps the IP addresses of the people in it.
AUDIT_ADDRESSES = env.flag("AUDIT_ADDRESSES", default=False)

# After how many minutes staff that acts as a member is itself again.
IMPERSONATION_MINUTES = env.integer("IMPERSONATION_MINUTES", 30, minimum=1)

# --- Watching the installation -------------------------------------------------------------------------------------------

# The bearer token that opens /metrics. Empty: it opens for nobody; in DEBUG for the machine itself.
METRICS_TOKEN = env.text("METRICS_TOKEN")
# The OpenTelemetry collector that spans are sent to by OTLP over http. Empty: there are none.
OTLP_ENDPOINT = env.url("OTLP_ENDPOINT")
if OTLP_ENDPOINT and not (find_spec("opentelemetry.sdk") and find_spec("opentelemetry.exporter")):
    raise ImproperlyConfigured(
        "OTLP_ENDPOINT needs opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http: install them."
    )
# How many tenants have figures of their own in one process; the others are counted together.
METRICS_TENANTS = env.integer("METRICS_TENANTS", 50)
# After how many seconds without a sign of its worker a task is another worker's.
WORKER_LEASE_SECONDS = env.integer("WORKER_LEASE_SECONDS", 60, minimum=1)
# For how long a task may be due before /readyz says that the worker lags. Zero: for ever.
WORKER_LAG_SECONDS = env.integer("WORKER_LAG_SECONDS", 600)

# --- Logs ----------------------------------------------------------------------------------------------------------------

# How much is logged.
LOG_LEVEL = env.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error", "critical")).upper()
# How: a line for people, or a JSON object with the ids of the request, the tenant and the run.
LOG_FORMAT = env.choice("LOG_FORMAT", "line", ("line", "json"))
LOGGING = configuration(level=LOG_LEVEL, style=LOG_FORMAT)
