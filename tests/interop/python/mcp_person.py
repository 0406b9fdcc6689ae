"""The person at an MCP client's browser: signs in and consents at the emulator over HTTP."""

import html
import re
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


async def consent(url):
    """Opens a consent page as Alice, accepts, and goes where that leads."""
    entra = WORLD["offline"]["entra"]
    assert url.startswith(entra + "/"), url
    async with httpx2.AsyncClient(trust_env=False) as http:
        page = await http.get(url, headers={"sec-fetch-mode": "navigate"})
        account = f"{WORLD['offline']['tenant']}/{ALICE['object']}"
        for name, value in [("account", account), ("action", "accept")]:
            assert f'name="{name}" value="{value}"' in page.text, page.text
            flow = re.search(r'name="flow" value="([^"]+)"', page.text).group(1)
            form = {"flow": flow, name: value}
            page = await http.post(entra + "/signin", data=form, headers={"origin": entra})
        back = html.unescape(re.search(r'content="0; url=([^"]+)"', page.text).group(1))
        assert (await http.get(back)).status_code == 200
