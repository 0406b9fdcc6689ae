// The published conformance suite of MCP, both requirement sets, against the guarded server.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startProxy } from "./mcp_proxy.mjs";
import { run, test, world } from "./report.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const suite = here("./node_modules/@modelcontextprotocol/conformance/dist/index.js");
const proxy = await startProxy(world.mcp_url, await token());

for (const revision of ["2025-11-25", "2026-07-28"]) {
  test("@modelcontextprotocol/conformance 0.2.0-alpha.12", `requirements of ${revision}`, async () => {
    const expected = here(`./mcp_conformance_${revision}.yml`);
    const words = ["server", "--url", proxy, "--requirements", revision, "--expected-failures", expected];
    const child = spawn(process.execPath, [suite, ...words], {
      cwd: mkdtempSync(join(tmpdir(), "conformance-")),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let told = "";
    child.stdout.on("data", (data) => (told += data));
    const code = await new Promise((resolve) => child.on("close", resolve));
    const summary = told.slice(told.indexOf("=== SUMMARY ==="));
    console.log(summary);
    if (code !== 0 || !/\d+ passed/.test(summary)) throw new Error(`it ended with ${code}`);
  });
}
await run();
process.exit();

/** Alice's, with all that the server's tools ask for. */
async function token() {
  const { control, tenant, users, client_id, server_client_id } = world.offline;
  const answer = await fetch(`${control}/forge`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      kind: "user",
      tenant,
      user: users.alice.object,
      client: client_id,
      resource: server_client_id,
      scopes: ["mcp.read", "mcp.write"],
    }),
  });
  const forged = await answer.json();
  if (!answer.ok) throw new Error(JSON.stringify(forged));
  return forged.token;
}
