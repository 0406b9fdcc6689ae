"""The guarded MCP server of this run, as it announced itself."""

import json
import os

with open(os.environ["ENTRA_WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)
