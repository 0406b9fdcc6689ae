"""Validators that know nothing of the emulator: PyJWT, and fastmcp's Azure verifier."""

import asyncio
import ssl

import fastmcp
import jwt
from fastmcp.server.auth.providers.azure import AzureJWTVerifier
from report import case
from world import API, ASSERTIONS, AUTHORITY, BASE, CA, TENANT, WORLD

PYJWT = f"PyJWT {jwt.__version__}"
FASTMCP = f"fastmcp {fastmcp.__version__} AzureJWTVerifier"
ISSUER = f"{AUTHORITY}/v2.0"


def validate(token):
    keys = jwt.PyJWKClient(
        f"{AUTHORITY}/discovery/v2.0/keys",
        ssl_context=ssl.create_default_context(cafile=CA),
    )
    key = keys.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["RS256"], audience=API["id"], issuer=ISSUER)


@case(PYJWT, "accepts a user's token")
def accepts():
    assert validate(ASSERTIONS["right"])["oid"] == WORLD["alice"]["oid"]


@case(PYJWT, "accepts an app's token")
def accepts_app():
    assert validate(ASSERTIONS["app_only"])["roles"]


for name, refusal in [
    ("expired", jwt.ExpiredSignatureError),
    ("foreign_audience", jwt.InvalidAudienceError),
    ("wrong_signature", jwt.InvalidSignatureError),
    ("unknown_key", jwt.PyJWKClientError),
    ("foreign_issuer", jwt.InvalidIssuerError),
]:

    def check(name=name, refusal=refusal):
        try:
            validate(ASSERTIONS[name])
        except refusal:
            return
        raise AssertionError("accepted")

    case(PYJWT, f"refuses {name} ({refusal.__name__})")(check)


def verifier():
    return AzureJWTVerifier(
        client_id=API["id"],
        tenant_id=TENANT,
        required_scopes=[API["short"]],
        base_authority=BASE.removeprefix("https://"),
    )


@case(FASTMCP, "accepts a user's token")
def fastmcp_accepts():
    token = asyncio.run(verifier().verify_token(ASSERTIONS["right"]))
    assert token and API["short"] in token.scopes, token


for name in ["expired", "foreign_audience", "wrong_signature", "unknown_key", "foreign_issuer", "app_only"]:

    def check(name=name):
        assert asyncio.run(verifier().verify_token(ASSERTIONS[name])) is None, "accepted"

    case(FASTMCP, f"refuses {name}")(check)
