"""azure-identity, with its synchronous and its asyncio credentials."""

import asyncio

import azure.identity as sync
import azure.identity.aio as aio
from azure.core.exceptions import ClientAuthenticationError
from report import case, refusals
from world import API, ASSERTIONS, BASE, CA, DAEMON, ORDERS, TENANT, WORLD, claims, code_in

NAME = f"azure-identity {sync.VERSION if hasattr(sync, 'VERSION') else '1.27.0'}"
OPTIONS = {"authority": BASE, "connection_verify": CA}
SYNC = {**OPTIONS, "disable_instance_discovery": True, "retry_total": 0}


def daemon(secret=DAEMON["secret"], client_id=DAEMON["id"], tenant=TENANT):
    return sync.ClientSecretCredential(tenant, client_id, secret, **SYNC)


def obo(assertion, secret=API["secret"]):
    return sync.OnBehalfOfCredential(
        TENANT, API["id"], client_secret=secret, user_assertion=ASSERTIONS[assertion], **SYNC
    )


def is_daemons(token):
    assert claims(token)["roles"] == [DAEMON["role"]], claims(token)


def is_alices(token):
    found = claims(token)
    assert (found["oid"], found["aud"]) == (WORLD["alice"]["oid"], ORDERS["id"]), found


@case(NAME, "ClientSecretCredential")
def client_secret():
    credential = daemon()
    token = credential.get_token(DAEMON["scope"]).token
    is_daemons(token)
    assert credential.get_token(DAEMON["scope"]).token == token, "cached"


@case(NAME, "OnBehalfOfCredential with a secret")
def on_behalf_of():
    credential = obo("right")
    token = credential.get_token(ORDERS["scope"]).token
    is_alices(token)
    assert credential.get_token(ORDERS["scope"]).token == token, "cached"


async def with_aio(credential, scope):
    async with credential:
        return (await credential.get_token(scope)).token


@case(f"{NAME} (aio)", "ClientSecretCredential")
def aio_client_secret():
    credential = aio.ClientSecretCredential(TENANT, DAEMON["id"], DAEMON["secret"], **OPTIONS)
    is_daemons(asyncio.run(with_aio(credential, DAEMON["scope"])))


@case(f"{NAME} (aio)", "OnBehalfOfCredential with a secret")
def aio_on_behalf_of():
    credential = aio.OnBehalfOfCredential(
        TENANT,
        API["id"],
        client_secret=API["secret"],
        user_assertion=ASSERTIONS["right"],
        **OPTIONS,
    )
    is_alices(asyncio.run(with_aio(credential, ORDERS["scope"])))


def reported(row):
    make, scope = row
    try:
        make().get_token(scope)
    except ClientAuthenticationError as error:
        return code_in(str(error))
    raise AssertionError("accepted")


refusals(
    NAME,
    "ClientSecretCredential",
    [
        ("wrong secret", 7000215, (lambda: daemon("wrong"), DAEMON["scope"])),
        (
            "unknown app",
            700016,
            (lambda: daemon(client_id="c0de0000-a4b1-4000-8000-00000000ffff"), DAEMON["scope"]),
        ),
        ("unknown resource", 500011, (daemon, "api://nobody/.default")),
        ("scope without /.default", 1002012, (daemon, API["scope"])),
        ("expired secret", 7000222, (lambda: daemon("expired-secret", API["id"]), ORDERS["default"])),
    ],
    reported,
)
refusals(
    NAME,
    "OnBehalfOfCredential",
    [
        ("consent is missing", 65001, (lambda: obo("right"), WORLD["payroll"]["scope"])),
        ("expired assertion", 500133, (lambda: obo("expired"), ORDERS["scope"])),
        ("assertion for another API", 500131, (lambda: obo("foreign_audience"), ORDERS["scope"])),
        ("wrong signature", 50013, (lambda: obo("wrong_signature"), ORDERS["scope"])),
        ("app-only assertion", 7000114, (lambda: obo("app_only"), ORDERS["scope"])),
        ("wrong secret", 7000215, (lambda: obo("right", "wrong"), ORDERS["scope"])),
    ],
    reported,
)
