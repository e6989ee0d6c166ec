"""Write what the server answers, from which ``make web`` makes the client's types, to a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from caudal.app.server import create_app

if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(create_app().openapi()), encoding="utf-8")
