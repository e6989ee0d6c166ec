"""The server: routes over the engine, the records and the built client."""

from __future__ import annotations

import contextlib
import json
from collections.abc import AsyncGenerator
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from caudal.app import problems
from caudal.app.catalogue import catalogue
from caudal.app.code import code
from caudal.app.guard import LOOPBACK, Guard
from caudal.app.queue import Queue
from caudal.app.schemas import Code, Package, Problem, RunAnswer, RunRequest
from caudal.app.simulation import Simulations, identity
from caudal.core.errors import CaudalError, nearest
from caudal.evidence.series import series, themes
from caudal.report.backtestsummary import backtest
from caudal.report.leversheet import sheet
from caudal.report.serieslist import detail, main_entity, summary
from caudal.report.structure import structure
from caudal.report.trace import trace

DRAGGED = 100
"""Members of the answers that follow a lever while it is dragged."""
SMALL = 1_000
"""Bytes from which a page or an answer is sent compressed."""
FAST = 2
"""Level of compression: answers follow a lever while it is dragged."""


def client() -> Path:
    """Return the folder of the built client, which is there only where it was built."""
    return Path(str(resources.files("caudal.app"))) / "static"


def create_app(hosts: tuple[str, ...] = LOOPBACK, queue: Queue | None = None) -> FastAPI:
    """Return the application.

    Args:
        hosts: names by which it may be called.
        queue: where computations wait.
    """
    simulations, line = Simulations(), queue or Queue()

    @contextlib.asynccontextmanager
    async def life(_app: FastAPI) -> AsyncGenerator[None]:
        line.begin(lambda: _warm(simulations))
        yield
        line.close()

    app = FastAPI(
        title="Caudal", version=identity()["version"], docs_url=None, redoc_url=None, lifespan=life,
        responses={422: {"model": Problem}, 503: {"model": Problem}},
    )  # fmt: skip
    problems.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=SMALL, compresslevel=FAST)
    app.add_middleware(Guard, hosts=hosts)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Tell that the server answers, and what it computes with."""
        return identity()

    @app.post("/api/run", response_model=RunAnswer)
    async def run(asked: RunRequest) -> Response:
        """Simulate packages with the same random numbers."""
        return _json(await line.run(lambda: simulations.answer(asked)))

    @app.post("/api/costs")
    async def spent(asked: RunRequest) -> Response:
        """Return spend by lever, payer and year, and cost for what outcomes fall, first package apart."""
        return _json(await line.run(lambda: simulations.costs(asked)))

    @app.post("/api/code", response_model=Code)
    async def python(asked: RunRequest) -> Response:
        """Return the code that gives the same digits."""
        return _json(code(asked))

    @app.get("/api/catalogue")
    def offered() -> Response:
        """Return levers, outcomes, parameters, departments and scenarios."""
        return _json(catalogue())

    @app.get("/api/levers/{name}/sheet")
    def lever_sheet(name: str) -> Response:
        """Return what is known of a lever."""
        return _json(sheet(name).as_json())

    @app.get("/api/series")
    def evidence() -> Response:
        """Return every series of the evidence base: unit, years, number of figures, worst quality."""
        return _json([summary(series(name)) for names in themes().values() for name in names])

    @app.get("/api/series/{name}")
    def one_series(name: str, entity: str | None = None) -> Response:
        """Return a series with its figures, its rivals beside it, and the documents cited."""
        return _json(series_of(name, entity))

    @app.get("/api/backtest")
    def scored() -> Response:
        """Return the stored back-test: bars, those missed first, scores, bands of history."""
        return _json(backtest())

    @app.get("/api/trace/{name}")
    def traced(name: str) -> Response:
        """Return the tree from a name down to data rows and documents."""
        return _json(trace(name).as_json())

    @app.get("/api/model")
    def model() -> Response:
        """Return stocks, flows, equations and what is left out."""
        return _json(structure())

    @app.get("/api/{rest:path}", include_in_schema=False)
    def nothing(rest: str) -> Response:
        raise CaudalError("CAU-606", "no_page", path=f"/api/{rest}")

    if client().is_dir():
        app.mount("/", Client(client()), name="client")
    return app


class Client(StaticFiles):
    """The built client: every address without a dot is a page of it."""

    def __init__(self, folder: Path) -> None:
        """Serve a folder; one that is not there has no page."""
        super().__init__(directory=folder, html=True)

    async def get_response(self, path: str, scope: Any) -> Response:
        """Return a file, or the page that shows an address."""
        try:
            return await super().get_response(path, scope)
        except Exception as error:
            if getattr(error, "status_code", None) != 404 or "." in path.rpartition("/")[2]:
                raise
        return await super().get_response("index.html", scope)


def series_of(name: str, entity: str | None) -> dict[str, Any]:
    """Return a series for one place, the main one if none is named, and the places that it has.

    Raises:
        CaudalError: ``CAU-113`` for a place that it has not.
    """
    record = series(name)
    places = record.entities()
    if entity is not None and entity not in places:
        hint = nearest(entity, places)
        raise CaudalError("CAU-113", "no_entity", series=name, entity=entity, nearest=hint)
    chosen = entity or main_entity(record)
    return detail(record, chosen) | {"entity": chosen, "places": list(places)}


def _json(content: object) -> Response:
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")


def _warm(simulations: Simulations) -> None:
    """Simulate history, and the baseline, for the answers that are asked for first."""
    for draws in (DRAGGED, RunRequest.model_fields["draws"].default):
        simulations.answer(RunRequest(packages=(Package(),), draws=draws))
