"""The official Python SDK: `legacy` with a session, `auto` without one."""

import sys
from contextlib import asynccontextmanager

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata

import mcp_person
from mcp_cases import run_cases
from mcp_world import WORLD

MODE = sys.argv[1]


class Storage:
    """In memory; the client is registered at Entra ID beforehand."""

    tokens = None
    client = OAuthClientInformationFull(
        client_id=WORLD["offline"]["client_id"],
        redirect_uris=[mcp_person.REDIRECT],
        token_endpoint_auth_method="none",
    )

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client


class Browser:
    back = None

    async def open(self, url):
        self.back = await mcp_person.sign_in(url)

    async def result(self):
        assert "code" in self.back, self.back
        return AuthorizationCodeResult(code=self.back["code"], state=self.back["state"])


@asynccontextmanager
async def connect():
    browser = Browser()
    oauth = OAuthClientProvider(
        server_url=WORLD["mcp_url"],
        client_metadata=OAuthClientMetadata(
            redirect_uris=[mcp_person.REDIRECT], token_endpoint_auth_method="none"
        ),
        storage=Storage(),
        redirect_handler=browser.open,
        callback_handler=browser.result,
    )
    async with httpx2.AsyncClient(auth=oauth, trust_env=False, timeout=30) as http:
        transport = streamable_http_client(WORLD["mcp_url"], http_client=http)
        async with Client(transport, mode=MODE) as client:
            yield client


async def call_tool(client, tool, arguments):
    return await client.call_tool(tool, arguments)


async def tool_names(client):
    return [tool.name for tool in (await client.list_tools()).tools]


run_cases(f"mcp 2.3.0 ({MODE})", connect, call_tool, tool_names)
