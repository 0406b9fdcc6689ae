// Runs cases and prints one line for each.
import { readFileSync } from "node:fs";

// Cases without the emulator have no world.
export const world = process.env.ENTRA_WORLD && JSON.parse(readFileSync(process.env.ENTRA_WORLD, "utf8"));
const cases = [];

/** Registers the case of a client and a flow. */
export function test(client, flow, run) {
  cases.push({ name: `${client}: ${flow}`, run });
}

/** One case for each [name, code, arguments]; `ask` gives the number that the client reports. */
export function refusals(client, flow, table, ask) {
  for (const [name, code, ...rest] of table) {
    test(client, `${flow} refused: ${name} (${code})`, async () => equal(await ask(...rest), code));
  }
}

export function equal(seen, expected) {
  if (seen !== expected) throw new Error(`${JSON.stringify(seen)} is not ${JSON.stringify(expected)}`);
}

/** What a promise fails with. */
export async function failure(promise) {
  const answer = await promise.then((value) => ({ value }), (error) => ({ error }));
  if (!("error" in answer)) throw new Error("accepted");
  return answer.error;
}

/** The number of the AADSTS error in a message. */
export function codeIn(text) {
  const found = /AADSTS(\d+)/.exec(text);
  if (!found) throw new Error(`no AADSTS number in ${text}`);
  return Number(found[1]);
}

export function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

export async function run() {
  let failed = 0;
  for (const { name, run } of cases) {
    try {
      await run();
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}`);
      console.error(error);
    }
  }
  console.log(`ran ${cases.length}`);
  process.exitCode = failed ? 1 : 0;
}
