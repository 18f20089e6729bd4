"""What the API answers when it refuses."""

from __future__ import annotations

from typing import Any

PROTECTED = (
    "You are trying to edit a protected cell or object. "
    "Please contact the spreadsheet owner to remove protection if you need to edit."
)


class ApiError(Exception):
    """A refusal with Google's code, message and status."""

    def __init__(
        self,
        message: str,
        code: int = 400,
        status: str = "INVALID_ARGUMENT",
        *,
        details: list[dict[str, Any]] | None = None,
        errors: list[dict[str, Any]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.code, self.status = message, code, status
        self.details, self.errors = details, errors

    def body(self) -> dict[str, Any]:
        """The JSON body; Drive's errors carry ``errors`` and no ``status``."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.errors is not None:
            error["errors"] = self.errors
        else:
            error["status"] = self.status
        if self.details is not None:
            error["details"] = self.details
        return {"error": error}

    def within(self, place: str) -> ApiError:
        """The same refusal, naming the part of the request that caused it."""
        if self.status != "INVALID_ARGUMENT":
            return self
        return ApiError(f"Invalid {place}: {self.message}", self.code, self.status)


def not_found() -> ApiError:
    """No such spreadsheet, or none this identity may know of."""
    return ApiError("Requested entity was not found.", 404, "NOT_FOUND")


def denied() -> ApiError:
    """The identity may not do this."""
    return ApiError("The caller does not have permission", 403, "PERMISSION_DENIED")


def protected() -> ApiError:
    """A protected range is in the way."""
    return ApiError(PROTECTED)
