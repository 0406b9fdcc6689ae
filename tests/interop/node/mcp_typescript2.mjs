// The official TypeScript SDK 2.x: `legacy` with a session, `auto` without one. It can be
// sent to a page.
import * as sdk from "@modelcontextprotocol/client";
import { consent } from "./mcp_person.mjs";
import { typescriptCases } from "./mcp_typescript.mjs";
import { run } from "./report.mjs";

const mode = process.argv[2];
const options = { versionNegotiation: { mode }, capabilities: { elicitation: { url: {} } } };
typescriptCases(`@modelcontextprotocol/client 2.4.0 (${mode})`, sdk, options, async (request) => {
  await consent(request.params.url);
  return { action: "accept" };
});
await run();
