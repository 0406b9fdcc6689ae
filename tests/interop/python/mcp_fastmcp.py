"""FastMCP's client."""

from fastmcp import Client
from fastmcp.client.auth import OAuth
from mcp.shared.auth import AuthorizationCodeResult

import mcp_person
from mcp_cases import run_cases
from mcp_world import WORLD


class HeadlessOAuth(OAuth):
    """FastMCP's own, with a person who needs no browser."""

    async def redirect_handler(self, authorization_url):
        redirect = f"http://localhost:{self.redirect_port}/callback"
        self.back = await mcp_person.sign_in(authorization_url, redirect)

    async def callback_handler(self):
        assert "code" in self.back, self.back
        return AuthorizationCodeResult(code=self.back["code"], state=self.back["state"])


def connect():
    return Client(WORLD["mcp_url"], auth=HeadlessOAuth(client_id=WORLD["offline"]["client_id"]))


async def call_tool(client, tool, arguments):
    return await client.call_tool(tool, arguments, raise_on_error=False)


async def tool_names(client):
    return [tool.name for tool in await client.list_tools()]


run_cases("fastmcp 4.1.2", connect, call_tool, tool_names)
