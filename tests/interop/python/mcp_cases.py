"""What each MCP client has to reach on the guarded server once it is connected."""

import asyncio
import sys

import mcp_person
from report import case, run
from mcp_world import WORLD


TOOLS = ["ask_foundry", "audit", "read_calendar", "read_profile", "send_mail", "whoami"]


class OneTask:
    """Runs coroutines one after the other, all in the same task, as the clients want it: they
    may only be closed where they were opened."""

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.work = asyncio.Queue()
        self.task = self.loop.create_task(self.serve())

    async def serve(self):
        while True:
            coroutine, done = await self.work.get()
            try:
                done.set_result(await coroutine)
            except Exception as error:
                done.set_exception(error)

    def wait(self, coroutine):
        done = self.loop.create_future()
        self.work.put_nowait((coroutine, done))
        return self.loop.run_until_complete(done)

    def end(self):
        self.task.cancel()
        self.loop.run_until_complete(asyncio.gather(self.task, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()


def run_cases(name, connect, call_tool, tool_names):
    """Runs the cases of a client in one connection, and ends the program.

    `connect` gives an async context manager; the two others take what it gives.
    """
    task = OneTask()
    wait = task.wait
    opened = connect()
    client = None

    def call(tool, arguments=None):
        return wait(call_tool(client, tool, arguments or {}))

    @case(name, "signs in, from the 401 to a connection")
    def _():
        nonlocal client
        client = wait(opened.__aenter__())

    @case(name, "lists the tools")
    def _():
        names = sorted(wait(tool_names(client)))
        assert names == TOOLS, names

    @case(name, "calls a tool, which sees the user")
    def _():
        seen = call("whoami").structured_content
        assert seen["object"] == mcp_person.ALICE["object"], seen
        assert seen["client"] == WORLD["offline"]["client_id"], seen

    @case(name, "calls Graph as the user")
    def _():
        assert call("read_profile").structured_content["id"] == mcp_person.ALICE["object"]

    @case(name, "calls Foundry as the user")
    def _():
        answer = call("ask_foundry", {"question": "why?"}).structured_content
        assert answer["output"][0]["content"][0]["text"] == "You asked: why?", answer

    @case(name, "is told that consent is missing, and succeeds after it")
    def _():
        refused = call("read_calendar")
        assert refused.is_error, refused
        assert refused.structured_content["error"] == "consent_required", refused
        wait(mcp_person.consent(refused.structured_content["url"]))
        events = call("read_calendar").structured_content
        assert events["value"][0]["subject"] == "Stand-up", events

    @case(name, "steps up for a tool that writes")
    def _():
        sent = call("send_mail", {"to": "bob@contoso.example", "subject": "hello"})
        assert not sent.is_error, sent

    @case(name, "is refused where no scope helps, and stops")
    def _():
        try:
            call("audit")
        except Exception as error:
            assert type(error).__name__ == "MCPError", error
        else:
            raise AssertionError("it was let in")

    @case(name, "closes")
    def _():
        wait(opened.__aexit__(None, None, None))

    code = run()
    task.end()
    sys.exit(code)
