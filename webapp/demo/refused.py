"""How a demo upstream that speaks JSON refuses a call: {"error": {"code", "message"}} and a status."""

from typing import Any

from flask import Flask, Response, jsonify

PLAIN = {400: "invalid", 404: "not_found", 405: "invalid", 500: "server"}


class Refused(Exception):
    """A refusal; `more` stands beside the error in its body."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more

    @property
    def body(self) -> dict[str, Any]:
        """What the caller reads."""
        return {"error": {"code": self.code, "message": self.message}, **self.more}


def refuse_in_json(app: Flask) -> None:
    """Every refusal and every error of `app` has this shape."""
    app.register_error_handler(Refused, _answer)
    for status, code in PLAIN.items():
        app.register_error_handler(status, _plain(status, code))


def _answer(refused: Refused) -> tuple[Response, int]:
    return jsonify(refused.body), refused.status


def _plain(status: int, code: str) -> Any:
    return lambda error: _answer(Refused(status, code, str(getattr(error, "description", error))))
