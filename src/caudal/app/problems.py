"""Refusals over HTTP: one line with a code, never a traceback."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from caudal.core.errors import CaudalError

STATUS = {
    "CAU-601": 413,
    "CAU-602": 415,
    "CAU-603": 421,
    "CAU-604": 403,
    "CAU-605": 503,
    "CAU-606": 404,
    "CAU-607": 405,
    "CAU-609": 500,
}
"""HTTP status by code; names that are unknown are 404 in an address, all else is 422."""

RETRY_AFTER = 1
"""Seconds after which one who was turned away may come back."""


def problem(error: CaudalError, status: int | None = None) -> JSONResponse:
    """Return the answer that tells of an error."""
    status = status or STATUS.get(error.code, 422)
    code, _, detail = error.render().partition(": ")
    content = {
        "type": f"about:blank#{code}",
        "title": error.key,
        "status": status,
        "code": code,
        "detail": detail,
        "nearest": str(error.fields.get("nearest") or ""),
    }
    headers = {"Retry-After": str(RETRY_AFTER)} if status == 503 else None
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Answer every error of an application in this way."""

    @app.exception_handler(CaudalError)
    async def refused(_request: Request, error: CaudalError) -> JSONResponse:
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return problem(CaudalError("CAU-610", "invalid_request", where=where or "body", problem=first["msg"]))

    @app.exception_handler(HTTPException)
    async def other(request: Request, error: HTTPException) -> JSONResponse:
        if error.status_code == 405:
            return problem(CaudalError("CAU-607", "method", method=request.method, path=request.url.path))
        return problem(CaudalError("CAU-606", "no_page", path=request.url.path), error.status_code)

    @app.exception_handler(Exception)
    async def failed(request: Request, error: Exception) -> JSONResponse:
        logging.getLogger("caudal").error("%s: %r", request.url.path, error, exc_info=error)
        return problem(CaudalError("CAU-609", "failed", path=request.url.path))
