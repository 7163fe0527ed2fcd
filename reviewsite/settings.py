"""All settings, read once from the environment. docs/settings.md names every variable."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import schedule
from kombu.entity import Queue

from comparisons.digest.week import WEEKDAYS
from reviewsite import env, mail
from reviewsite.telemetry.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR") or BASE_DIR / "data").resolve()
# So that `manage.py convene …` in another terminal works on the instance that `manage.py up` runs here.
RUNNING = env.running(DATA_DIR / "running.json")

# --- the site -------------------------------------------------------------------------------------
SITE_NAME = env.text("SITE_NAME", "Second Opinion")
# What makes another site of this one without a line of code; see docs/brand.md. Each folder of it stands in
# for ours of the same purpose: personas/, cards/, articles/, and static/ and templates/ file by file.
BRAND_DIR = env.folder("BRAND_DIR")
BRAND = {each.name: each for each in (BRAND_DIR.iterdir() if BRAND_DIR else ()) if each.is_dir()}
PERSONAS_DIR = BRAND.get("personas", BASE_DIR / "panel" / "personas")
STARTER_CARDS_DIR = BRAND.get("cards", BASE_DIR / "comparisons" / "cards" / "starter")
# Our articles are about our cards.
OUR_ARTICLES = None if "cards" in BRAND else BASE_DIR / "comparisons" / "articles" / "starter"
STARTER_ARTICLES_DIR = BRAND.get("articles", OUR_ARTICLES)
SITE_URL = env.origin("SITE_URL", RUNNING.get("SITE_URL", "http://127.0.0.1:8000"))
DEBUG = env.flag("DEBUG", default=False)
# `make run` makes a key and keeps it in the data folder; elsewhere Django refuses by name to go on without
# one, as soon as something needs it.
SECRET_KEY = env.text("SECRET_KEY") or RUNNING.get("SECRET_KEY", "")
# Keys of earlier, divided by commas: what they signed, and whom they say not to write to, still counts.
SECRET_KEY_FALLBACKS = env.names("SECRET_KEY_FALLBACKS", "")
ALLOWED_HOSTS = env.names("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
SECURE = SITE_URL.startswith("https:")
# Rendered pages, for this web host alone: nginx reads them too. See docs/decisions/0005.
PAGE_STORE = Path(env.text("PAGE_STORE") or DATA_DIR / "pages").resolve()
PAGE_STORE_MOST = env.integer("PAGE_STORE_MOST", 20_000, least=10)  # pages kept, some 60 KB each

# The api.json of models.dev, or card files, fetched once a day; empty: never.
CATALOGUE_URL = env.url("CATALOGUE_URL", schemes=env.WEB)
# How many proxies of ours stand before the web process; that many entries of X-Forwarded-For are believed.
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, most=10)
# What one network may write: see comparisons/people/limits.py. More votes than that count after the browser's
# proof of work, and beyond the second rate they are kept without being counted.
VOTES_PER_NETWORK = env.rate("VOTES_PER_NETWORK", "60/hour")
VOTES_PER_NETWORK_WITH_WORK = env.rate("VOTES_PER_NETWORK_WITH_WORK", "600/hour")
COUNTERPOINTS_PER_NETWORK = env.rate("COUNTERPOINTS_PER_NETWORK", "20/hour")
BOOKMARKS_PER_NETWORK = env.rate("BOOKMARKS_PER_NETWORK", "600/hour")
# Hashes that a proof of work takes at most, half of it on average.
WORK_HASHES = env.integer("WORK_HASHES", 1_000_000, least=2, most=100_000_000)

# Attempts to sign in, right or wrong; and whether staff must have a second factor.
LOGINS_PER_NETWORK = env.rate("LOGINS_PER_NETWORK", "30/hour")
LOGINS_PER_NAME = env.rate("LOGINS_PER_NAME", "10/hour")
STAFF_MFA = env.one_of("STAFF_MFA", "optional", among=("optional", "required"))
OTP_TOTP_ISSUER = SITE_NAME

# --- services -------------------------------------------------------------------------------------
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgresql", "postgres"))
DATABASE_PASSWORD = env.text("DATABASE_PASSWORD")  # for an address that holds none
REDIS_PASSWORD = env.text("REDIS_PASSWORD")
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix", "redis+socket"))
REDIS_URL = env.with_password(REDIS_URL, REDIS_PASSWORD)
LIMITER_URL = REDIS_URL or RUNNING.get("REDIS_URL", "redis://127.0.0.1:6379/0")
DATABASES = {
    "default": env.database(
        # Without an address only commands that touch no data work; `manage.py up` sets it for its children.
        DATABASE_URL or RUNNING.get("DATABASE_URL", "postgresql:///second_opinion"),
        pool_size=env.integer("DATABASE_POOL", 40, least=1, most=500),
        password=DATABASE_PASSWORD,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- the panel ------------------------------------------------------------------------------------
# The order in which they may speak; one without a key or a server is passed over.
PANEL_JUDGES = env.choices(
    "PANEL_JUDGES",
    "mistral,ollama,openai_compatible,rubric",
    among=("mistral", "ollama", "openai_compatible", "rubric"),
)
PANEL_PICKS = env.flag("PANEL_PICKS", default=True)
PANEL_DAILY_BUDGET_USD = env.decimal("PANEL_DAILY_BUDGET_USD", "5.00")
# How long a silent worker keeps what it was hearing; renewed every quarter of it.
PANEL_LEASE_SECONDS = env.integer("PANEL_LEASE_SECONDS", 60, least=2, most=3600)
# Pairings whose cards changed, or that nobody was asked about, are heard without being asked for; 0: never.
PANEL_STALE_PER_HOUR = env.integer("PANEL_STALE_PER_HOUR", 50, most=10_000)
PANEL_CONCURRENCY = env.integer("PANEL_CONCURRENCY", 16, least=1, most=256)
PANEL_BATCH_REQUESTS = env.integer("PANEL_BATCH_REQUESTS", 2000, least=1, most=10_000)
PANEL_BATCH_POLL_SECONDS = env.integer("PANEL_BATCH_POLL_SECONDS", 30, least=1, most=3600)
MISTRAL_API_KEY = env.text("MISTRAL_API_KEY")
MISTRAL_SERVER_URL = env.url("MISTRAL_SERVER_URL", "https://api.mistral.ai", schemes=env.WEB)
MISTRAL_MODEL = env.text("MISTRAL_MODEL", "mistral-medium-2604")
MISTRAL_TEMPERATURE = env.decimal("MISTRAL_TEMPERATURE", "0.2", most="1.5")
MISTRAL_SEED = env.integer("MISTRAL_SEED", 20260101)
MISTRAL_MAX_TOKENS = env.integer("MISTRAL_MAX_TOKENS", 1400, least=200, most=32000)
MISTRAL_CALLS_PER_MINUTE = env.integer("MISTRAL_CALLS_PER_MINUTE", 0)
MISTRAL_DEADLINE_SECONDS = env.integer("MISTRAL_DEADLINE_SECONDS", 90, least=1, most=115)
# Empty: http://127.0.0.1:11434 is tried, and nobody is told when nothing answers there.
OLLAMA_URL = env.url("OLLAMA_URL", schemes=env.WEB)
# Not a thinking model: with thinking off, some of those are reported to ignore the form of the answer.
OLLAMA_MODEL = env.text("OLLAMA_MODEL", "qwen2.5:7b")
OLLAMA_TEMPERATURE = env.decimal("OLLAMA_TEMPERATURE", "0.2", most="2")
OLLAMA_SEED = env.integer("OLLAMA_SEED", 20260101)
OLLAMA_MAX_TOKENS = env.integer("OLLAMA_MAX_TOKENS", 1400, least=200, most=32000)
# Prompt and answer together; what does not fit is refused, never cut.
OLLAMA_NUM_CTX = env.integer("OLLAMA_NUM_CTX", 8192, least=2048, most=262144)
# Calls at once from one worker process: as many as OLLAMA_NUM_PARALLEL of the server, which is 1 unless set.
OLLAMA_CONCURRENCY = env.integer("OLLAMA_CONCURRENCY", 1, least=1, most=64)
# Longer than Mistral's: the first call waits until the model is loaded.
OLLAMA_DEADLINE_SECONDS = env.integer("OLLAMA_DEADLINE_SECONDS", 115, least=1, most=115)
# vLLM, llama.cpp, LM Studio or any other server of /v1/chat/completions; wants a URL and a model.
OPENAI_COMPATIBLE_URL = env.url("OPENAI_COMPATIBLE_URL", schemes=env.WEB)
OPENAI_COMPATIBLE_MODEL = env.text("OPENAI_COMPATIBLE_MODEL")
OPENAI_COMPATIBLE_API_KEY = env.text("OPENAI_COMPATIBLE_API_KEY")  # sent to that server and to no other
OPENAI_COMPATIBLE_TEMPERATURE = env.decimal("OPENAI_COMPATIBLE_TEMPERATURE", "0.2", most="2")
OPENAI_COMPATIBLE_SEED = env.integer("OPENAI_COMPATIBLE_SEED", 20260101)
OPENAI_COMPATIBLE_MAX_TOKENS = env.integer("OPENAI_COMPATIBLE_MAX_TOKENS", 1400, least=200, most=32000)
OPENAI_COMPATIBLE_CONCURRENCY = env.integer("OPENAI_COMPATIBLE_CONCURRENCY", 4, least=1, most=256)
OPENAI_COMPATIBLE_DEADLINE_SECONDS = env.integer("OPENAI_COMPATIBLE_DEADLINE_SECONDS", 115, least=1, most=115)
# USD per 1,000,000 tokens; a server of one's own asks nothing.
OPENAI_COMPATIBLE_USD_IN = env.decimal("OPENAI_COMPATIBLE_USD_IN", "0")
OPENAI_COMPATIBLE_USD_OUT = env.decimal("OPENAI_COMPATIBLE_USD_OUT", "0")

# --- mail -----------------------------------------------------------------------------------------
# By default a folder of messages, which staff read at /digest/outbox/.
MAIL = mail.mail("EMAIL_URL", DATA_DIR / "mail")
globals().update(MAIL)
EMAIL_TIMEOUT = 60  # seconds for one answer
MAIL_FROM = env.mailbox("MAIL_FROM", f"{SITE_NAME} <digest@{urlsplit(SITE_URL).hostname}>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM
MAIL_IMPRINT = env.text("MAIL_IMPRINT")
USES_ANYMAIL = "ANYMAIL" in MAIL
if USES_ANYMAIL:
    env.wants(package="anymail", by="EMAIL_URL")
    # anymail's own name: what a provider must show to report bounces, "user:password".
    ANYMAIL = {**MAIL["ANYMAIL"], "WEBHOOK_SECRET": env.text("ANYMAIL_WEBHOOK_SECRET") or None}  # type: ignore[dict-item]
DIGEST_WEEKDAY = env.one_of("DIGEST_WEEKDAY", "thursday", among=WEEKDAYS)
DIGEST_HOUR = env.integer("DIGEST_HOUR", 7, most=23)  # UTC
DIGEST_RATE = env.rate("DIGEST_RATE", "1200/minute")
DIGEST_CONNECTIONS = env.integer("DIGEST_CONNECTIONS", 4, least=1, most=50)
# How long a silent sender keeps its mails; longer than EMAIL_TIMEOUT, or a slow answer comes too late.
DIGEST_LEASE_SECONDS = env.integer("DIGEST_LEASE_SECONDS", 120, least=2, most=3600)
SUBSCRIPTIONS_PER_NETWORK = env.rate("SUBSCRIPTIONS_PER_NETWORK", "10/hour")
SUBSCRIPTIONS_PER_ADDRESS = env.rate("SUBSCRIPTIONS_PER_ADDRESS", "3/day")

# --- Django ---------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django_otp",  # before ours, whose admin takes theirs away again
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "reviewsite",
    "comparisons",
    "panel",
    "reviewsite.staff_admin.StaffAdmin",  # django.contrib.admin behind our own guard
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    *(["anymail"] if USES_ANYMAIL else []),
]
MIDDLEWARE = [
    "reviewsite.headers.SecurityHeaders",
    "reviewsite.probes.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "reviewsite.telemetry.requests.Requests",
    "comparisons.api.edge.ApiAnswers",
    "reviewsite.unavailable.Unavailable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comparisons.switches.middleware.Switches",
]
ROOT_URLCONF = "reviewsite.urls"
WSGI_APPLICATION = "reviewsite.wsgi.application"
AUTH_USER_MODEL = "comparisons.User"
AUTHENTICATION_BACKENDS = ["comparisons.people.roles.RoleBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "/panel/desk/"
# No cookie beside the session's; only staff pages have messages.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [*([BRAND["templates"]] if "templates" in BRAND else []), BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "reviewsite.context.site",
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or DATA_DIR / "static").resolve()
STATICFILES_DIRS = [*([BRAND["static"]] if "static" in BRAND else []), BASE_DIR / "reviewsite" / "static"]
# In DEBUG the files are found where they are written; otherwise hashed and compressed once (`collectstatic`).
WHITENOISE_USE_FINDERS = DEBUG
BRAND_STYLE = "static" in BRAND and (BRAND["static"] / "brand.css").is_file()
# What is drawn takes its colors from the style sheets; a brand with colors and no icon gets a drawn one.
PALETTE = env.palette(
    BASE_DIR / "reviewsite" / "static" / "site.css", *([BRAND["static"] / "brand.css"] if BRAND_STYLE else [])
)
DRAWN_ICON = BRAND_STYLE and not (BRAND["static"] / "favicon.svg").is_file()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "comparisons.people.passwords.NotOfThisSite"},
    {"NAME": "comparisons.people.passwords.NotBreached"},
]
BREACHED_PASSWORDS = env.file("BREACHED_PASSWORDS")

# --- security -------------------------------------------------------------------------------------
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_NAME = "__Host-session" if SECURE else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 60  # idle; comparisons/people/staying.py has the rest
SECURE_SSL_REDIRECT = SECURE
# A program that sends its token in the clear is told so (comparisons/api/edge.py), not helped along.
SECURE_REDIRECT_EXEMPT = [r"^api/v1/"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31536000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- the API ------------------------------------------------------------------------------------
API_PER_NETWORK = env.rate("API_PER_NETWORK", "600/hour")  # without a token
API_PER_TOKEN = env.rate("API_PER_TOKEN", "6000/hour")
# Not among INSTALLED_APPS: they would bring tables, templates and scripts of which nothing is used here.
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["comparisons.api.tokens.BearerToken"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "comparisons.api.formats.ByPreference",
    "DEFAULT_PARSER_CLASSES": ["comparisons.api.formats.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["comparisons.api.formats.Json"],
    "DEFAULT_SCHEMA_CLASS": "comparisons.api.schema.Schema",
    "EXCEPTION_HANDLER": "comparisons.api.problems.explain",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{SITE_NAME} API",
    "DESCRIPTION": "Cards, pairings, verdicts with the reviews behind them, votes and counterpoints. "
    "Unknown is null; a percentage never goes without its n; every verdict names its judge.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": "/", "description": "This site"}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["comparisons.api.schema.complete"],
}

# --- Celery: PostgreSQL holds the queue, Redis only rings the bell ---------------------------------
# Redis rings the bell unless a broker of its own (RabbitMQ) is named.
CELERY_BROKER_URL = env.url("BROKER_URL", schemes=("amqp", "amqps")) or env.broker(LIMITER_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
# Threads; more than calls at once, so that keeping an answer holds up no call (panel/slots.py).
CELERY_WORKER_CONCURRENCY = PANEL_CONCURRENCY + max(2, PANEL_CONCURRENCY // 4)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 30,
    "socket_connect_timeout": 5,
    "socket_keepalive": not CELERY_BROKER_URL.startswith("redis+socket:"),
    "health_check_interval": 25,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
}
# The web never waits for a broker that is gone: the sweep rings again.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0, "interval_max": 0.5}
# Queues of their own, so that a thousand waiting hearings keep neither the sweeps nor the mail waiting.
CELERY_TASK_DEFAULT_QUEUE = "hearings"
CELERY_TASK_QUEUES = [Queue(name) for name in ("hearings", "ticks", "mail")]  # type: ignore[no-untyped-call]
CELERY_TASK_ROUTES = {
    f"panel.{name}": {"queue": "ticks"}
    for name in ("sweep", "poll_batches", "work_on_batch", "stale_verdicts", "catalogue", "clean_up")
} | {"digest.tick": {"queue": "ticks"}, "digest.send": {"queue": "mail"}}
# How often the bell rings; how often the work is done, panel/timetable.py says and the database keeps.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "panel.sweep", "schedule": schedule(10.0), "options": {"expires": 9}},
    "batches": {
        "task": "panel.poll_batches",
        "schedule": schedule(PANEL_BATCH_POLL_SECONDS / 3),
        "options": {"expires": PANEL_BATCH_POLL_SECONDS},
    },
    "stale verdicts": {"task": "panel.stale_verdicts", "schedule": schedule(300.0)},
    "catalogue": {"task": "panel.catalogue", "schedule": schedule(600.0)},
    "clean-up": {"task": "panel.clean_up", "schedule": schedule(600.0)},
    "digest": {"task": "digest.tick", "schedule": schedule(15.0), "options": {"expires": 14}},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# --- what people who run it see; reviewsite/telemetry -----------------------------------------------
LOGGING = logging_settings()
METRICS_TOKEN = env.text("METRICS_TOKEN")
SENTRY_DSN = env.dsn("SENTRY_DSN")
env.wants(package="sentry_sdk", by="SENTRY_DSN")
SENTRY_ENVIRONMENT = env.text("SENTRY_ENVIRONMENT", "production")
OTEL_EXPORTER_OTLP_ENDPOINT = env.url("OTEL_EXPORTER_OTLP_ENDPOINT", schemes=env.WEB)
env.wants(package="opentelemetry.exporter", by="OTEL_EXPORTER_OTLP_ENDPOINT")
