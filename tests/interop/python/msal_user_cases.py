"""msal: flows with a user at the pages."""

from urllib.parse import parse_qsl, urlsplit

import msal
from msal_cases import NAME, code
from person import Person
from report import case
from world import API, AUTHORITY, DAEMON, WORLD, claims

REDIRECT = WORLD["redirect_uri"]


def public():
    return msal.PublicClientApplication(
        WORLD["public_client"], authority=AUTHORITY, instance_discovery=False
    )


def sign_in(scopes=(API["scope"],), **options):
    """The client, its flow, and the parameters of the redirect."""
    client = public()
    flow = client.initiate_auth_code_flow(
        list(scopes), redirect_uri=REDIRECT, login_hint=WORLD["alice"]["upn"], **options
    )
    location = Person().redirect(flow["auth_uri"])
    return client, flow, dict(parse_qsl(urlsplit(location).query))


@case(NAME, "authorization code with PKCE, then a refresh token")
def authorization_code():
    client, flow, answer = sign_in()
    token = client.acquire_token_by_auth_code_flow(flow, answer)
    assert claims(token["access_token"])["scp"] == API["short"], token
    assert token["id_token_claims"]["preferred_username"] == WORLD["alice"]["upn"], token
    account = client.get_accounts(WORLD["alice"]["upn"])[0]
    fresh = client.acquire_token_silent([API["scope"]], account=account, force_refresh=True)
    assert claims(fresh["access_token"])["uti"] != claims(token["access_token"])["uti"], fresh


@case(NAME, "authorization code of a confidential client")
def confidential_code():
    client = msal.ConfidentialClientApplication(
        DAEMON["id"],
        client_credential=DAEMON["secret"],
        authority=AUTHORITY,
        instance_discovery=False,
    )
    flow = client.initiate_auth_code_flow(
        [], redirect_uri=REDIRECT, login_hint=WORLD["alice"]["upn"]
    )
    answer = dict(parse_qsl(urlsplit(Person().redirect(flow["auth_uri"])).query))
    token = client.acquire_token_by_auth_code_flow(flow, answer)
    assert token["id_token_claims"]["aud"] == DAEMON["id"], token


@case(NAME, "a code that was redeemed is refused (54005)")
def redeemed_code():
    client, flow, answer = sign_in()
    assert "access_token" in client.acquire_token_by_auth_code_flow(dict(flow), answer)
    assert code(client.acquire_token_by_auth_code_flow(dict(flow), answer)) == 54005


@case(NAME, "a wrong PKCE verifier is refused (501481)")
def wrong_verifier():
    client, flow, answer = sign_in()
    flow["code_verifier"] = "x" * 43
    assert code(client.acquire_token_by_auth_code_flow(flow, answer)) == 501481


@case(NAME, "a forged refresh token is refused (70000)")
def forged_refresh_token():
    answer = public().acquire_token_by_refresh_token("1." + "x" * 110, [API["scope"]])
    assert code(answer) == 70000


@case(NAME, "sign-in without a session (50058)")
def silent_without_session():
    client = public()
    flow = client.initiate_auth_code_flow([API["scope"]], redirect_uri=REDIRECT, prompt="none")
    answer = dict(parse_qsl(urlsplit(Person().redirect(flow["auth_uri"])).query))
    token = client.acquire_token_by_auth_code_flow(flow, answer)
    assert token["error"] == "login_required", token
    assert token["error_description"].startswith("AADSTS50058: "), token


def device(last):
    client = public()
    flow = client.initiate_device_flow([API["scope"]])
    assert flow["verification_uri"] == f"{WORLD['base']}/devicelogin", flow
    if last:
        Person().device(flow["user_code"], last)
    # One poll is enough: the person is done, or will never be.
    return client.acquire_token_by_device_flow(flow, exit_condition=lambda _: True)


@case(NAME, "device code")
def device_code():
    token = device("confirm")
    assert claims(token["access_token"])["oid"] == WORLD["alice"]["oid"], token


@case(NAME, "device code: the person has not answered (70016)")
def device_pending():
    answer = device(None)
    assert answer["error"] == "authorization_pending" and code(answer) == 70016, answer


@case(NAME, "device code: the person declined")
def device_declined():
    answer = device("decline")
    assert answer["error"] == "authorization_declined", answer
