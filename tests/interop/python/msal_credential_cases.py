"""msal: certificates, client assertions and managed identities."""

import os
import time

import msal
import requests
from credentials import assertion, certificate, federated
from msal_cases import NAME, app, code
from report import case, refusals
from world import API, ASSERTIONS, CA, ORDERS, WORLD, claims

IDENTITY = WORLD["identity"]


def as_itself(credential):
    return app(API["id"], credential).acquire_token_for_client([ORDERS["default"]])


for flow, credential in [
    ("a certificate (PS256, x5c)", certificate()),
    ("a certificate by thumbprint (RS256, x5t)", certificate(legacy=True)),
    ("a client assertion", {"client_assertion": assertion()}),
    ("a federated token", {"client_assertion": federated()}),
]:

    def client_credentials(credential=credential):
        token = claims(as_itself(credential)["access_token"])
        assert token["azpacr"] == "2" and token["roles"] == [ORDERS["role"]], token

    def on_behalf_of(credential=credential):
        client = app(API["id"], credential)
        answer = client.acquire_token_on_behalf_of(ASSERTIONS["right"], [ORDERS["scope"]])
        token = claims(answer["access_token"])
        assert token["oid"] == WORLD["alice"]["oid"] and token["azpacr"] == "2", token

    case(NAME, f"client credentials with {flow}")(client_credentials)
    case(NAME, f"on-behalf-of with {flow}")(on_behalf_of)

PAST = int(time.time()) - 3600
refusals(
    NAME,
    "client assertion",
    [
        ("certificate not registered", 700027, certificate("stranger")),
        ("expired", 700024, {"client_assertion": assertion(nbf=PAST - 60, exp=PAST)}),
        ("for another audience", 700023, {"client_assertion": assertion(aud="https://evil.example/")}),
        ("not a token", 50027, {"client_assertion": "nonsense"}),
        ("federated, unknown subject", 700213, {"client_assertion": federated(sub="someone else")}),
        ("federated, unknown issuer", 700211, {"client_assertion": federated(iss="https://evil.example/")}),
        ("federated, unknown audience", 700212, {"client_assertion": federated(aud="api://other")}),
    ],
    lambda credential: code(as_itself(credential)),
)


def managed(identity, environment):
    """A managed identity's answer for the API, with the environment of its machine."""
    http = requests.Session()
    http.verify = CA
    saved = dict(os.environ)
    os.environ.update(environment)
    try:
        client = msal.ManagedIdentityClient(identity, http_client=http)
        return client.acquire_token_for_client(resource=API["uri"])
    finally:
        os.environ.clear()
        os.environ.update(saved)


IMDS = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": IDENTITY["imds"]}
APP_SERVICE = {"IDENTITY_ENDPOINT": IDENTITY["endpoint"], "IDENTITY_HEADER": IDENTITY["header"]}
WORKER = msal.UserAssignedManagedIdentity(client_id=IDENTITY["worker"])
STRANGER = msal.UserAssignedManagedIdentity(client_id="c0de0000-1de0-4000-8000-00000000ffff")

for place, environment in [("IMDS", IMDS), ("App Service", APP_SERVICE)]:

    @case(NAME, f"managed identity, user assigned, {place}")
    def user_assigned(environment=environment):
        token = claims(managed(WORKER, environment)["access_token"])
        assert token["azp"] == IDENTITY["worker"] and token["aud"] == API["id"], token

    @case(NAME, f"managed identity, system assigned, {place}")
    def system_assigned(environment=environment):
        token = claims(managed(msal.SystemAssignedManagedIdentity(), environment)["access_token"])
        assert token["azp"] == IDENTITY["system"], token

    @case(NAME, f"managed identity refused: not assigned, {place}")
    def not_assigned(environment=environment):
        assert managed(STRANGER, environment)["error"] in ("invalid_request", "invalid_scope")


@case(NAME, "managed identity refused: wrong X-IDENTITY-HEADER")
def wrong_header():
    answer = managed(WORKER, {**APP_SERVICE, "IDENTITY_HEADER": "guess"})
    assert "error" in answer, answer
