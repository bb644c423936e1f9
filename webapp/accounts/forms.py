"""Input models of the account pages."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, EmailStr, Field


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


class TokenForm(BaseModel):
    name: str = Field(min_length=1, max_length=100)
    scopes: list[Literal["read", "write", "admin"]] = Field(min_length=1, max_length=3)
    days: int = Field(90, ge=1, le=365)


class CodeForm(BaseModel):
    """Six figures of an app, or a recovery code."""

    code: str = Field(min_length=1, max_length=40)


class ConfirmForm(BaseModel):
    current: str = Field(min_length=1, max_length=200)  # the person's password


class ForgottenForm(BaseModel):
    email: EmailStr = Field(max_length=254)


class AskForm(BaseModel):
    """Of somebody who wants to join."""

    email: EmailStr = Field(max_length=254)
    name: str = Field(min_length=1, max_length=200)


class JoinForm(BaseModel):
    """Of somebody whom a mailed link lets in."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=10, max_length=200)


class NewPasswordForm(BaseModel):
    password: str = Field(min_length=10, max_length=200)


class ApiJoin(JoinForm):
    token: str = Field(min_length=1, max_length=100)


class ApiLogin(BaseModel):
    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=200)
    code: str = Field("", max_length=40)  # of the second factor, or a recovery code
