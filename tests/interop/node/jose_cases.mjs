// jose: a validator that knows nothing of the emulator.
import { createRemoteJWKSet, jwtVerify } from "jose";
import { equal, failure, test, world } from "./report.mjs";

const NAME = "jose 6.2.18";
const issuer = `${world.base}/${world.tenant}/v2.0`;

function verify(token, audience = world.api.id) {
  const keys = createRemoteJWKSet(new URL(`${world.base}/${world.tenant}/discovery/v2.0/keys`));
  return jwtVerify(token, keys, { issuer, audience, algorithms: ["RS256"] });
}

test(NAME, "accepts a user's token", async () => {
  equal((await verify(world.assertions.right)).payload.oid, world.alice.oid);
});

test(NAME, "accepts an app's token", async () => {
  equal((await verify(world.assertions.app_only)).payload.roles[0], world.daemon.role);
});

for (const [name, code] of [
  ["expired", "ERR_JWT_EXPIRED"],
  ["foreign_audience", "ERR_JWT_CLAIM_VALIDATION_FAILED"],
  ["foreign_issuer", "ERR_JWT_CLAIM_VALIDATION_FAILED"],
  ["wrong_signature", "ERR_JWS_SIGNATURE_VERIFICATION_FAILED"],
  ["unknown_key", "ERR_JWKS_NO_MATCHING_KEY"],
]) {
  test(NAME, `refuses ${name} (${code})`, async () => {
    equal((await failure(verify(world.assertions[name]))).code, code);
  });
}
