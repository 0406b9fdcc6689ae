"""The Python verifier of user contexts on the shared vectors: it accepts and refuses what they say."""
import json
import os

from verify_user_context import Refused, verify

# Kept by those who use the verifier.
CANNOT = {"replay"}

with open(os.environ["VECTORS"], encoding="utf-8") as file:
    vectors = json.load(file)
issuers = {
    iss: {**issuer, "keys": {jwk["kid"]: jwk for jwk in issuer["jwks"]["keys"]}}
    for iss, issuer in vectors["issuers"].items()
}

ran = failed = 0
for case in vectors["cases"]:
    if CANNOT & set(case["needs"]):
        continue
    ran += 1
    try:
        verify(case["context"], vectors["access_token"], vectors["agent"], vectors["audience"], issuers, vectors["now"])
        found = "ok"
    except Refused as refused:
        found = str(refused)
    right = (found == "ok") == (case["expect"] == "ok")
    failed += not right
    print("ok" if right else "FAILED", case["name"], found, flush=True)
print("ran", ran, flush=True)
raise SystemExit(failed > 0)
