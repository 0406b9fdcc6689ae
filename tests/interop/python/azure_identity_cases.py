"""azure-identity, with its synchronous and its asyncio credentials."""

import asyncio
import os
import tempfile

import azure.identity as sync
import azure.identity.aio as aio
from azure.core.exceptions import ClientAuthenticationError
from credentials import federated
from report import case, refusals
from world import API, ASSERTIONS, BASE, CA, DAEMON, ORDERS, TENANT, WORLD, claims, code_in, pem

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


def certificate(name="client"):
    return (pem(f"test-only-{name}.key.pem") + pem(f"test-only-{name}.cert.pem")).encode()


def with_certificate(module, name="client", options=SYNC, **more):
    return module.CertificateCredential(
        TENANT, API["id"], certificate_data=certificate(name), **options, **more
    )


def workload(module, token=None, options=SYNC):
    """The file stays until the process ends: the credential reads it when it needs it."""
    with tempfile.NamedTemporaryFile("w", suffix=".jwt", delete=False) as file:
        file.write(token or federated())
    return module.WorkloadIdentityCredential(
        tenant_id=TENANT, client_id=API["id"], token_file_path=file.name, **options
    )


def is_apis(token):
    found = claims(token)
    assert found["azp"] == API["id"] and found["azpacr"] == "2", found


@case(NAME, "CertificateCredential")
def certificate_credential():
    is_apis(with_certificate(sync).get_token(ORDERS["default"]).token)


@case(NAME, "CertificateCredential with its chain")
def certificate_chain():
    credential = with_certificate(sync, send_certificate_chain=True)
    is_apis(credential.get_token(ORDERS["default"]).token)


@case(NAME, "OnBehalfOfCredential with a certificate")
def on_behalf_of_certificate():
    credential = sync.OnBehalfOfCredential(
        TENANT,
        API["id"],
        client_certificate=certificate(),
        user_assertion=ASSERTIONS["right"],
        **SYNC,
    )
    is_alices(credential.get_token(ORDERS["scope"]).token)


@case(NAME, "WorkloadIdentityCredential")
def workload_identity():
    is_apis(workload(sync).get_token(ORDERS["default"]).token)


@case(f"{NAME} (aio)", "CertificateCredential")
def aio_certificate():
    credential = with_certificate(aio, options=OPTIONS)
    is_apis(asyncio.run(with_aio(credential, ORDERS["default"])))


@case(f"{NAME} (aio)", "WorkloadIdentityCredential")
def aio_workload():
    is_apis(asyncio.run(with_aio(workload(aio, options=OPTIONS), ORDERS["default"])))


IDENTITY = WORLD["identity"]
IMDS = {"AZURE_POD_IDENTITY_AUTHORITY_HOST": IDENTITY["imds"]}
APP_SERVICE = {"IDENTITY_ENDPOINT": IDENTITY["endpoint"], "IDENTITY_HEADER": IDENTITY["header"]}


def managed(environment, **options):
    saved = dict(os.environ)
    os.environ.update(environment)
    try:
        credential = sync.ManagedIdentityCredential(
            connection_verify=CA, retry_total=0, **options
        )
        return credential.get_token(f"{API['uri']}/.default").token
    finally:
        os.environ.clear()
        os.environ.update(saved)


for place, environment in [("IMDS", IMDS), ("App Service", APP_SERVICE)]:

    @case(NAME, f"ManagedIdentityCredential, user assigned, {place}")
    def user_assigned(environment=environment):
        token = managed(environment, client_id=IDENTITY["worker"])
        assert claims(token)["azp"] == IDENTITY["worker"], claims(token)

    @case(NAME, f"ManagedIdentityCredential, system assigned, {place}")
    def system_assigned(environment=environment):
        assert claims(managed(environment))["azp"] == IDENTITY["system"]

    @case(NAME, f"ManagedIdentityCredential refused: not assigned, {place}")
    def not_assigned(environment=environment):
        try:
            managed(environment, client_id="c0de0000-1de0-4000-8000-00000000ffff")
        except (ClientAuthenticationError, sync.CredentialUnavailableError):
            return
        raise AssertionError("accepted")


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
refusals(
    NAME,
    "CertificateCredential and WorkloadIdentityCredential",
    [
        ("certificate not registered", 700027, (lambda: with_certificate(sync, "stranger"), ORDERS["default"])),
        ("unknown subject", 700213, (lambda: workload(sync, federated(sub="someone else")), ORDERS["default"])),
        ("unknown issuer", 700211, (lambda: workload(sync, federated(iss="https://evil.example/")), ORDERS["default"])),
        ("unknown audience", 700212, (lambda: workload(sync, federated(aud="api://other")), ORDERS["default"])),
        ("not a token", 50027, (lambda: workload(sync, "nonsense"), ORDERS["default"])),
    ],
    reported,
)
