// What each MCP client has to reach on the guarded server once it is connected.
import { consent } from "./mcp_person.mjs";
import { equal, failure, test, world } from "./report.mjs";

const { alice } = world.offline.users;

/** Registers the cases; `client` lists tools and calls one, and answers what the server sent. */
export function downstreamCases(name, client) {
  test(name, "lists the tools", async () => {
    const names = (await client.listTools()).map((tool) => tool.name).sort();
    equal(names.join(), "ask_foundry,audit,read_calendar,read_profile,send_mail,whoami");
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
    const result = await (client.consenting ?? consenting)();
    equal(result.structuredContent.value[0].subject, "Stand-up");
  });

  /** As the client's user does who reads the link in the tool's answer. */
  async function consenting() {
    const refused = await client.callTool("read_calendar", {});
    equal(refused.isError, true);
    equal(refused.structuredContent.error, "consent_required");
    await consent(refused.structuredContent.url);
    return client.callTool("read_calendar", {});
  }

  test(name, "steps up for a tool that writes", async () => {
    const result = await client.callTool("send_mail", { to: "bob@contoso.example", subject: "hello" });
    equal(result.isError, false);
  });

  test(name, "is refused where no scope helps, and stops", async () => {
    const error = await failure(client.callTool("audit", {}));
    if (!/403|insufficient/.test(error.message)) throw error;
  });
}
