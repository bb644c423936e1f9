"""Settings: environment variables, checked once at start. `NAME_FILE` may hold the value of any NAME.

A wrong value stops the start with a sentence that names the variable and what it should look like.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from webapp.core.errors import Misconfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Settings(BaseModel):
    """One field per variable of design.md section 10; the README lists them all."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(
        "sqlite:///.local/tulay.db", description="postgresql://… or sqlite:///…"
    )
    redis_url: str = Field("redis://127.0.0.1:6379/0", description="redis://, rediss:// or unix://")
    secret_key: SecretStr = Field(SecretStr(""), description="at least 32 characters")
    tulay_secret_keys: tuple[SecretStr, ...] = Field(
        (), description="Fernet keys with commas between; the first encrypts, all decrypt"
    )
    base_url: str = Field("http://127.0.0.1:8000", description="the public address, http(s)://…")
    port: int = Field(8000, ge=1, le=65535)
    web_concurrency: int = Field(1, ge=1, le=64)
    tulay_admin_email: str = ""
    tulay_admin_password: SecretStr = SecretStr("")
    tulay_demo: bool = False
    sync_allowed_nets: tuple[Network, ...] = Field(
        (), description="networks such as 10.0.0.0/8 with commas between"
    )
    mail_server: str = ""
    mail_port: int = Field(587, ge=1, le=65535)
    mail_use_tls: bool = False
    mail_use_ssl: bool = False
    mail_username: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_default_sender: str = Field(
        "Tulay <tulay@localhost>", description="Name <address@example.org>"
    )
    vapid_private_key: SecretStr = Field(
        SecretStr(""), description="32 bytes as base64url: the private key of web push"
    )
    attachments_url: str = Field("file://.local/attachments", description="file://folder")
    backup_folder: str = Field("", description="a folder on this machine")
    backup_kept: int = Field(7, ge=1, le=1000)
    sentry_dsn: SecretStr = SecretStr("")
    log_level: str = "INFO"

    @field_validator("tulay_secret_keys", "sync_allowed_nets", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("database_url")
    @classmethod
    def _driver(cls, value: str) -> str:
        for scheme in ("postgres://", "postgresql://"):
            if value.startswith(scheme):
                return "postgresql+psycopg://" + value.removeprefix(scheme)
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError("must start with postgresql:// or sqlite:///")
        return value

    @field_validator("base_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("attachments_url")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if not value.startswith("file://"):
            raise ValueError("must start with file://")
        return value

    @field_validator("vapid_private_key")
    @classmethod
    def _number(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", text):
            raise ValueError("must be 32 bytes, base64url-encoded")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _secrets_present(self) -> Settings:
        if len(self.secret_key.get_secret_value()) < 32:
            raise ValueError("SECRET_KEY must be set, to at least 32 random characters")
        if not self.tulay_secret_keys:
            raise ValueError("TULAY_SECRET_KEYS must hold at least one Fernet key")
        return self

    @property
    def mail_configured(self) -> bool:
        return bool(self.mail_server)


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from `environ` (the process's by default). Raises Misconfigured with one sentence."""
    values = _with_files(os.environ if environ is None else environ)
    known = {
        name: values[name.upper()] for name in Settings.model_fields if values.get(name.upper())
    }
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        raise Misconfigured(_sentence(error)) from None


def _with_files(environ: Mapping[str, str]) -> dict[str, str]:
    values = dict(environ)
    for name in Settings.model_fields:
        path = values.get(f"{name.upper()}_FILE")
        if path:
            try:
                values[name.upper()] = Path(path).read_text().strip()
            except OSError as error:
                raise Misconfigured(
                    f"{name.upper()}_FILE names {path}, which cannot be read ({error.strerror})."
                ) from None
    return values


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_input=False)[0]
    what = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return f"{what}. See the settings table in README.md."
    name = str(first["loc"][0])
    hint = Settings.model_fields[name].description
    return f"{name.upper()} is wrong: {what}." + (f" It should look like: {hint}." if hint else "")


class _Holder:
    settings: Settings | None = None


def install(settings: Settings) -> None:
    """Make `settings` the ones that `current()` gives; create_app calls this."""
    _Holder.settings = settings


def current() -> Settings:
    if _Holder.settings is None:
        raise Misconfigured("Settings are not loaded yet: create_app() does that.")
    return _Holder.settings
