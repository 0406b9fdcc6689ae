"""The person at an MCP client's browser: signs in at the emulator over HTTP alone."""

from urllib.parse import parse_qs, urlsplit

import httpx2
from mcp_world import WORLD

REDIRECT = "http://localhost:49152/callback"
ALICE = WORLD["offline"]["users"]["alice"]


async def sign_in(url, redirect_uri=REDIRECT):
    """Opens `url` as Alice; gives the parameters of the redirect back to the client."""
    # With a hint the emulator asks nothing of a program.
    at = httpx2.URL(url).copy_add_param("login_hint", ALICE["login_hint"])
    async with httpx2.AsyncClient(trust_env=False) as http:
        for _ in range(5):
            answer = await http.get(at)
            assert answer.is_redirect, f"{answer.status_code}: {answer.text}"
            at = at.join(answer.headers["location"])
            if str(at).startswith(redirect_uri):
                return {name: values[0] for name, values in parse_qs(urlsplit(str(at)).query).items()}
    raise AssertionError("the redirects never came back to the client")


async def consent():
    """Alice consents to what the calendar tool needs."""
    offline = WORLD["offline"]
    grant = {
        "tenant": offline["tenant"],
        "client": offline["server_client_id"],
        "resource": offline["graph_client_id"],
        "user": ALICE["object"],
        "scopes": ["Calendars.Read"],
    }
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(offline["control"] + "/consent", json=grant)
        assert answer.is_success, answer.text
