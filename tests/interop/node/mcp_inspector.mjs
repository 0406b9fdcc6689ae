// The MCP Inspector's command line, one run for each call, as a person uses it.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { downstreamCases } from "./mcp_cases.mjs";
import { signIn } from "./mcp_person.mjs";
import { run, test, world } from "./report.mjs";

const era = process.argv[2];
const NAME = `@modelcontextprotocol/inspector 2.12.0 (${era})`;
const program = fileURLToPath(import.meta.resolve("@modelcontextprotocol/inspector/package.json"));
const launcher = join(program, "../clients/launcher/build/index.js");
const home = mkdtempSync(join(tmpdir(), "inspector-"));
const callback = `http://127.0.0.1:${await freePort()}/oauth/callback`;

/** Runs the Inspector; a person opens the address that it shows, if it shows one. */
async function inspect(method, words = []) {
  const child = spawn(
    process.execPath,
    [launcher, "--cli", "--server-url", world.mcp_url, "--transport", "http", "--protocol-era", era,
     "--client-id", world.offline.client_id, "--callback-url", callback,
     "--format", "json", "--method", method, ...words],
    {
      env: {
        PATH: process.env.PATH,
        HOME: home,
        MCP_STORAGE_DIR: join(home, "storage"),
        // Its tokens outlive a run, and it needs no terminal.
        MCP_INSPECTOR_SECRET_STORE: "file",
        MCP_AUTO_OPEN_ENABLED: "true",
        BROWSER: "true",
        NO_PROXY: "*",
      },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  let shown = "";
  let answer = "";
  let person;
  child.stdout.on("data", (data) => (answer += data));
  child.stderr.on("data", (data) => {
    shown += data;
    const url = /navigate to: (\S+)\s/.exec(shown)?.[1];
    if (url && !person) person = visit(url);
    if (/step-up authorization\?/.test(data)) child.stdin.write("y\n");
  });
  await new Promise((resolve) => child.on("close", resolve));
  await person;
  try {
    return JSON.parse(answer);
  } catch {
    throw new Error(`no JSON: ${answer}\n${shown}`);
  }
}

/** Signs in, and takes the code to the Inspector's own listener. */
async function visit(url) {
  const back = await signIn(url, world.offline.users.alice.login_hint, callback);
  await fetch(back);
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.on("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test(NAME, "signs in, from the 401 to a connection", () => inspect("tools/list"));
downstreamCases(NAME, {
  listTools: async () => (await inspect("tools/list")).result.tools,
  callTool: async (tool, parameters) =>
    (await inspect("tools/call", ["--tool-name", tool, "--tool-args-json", JSON.stringify(parameters)])).result,
});
await run();
