// vitest: a local Entra ID for a file of tests. `entra-emulator` is on the PATH.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";

let entra, child;
beforeAll(async () => {
  child = spawn("entra-emulator", ["--port", "0", "--json"]);
  for await (const line of createInterface({ input: child.stdout })) { entra = JSON.parse(line); break; }
});
afterAll(() => child.kill("SIGINT"));

test("a token", async () => {
  const body = new URLSearchParams({ grant_type: "client_credentials", client_id: "c0de0000-da30-4000-8000-0000000000d1",
    client_secret: "demo-secret-of-the-daemon", scope: "api://c0de0000-a4b1-4000-8000-0000000000a1/.default" });
  const answer = await fetch(`${entra.base_url}/${entra.tenant}/oauth2/v2.0/token`, { method: "POST", body });
  expect((await answer.json()).token_type).toBe("Bearer");
});
