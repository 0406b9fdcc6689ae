// The published conformance suite of MCP, both requirement sets, against a guarded server.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startProxy } from "./mcp_proxy.mjs";
import { run, test, world } from "./report.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const suite = here("./node_modules/@modelcontextprotocol/conformance/dist/index.js");
const proxy = await startProxy(world.mcp_url, world.token);

for (const revision of ["2025-11-25", "2026-07-28"]) {
  test("@modelcontextprotocol/conformance 0.2.0-alpha.12", `requirements of ${revision}`, async () => {
    const results = here(`../conformance-${revision}`);
    rmSync(results, { recursive: true, force: true });
    const expected = here(`./mcp_conformance_${revision}.yml`);
    const words = ["server", "-o", results, "--url", proxy, "--requirements", revision, "--expected-failures", expected];
    const child = spawn(process.execPath, [suite, ...words], {
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
