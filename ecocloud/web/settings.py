"""Settings of an installation; everything that differs between places comes from the environment.

``ECOCLOUD_HOME`` (default ``./var``) holds the database, uploads, keys and anchors of this installation.
``DATABASE_URL`` chooses PostgreSQL; without it SQLite files under ``ECOCLOUD_HOME`` are used.
"""

import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from ecocloud.base import secret_files
from ecocloud.base.i18n import locale_paths

PACKAGE = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules
# Tests have a home of their own, whatever the environment of the person who runs them.
_DEFAULT_HOME = tempfile.mkdtemp(prefix="ecocloud-test-") if TESTING else "var"
HOME = Path(os.environ.get("ECOCLOUD_HOME") or _DEFAULT_HOME).resolve()
HOME.mkdir(parents=True, exist_ok=True)

DEBUG = os.environ.get("ECOCLOUD_DEBUG") == "1"
SECRET_KEY = secret_files.read_or_create(HOME / "keys" / "django.key")
JOURNAL_KEY_FILE = Path(os.environ.get("ECOCLOUD_JOURNAL_KEY", HOME / "keys" / "journal.key"))
JOURNAL_ANCHOR_FILE = Path(os.environ.get("ECOCLOUD_JOURNAL_ANCHOR", HOME / "anchors" / "journal.anchor"))
ALLOWED_HOSTS = os.environ.get("ECOCLOUD_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("ECOCLOUD_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "ecocloud.base.files",
    "ecocloud.base.sheets",
    "ecocloud.base.jobs",
    "ecocloud.base.pages",
    "ecocloud.kernel.journal",
    "ecocloud.kernel.regions",
    "ecocloud.kernel.evidence",
    "ecocloud.kernel.registers",
    "ecocloud.kernel.duties",
    "ecocloud.intake.documents",
    "ecocloud.intake.monitoring",
    "ecocloud.domains.chiefs",
    "ecocloud.domains.gep",
    "ecocloud.domains.accountability",
    "ecocloud.domains.burden",
    "ecocloud.portal",
    "ecocloud.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "ecocloud.web.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ecocloud.web.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "ecocloud.web.middleware.PlainText",
    "ecocloud.kernel.regions.key_access.KeyAccess",
    "ecocloud.kernel.regions.middleware.SignedInSession",
    "ecocloud.web.middleware.DenyByDefault",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "ecocloud.web.middleware.Errors",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ecocloud.web.urls"
WSGI_APPLICATION = "ecocloud.web.wsgi.application"

_LOADERS = ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "django.contrib.messages.context_processors.messages",
                "ecocloud.web.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "ecocloud.base.pages.templatetags.pages",
            ],
            "loaders": _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
        },
    }
]


def _sqlite(name: str) -> dict:
    """SQLite as the architecture wants it: WAL, immediate transactions, full sync, 30 s wait."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / name,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 30,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-65536;"
            "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=2147418112;",
        },
        "TEST": {"NAME": HOME / f"test_{name}"},
    }


# Pages ask many small questions: to compile a query, or to share it among processes that are busy with other people,
# costs more than it saves.
_POSTGRES = {"options": "-c jit=off -c max_parallel_workers_per_gather=0"}


def _postgres(url: str) -> dict:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": _POSTGRES | dict(parse_qsl(parts.query)),
    }


DATABASE_URL = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": _postgres(DATABASE_URL) if DATABASE_URL else _sqlite("ecocloud.sqlite3")}
if not DATABASE_URL and not TESTING:
    # Sessions live in their own file, so that a sign-in never waits for a business write.
    DATABASES["sessions"] = _sqlite("sessions.sqlite3")
DATABASE_ROUTERS = ["ecocloud.web.routers.SessionRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "ecocloud",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    },
    "shared": {"BACKEND": "ecocloud.web.shared_cache.SharedFiles", "LOCATION": HOME / "cache"},
}

AUTH_USER_MODEL = "regions.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "ecocloud.kernel.regions.signin.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "ecocloud.kernel.regions.passwords.ThreeOfFourClasses"},
    {"NAME": "ecocloud.kernel.regions.passwords.NotRecentlyUsed"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher" if TESTING else "django.contrib.auth.hashers.PBKDF2PasswordHasher"
]
LOGIN_URL = "regions:sign-in"
LOGIN_REDIRECT_URL = "web:home"

# Lockout counts the account and the address separately (GB/T 22239-2019 8.1.4.1 b).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_LOCKOUT_CALLABLE = "ecocloud.kernel.regions.signin.locked_out"
# Addresses of our own reverse proxies: only these are believed about whom they speak for.
TRUSTED_PROXIES = [address for address in os.environ.get("ECOCLOUD_PROXIES", "").split(",") if address]
AXES_CLIENT_IP_CALLABLE = "ecocloud.kernel.regions.signin.address_of"
# Success clears the own name's failures only (signin.sign_in): axes would clear those of the address as well, also the
# guesses made from there at other names.
AXES_RESET_ON_SUCCESS = False
# A locked account stays locked for exactly the cool-off time; attempts meanwhile are refused, not counted.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
PASSWORD_MAX_AGE_DAYS = int(os.environ.get("ECOCLOUD_PASSWORD_DAYS", "90"))
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
IDLE_TIMEOUT_SECONDS = int(os.environ.get("ECOCLOUD_IDLE_SECONDS", "1800"))
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
HTTPS = os.environ.get("ECOCLOUD_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

# How many days measurements (lake) and packets as received (raw journals) are kept; 0: for ever.
LAKE_DAYS = int(os.environ.get("ECOCLOUD_LAKE_DAYS", "0"))
RAW_DAYS = int(os.environ.get("ECOCLOUD_RAW_DAYS", "0"))

# The largest raster, table or file of zones that a raster account takes, megabytes.
RASTER_MEGABYTES = int(os.environ.get("ECOCLOUD_RASTER_MB", "4096"))
# The most cells of the grid of a raster account; the memory of a run grows with them.
RASTER_CELLS = int(os.environ.get("ECOCLOUD_RASTER_CELLS", "1000000000"))

# Whether the page of public panels answers to people without an account; the sample site always shows it.
PUBLIC = os.environ.get("ECOCLOUD_PUBLIC") == "1"

# Notices by e-mail: off unless server, sender and the address of the site are all given.
EMAIL_HOST = os.environ.get("ECOCLOUD_MAIL_HOST", "")
EMAIL_PORT = int(os.environ.get("ECOCLOUD_MAIL_PORT", "465"))
EMAIL_HOST_USER = os.environ.get("ECOCLOUD_MAIL_USER", "")
_MAIL_PASSWORD_FILE = os.environ.get("ECOCLOUD_MAIL_PASSWORD_FILE", "")
EMAIL_HOST_PASSWORD = Path(_MAIL_PASSWORD_FILE).read_text(encoding="utf-8").strip() if _MAIL_PASSWORD_FILE else ""
EMAIL_USE_SSL = os.environ.get("ECOCLOUD_MAIL_SECURITY", "ssl") == "ssl"
EMAIL_USE_TLS = os.environ.get("ECOCLOUD_MAIL_SECURITY", "ssl") == "starttls"
MAIL_FROM = os.environ.get("ECOCLOUD_MAIL_FROM", "")
SITE_URL = os.environ.get("ECOCLOUD_SITE_URL", "").rstrip("/")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = locale_paths(PACKAGE)
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
MEDIA_ROOT = HOME / "files"
MEDIA_URL = "/no-direct-files/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"axes": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS = ["axes.W003"]
