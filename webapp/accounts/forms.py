"""Input models of the account pages."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LoginForm(BaseModel):
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=200)
    next: str = ""


class AccountForm(BaseModel):
    name: str = Field(min_length=1, max_length=200)
    timezone: str = Field(max_length=60)


class PasswordForm(BaseModel):
    current: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=10, max_length=200)


class ApiLogin(BaseModel):
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=200)
    code: str = Field("", max_length=40)  # of the second factor, or a recovery code
