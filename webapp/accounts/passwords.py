"""Password rules and hashes (argon2id). Knows nothing of users."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
_hasher = PasswordHasher(
    time_cost=2, memory_cost=19_456, parallelism=1
)  # OWASP's minimum for argon2id
# Checked when there is no such account, so that the answer takes as long either way. It is the hash of what nobody
# knows, written down because making one takes 19 MB and 50 ms, at the start of every process.
_DECOY = (
    "$argon2id$v=19$m=19456,t=2,p=1$5q6pv4XXfPBl62aqFKkqBw"
    "$ARtz9pMuU21n7sGm5XyurQjz/VCfTzl+zNSnzwnbzSA"
)


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def matches(hashed: str | None, password: str) -> bool:
    try:
        return _hasher.verify(hashed or _DECOY, password[:LONGEST]) and hashed is not None
    except (VerificationError, InvalidHashError):
        return False


def generate() -> str:
    """A password for a first sign-in: 20 characters from 64, about 120 bits."""
    return secrets.token_urlsafe(15)
