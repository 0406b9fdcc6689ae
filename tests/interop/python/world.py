"""What the emulator serves in this run."""

import base64
import json
import os
import re

with open(os.environ["ENTRA_WORLD"], encoding="utf-8") as file:
    WORLD = json.load(file)

BASE = WORLD["base"]
CA = WORLD["ca"]
TENANT = WORLD["tenant"]
AUTHORITY = f"{BASE}/{TENANT}"
API = WORLD["api"]
ORDERS = WORLD["orders"]
DAEMON = WORLD["daemon"]
ASSERTIONS = WORLD["assertions"]


def claims(token):
    """The payload, not verified."""
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def code_in(text):
    """The number of the AADSTS error in a client's message."""
    found = re.search(r"AADSTS(\d+)", text)
    assert found, f"no AADSTS number in {text!r}"
    return int(found.group(1))


def pem(name):
    """A key or certificate of the suite."""
    with open(os.path.join(WORLD["keys"], name), encoding="ascii") as file:
        return file.read()
