"""What a browser sends of its subscription."""

from __future__ import annotations

from pydantic import BaseModel, Field, field_validator

from webapp.core import settings
from webapp.push import endpoints
from webapp.push.models import LONGEST_ENDPOINT


class SubscriptionForm(BaseModel):
    """`replaces`: the endpoint that the browser had before."""

    endpoint: str = Field(min_length=1, max_length=LONGEST_ENDPOINT)
    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=40)
    key: str = Field(max_length=100)
    replaces: str = Field("", max_length=LONGEST_ENDPOINT)

    @field_validator("endpoint")
    @classmethod
    def _usable(cls, value: str) -> str:
        nets = [str(net) for net in settings.current().sync_allowed_nets]
        if not endpoints.is_usable(value, allowed_nets=nets):
            raise ValueError("This is no address of a push service.")
        return value

    @field_validator("p256dh")
    @classmethod
    def _point(cls, value: str) -> str:
        endpoints.key_point(value)
        return value

    @field_validator("auth")
    @classmethod
    def _secret(cls, value: str) -> str:
        endpoints.key_bytes(value, length=16)
        return value
