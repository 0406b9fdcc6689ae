// The TypeScript verifier of user contexts on the shared vectors: it accepts and refuses what they say.
import { readFileSync } from "node:fs";
import { Refused, verify } from "./verify_user_context.ts";

// What JSON.parse does not see, and what is kept by those who use the verifier.
const CANNOT = ["duplicate members", "replay"];

const vectors = JSON.parse(readFileSync(process.env.VECTORS, "utf8"));
const issuers = Object.fromEntries(
  Object.entries(vectors.issuers).map(([iss, issuer]) => [
    iss,
    { ...issuer, keys: Object.fromEntries(issuer.jwks.keys.map((jwk) => [jwk.kid, jwk])) },
  ]),
);

let ran = 0, failed = 0;
for (const { name, context, expect, needs } of vectors.cases) {
  if (needs.some((need) => CANNOT.includes(need))) continue;
  ran += 1;
  let found = "ok";
  try {
    await verify(context, vectors.access_token, vectors.agent, vectors.audience, issuers, vectors.now);
  } catch (error) {
    found = error instanceof Refused ? error.message : `threw ${error}`;
  }
  const right = (found === "ok") === (expect === "ok") && !found.startsWith("threw");
  failed += right ? 0 : 1;
  console.log(right ? "ok" : "FAILED", name, found);
}
console.log("ran", ran);
process.exit(failed > 0 ? 1 : 0);
