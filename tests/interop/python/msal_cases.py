"""msal: confidential clients. A new application object for each case: msal answers a request
that failed from its own memory for a minute."""

from urllib.parse import parse_qsl, urlsplit

import msal
from person import Person
from report import case, refusals
from world import API, ASSERTIONS, AUTHORITY, DAEMON, ORDERS, WORLD, claims

NAME = f"msal {msal.__version__}"


def app(client_id=API["id"], credential=API["secret"], authority=AUTHORITY):
    return msal.ConfidentialClientApplication(
        client_id,
        client_credential=credential,
        authority=authority,
        instance_discovery=False,
    )


def obo(assertion, scopes=(ORDERS["scope"],), **client):
    return app(**client).acquire_token_on_behalf_of(ASSERTIONS[assertion], list(scopes))


def code(answer):
    assert "error" in answer, answer
    number = answer["error_codes"][0]
    assert answer["error_description"].startswith(f"AADSTS{number}: "), answer
    return number


@case(NAME, "client credentials with a secret")
def client_credentials():
    client = app(DAEMON["id"], DAEMON["secret"])
    answer = client.acquire_token_for_client([DAEMON["scope"]])
    token = claims(answer["access_token"])
    assert token["roles"] == [DAEMON["role"]] and token["azpacr"] == "1", token
    again = client.acquire_token_for_client([DAEMON["scope"]])
    assert again["token_source"] == "cache", again


@case(NAME, "on-behalf-of with a secret")
def on_behalf_of():
    client = app()
    answer = client.acquire_token_on_behalf_of(ASSERTIONS["right"], [ORDERS["scope"]])
    token = claims(answer["access_token"])
    assert token["oid"] == WORLD["alice"]["oid"] and token["azp"] == API["id"], token
    assert token["aud"] == ORDERS["id"] and token["scp"] == ORDERS["short"], token
    account = client.get_accounts()[0]
    assert account["home_account_id"] == f"{WORLD['alice']['oid']}.{WORLD['tenant']}", account
    again = client.acquire_token_silent([ORDERS["scope"]], account=account)
    assert again["access_token"] == answer["access_token"], again


@case(NAME, "on-behalf-of, all that is consented (/.default)")
def on_behalf_of_default():
    token = claims(obo("right", [ORDERS["default"]])["access_token"])
    assert token["scp"] == ORDERS["short"], token


@case(NAME, "the emulator's own instance discovery")
def instance_discovery():
    client = msal.ConfidentialClientApplication(
        DAEMON["id"],
        client_credential=DAEMON["secret"],
        authority=AUTHORITY,
        instance_discovery=f"{WORLD['base']}/common/discovery/instance",
    )
    assert "access_token" in client.acquire_token_for_client([DAEMON["scope"]])


@case(NAME, "unknown tenant")
def unknown_tenant():
    try:
        app(authority=f"{WORLD['base']}/c0de0000-7e4a-4000-8000-00000000ffff")
    except ValueError as error:
        assert "Unable to get authority configuration" in str(error), error
    else:
        raise AssertionError("accepted")


refusals(
    NAME,
    "on-behalf-of",
    [
        ("consent is missing", 65001, ("right", [WORLD["payroll"]["scope"]], {})),
        ("expired assertion", 500133, ("expired", [ORDERS["scope"]], {})),
        ("assertion for another API", 500131, ("foreign_audience", [ORDERS["scope"]], {})),
        ("wrong signature", 50013, ("wrong_signature", [ORDERS["scope"]], {})),
        ("unknown key", 50013, ("unknown_key", [ORDERS["scope"]], {})),
        ("app-only assertion", 7000114, ("app_only", [ORDERS["scope"]], {})),
        ("wrong secret", 7000215, ("right", [ORDERS["scope"]], {"credential": "wrong"})),
        ("expired secret", 7000222, ("right", [ORDERS["scope"]], {"credential": "expired-secret"})),
        ("unknown resource", 500011, ("right", ["api://nobody/read"], {})),
        ("unknown scope", 70011, ("right", [ORDERS["default"].replace(".default", "nothing")], {})),
        ("two resources", 28000, ("right", [ORDERS["scope"], API["scope"]], {})),
    ],
    lambda row: code(obo(row[0], row[1], **row[2])),
)

refusals(
    NAME,
    "client credentials",
    [
        ("wrong secret", 7000215, (DAEMON["id"], "wrong", DAEMON["scope"])),
        ("unknown app", 700016, ("c0de0000-a4b1-4000-8000-00000000ffff", "x", DAEMON["scope"])),
        ("zero client id", 700038, ("00000000-0000-0000-0000-000000000000", "x", DAEMON["scope"])),
        ("scope without /.default", 1002012, (DAEMON["id"], DAEMON["secret"], API["scope"])),
        ("unknown resource", 500011, (DAEMON["id"], DAEMON["secret"], "api://nobody/.default")),
    ],
    lambda row: code(app(row[0], row[1]).acquire_token_for_client([row[2]])),
)


@case(NAME, "on-behalf-of: a claims challenge (50076) that a new sign-in answers")
def claims_challenge():
    answer = obo("right", [WORLD["reports"]["scope"]])
    assert code(answer) == 50076, answer
    assert WORLD["reports"]["policy"] in answer["claims"], answer
    public = msal.PublicClientApplication(
        WORLD["public_client"], authority=AUTHORITY, instance_discovery=False
    )
    flow = public.initiate_auth_code_flow(
        [API["scope"]],
        redirect_uri=WORLD["redirect_uri"],
        login_hint=WORLD["alice"]["upn"],
        claims_challenge=answer["claims"],
    )
    back = dict(parse_qsl(urlsplit(Person().redirect(flow["auth_uri"], "approve")).query))
    stronger = public.acquire_token_by_auth_code_flow(flow, back)
    exchanged = app().acquire_token_on_behalf_of(
        stronger["access_token"], [WORLD["reports"]["scope"]]
    )
    assert "access_token" in exchanged, exchanged


@case(NAME, "the consent error is whole")
def consent_error():
    answer = obo("right", [WORLD["payroll"]["scope"]])
    assert answer["error"] == "invalid_grant" and answer["suberror"] == "consent_required", answer
    for member in ("timestamp", "trace_id", "correlation_id"):
        assert answer[member] in answer["error_description"], member
