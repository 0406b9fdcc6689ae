// Verifies a user context, after the access token beside it was validated (app-only, for this API, with the right to
// speak for users). Needs jose 6.
//
// Not checked here: members that are there twice (JSON.parse keeps the last one), whether the context was used before
// (where it is good once, keep `iss` and `jti` until `exp` + 30 s, atomically and after all of this), a request binding
// (`req` is refused), and what the user may do: that is yours.
import { createHash } from "node:crypto";
import { base64url, compactVerify, importJWK, type JWK } from "jose";

export type Agent = { azp: string; tid: string; oid: string };
export type Trusted = { keys: Record<string, JWK>; agents: [string, string][]; tenants: string[] };
export class Refused extends Error {}

const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const FORBIDDEN = ["crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "b64"];
const SKEW = 30, LONGEST = 300;

function need(condition: unknown, code: string): asserts condition {
  if (!condition) throw new Refused(code);
}

/** base64url with one spelling. */
function strict(part: string): Uint8Array {
  need(/^[A-Za-z0-9_-]+$/.test(part), "context_malformed");
  const bytes = Buffer.from(part, "base64url");
  need(base64url.encode(bytes) === part, "context_malformed");
  return bytes;
}

function parse(bytes: Uint8Array, code: string): Record<string, any> {
  let value: unknown;
  try { value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)); } catch { need(false, code); }
  need(typeof value === "object" && value !== null && !Array.isArray(value), code);
  return value as Record<string, any>;
}

const text = (value: unknown): value is string => typeof value === "string" && value !== "";
const guid = (value: unknown) => text(value) && GUID.test(value);

export async function verify(
  context: string, accessToken: string, agent: Agent, audience: string, issuers: Record<string, Trusted>,
  now = Math.floor(Date.now() / 1000),
): Promise<Record<string, any>> {
  need(context.length <= 4096, "context_too_long");
  const parts = context.split(".");
  need(parts.length === 3, "context_malformed");
  const [first, second] = parts.map(strict);
  const header = parse(first!, "header_malformed");
  need(header.typ === "user-context+jwt", "wrong_type");
  need(header.alg === "ES256" || header.alg === "RS256", "algorithm_not_allowed");
  need(text(header.kid), "no_key_id");
  need(!FORBIDDEN.some((name) => Object.hasOwn(header, name)), "forbidden_header_member");
  const claims = parse(second!, "claims_malformed");
  const trusted = text(claims.iss) && Object.hasOwn(issuers, claims.iss) ? issuers[claims.iss] : undefined;
  need(trusted, "unknown_issuer");
  const jwk = Object.hasOwn(trusted.keys, header.kid) ? trusted.keys[header.kid] : undefined;
  need(jwk, "unknown_key");
  const fits = header.alg === "ES256" ? jwk.kty === "EC" && jwk.crv === "P-256" : jwk.kty === "RSA";
  need(fits && (jwk.use ?? "sig") === "sig", "key_unfit");
  await compactVerify(context, await importJWK(jwk, header.alg), { algorithms: [header.alg] }).catch(() => need(false, "bad_signature"));
  need(["aud", "jti", "txn", "sub", "tid", "scope"].every((name) => text(claims[name])), "claims_malformed");
  need([claims.iat, claims.exp].every(Number.isSafeInteger), "claims_malformed");
  need([claims.jti, claims.txn].every((id) => strict(id).length === 16), "claims_malformed");
  for (let act = claims.act, depth = 0; act !== undefined || depth === 0; act = act.act, depth++) {
    need(depth < 3 && guid(act?.sub) && guid(act?.tid), "claims_malformed");
  }
  need(trusted.agents.some(([azp, tid]) => azp === agent.azp && tid === agent.tid), "issuer_not_for_agent");
  need(claims.aud === audience, "wrong_audience");
  need(claims.iat <= now + SKEW, "issued_in_future");
  need(claims.exp > now - SKEW, "expired");
  need(claims.exp > claims.iat && claims.exp - claims.iat <= LONGEST, "lives_too_long");
  need(claims.act.sub === agent.azp && claims.act.tid === agent.tid, "wrong_agent");
  const hash = createHash("sha256").update(accessToken).digest("base64url");
  need((claims.ath ?? hash) === hash && claims.ath !== null, "wrong_access_token");
  need(!Object.hasOwn(claims, "req"), "wrong_request");
  need(guid(claims.sub) && guid(claims.tid), "subject_malformed");
  need(trusted.tenants.includes(claims.tid), "subject_of_other_tenant");
  need(claims.sub !== agent.azp && claims.sub !== agent.oid, "subject_is_agent");
  return claims;
}
