// What each MCP client has to reach on the guarded server once it is connected.
import { equal, test, world } from "./report.mjs";

const { alice } = world.offline.users;

/** Registers the cases; `client` lists tools and calls one, and answers what the server sent. */
export function downstreamCases(name, client) {
  test(name, "lists the tools", async () => {
    const names = (await client.listTools()).map((tool) => tool.name).sort();
    equal(names.join(), "ask_foundry,read_calendar,read_profile,send_mail,whoami");
  });

  test(name, "calls a tool, which sees the user", async () => {
    const result = await client.callTool("whoami", {});
    equal(result.structuredContent.object, alice.object);
    equal(result.structuredContent.client, world.offline.client_id);
  });

  test(name, "calls Graph as the user", async () => {
    const result = await client.callTool("read_profile", {});
    equal(result.structuredContent.id, alice.object);
  });

  test(name, "calls Foundry as the user", async () => {
    const result = await client.callTool("ask_foundry", { question: "why?" });
    equal(result.structuredContent.output[0].content[0].text, "You asked: why?");
  });

  test(name, "is told that consent is missing, and succeeds after it", async () => {
    const refused = await client.callTool("read_calendar", {});
    equal(refused.isError, true);
    equal(refused.structuredContent.error, "consent_required");
    await consent();
    const result = await client.callTool("read_calendar", {});
    equal(result.structuredContent.value[0].subject, "Stand-up");
  });
}

/** Alice consents to what the calendar tool needs. */
async function consent() {
  const { control, tenant, server_client_id, graph_client_id } = world.offline;
  const answer = await fetch(`${control}/consent`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      tenant,
      client: server_client_id,
      resource: graph_client_id,
      user: alice.object,
      scopes: ["Calendars.Read"],
    }),
  });
  if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
}
