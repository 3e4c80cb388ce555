"""What the platform is made of: Django's apps, and what each request passes on its way to a page."""

INSTALLED_APPS = [
    "daphne",  # First: it replaces runserver.
    "unfold.apps.BasicAppConfig",  # Before the admin, whose templates it replaces.
    "chatplatform.apps.PanelConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "django_tasks",
    "servestatic",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "chatplatform.apps.ChatplatformConfig",
    "django_tasks_db",  # Behind ours, whose `db_worker` replaces its own.
    "tenants",
    "accounts",
    "chat",
]
MIDDLEWARE = [
    "chatplatform.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.LoginOfHostMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
