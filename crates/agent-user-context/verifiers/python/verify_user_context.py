"""Verifies a user context, after the access token beside it was validated (app-only, for this API, with the right to
speak for users). Needs PyJWT with cryptography.

Not checked here: whether the context was used before (where it is good once, keep `iss` and `jti` until `exp` + 30 s,
atomically and after all of this), a request binding (`req` is refused), and what the user may do: that is yours."""
import hashlib, json, re, time
from base64 import urlsafe_b64decode, urlsafe_b64encode
import jwt

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
FORBIDDEN = {"crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "b64"}
FITS = {"ES256": ("EC", "P-256"), "RS256": ("RSA", None)}
SKEW, LONGEST = 30, 300

class Refused(Exception): """Not good for this call; the message is a code."""

def need(condition, code):
    if not condition: raise Refused(code)

def strict(part):  # base64url with one spelling
    need(re.fullmatch(r"[A-Za-z0-9_-]+", part) and len(part) % 4 != 1, "context_malformed")
    decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    need(urlsafe_b64encode(decoded).decode().rstrip("=") == part, "context_malformed")
    return decoded

def parse(data, code):
    def once(pairs):
        need(len({name for name, _ in pairs}) == len(pairs), code)
        return dict(pairs)
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Refused(code) from None
    need(isinstance(value, dict), code)
    return value

def verify(context, access_token, agent, audience, issuers, now=None):
    """`agent`: azp, tid and oid of the access token. `issuers`: by `iss`, its `keys` (JWKs by kid), `agents` ([azp, tid]
    each) and `tenants`. Gives the claims."""
    now, parts = time.time() if now is None else now, context.split(".")
    need(len(context) <= 4096, "context_too_long")
    need(len(parts) == 3, "context_malformed")
    header, payload = parse(strict(parts[0]), "header_malformed"), strict(parts[1])
    need(strict(parts[2]), "context_malformed")
    need(header.get("typ") == "user-context+jwt", "wrong_type")
    need(header.get("alg") in ("ES256", "RS256"), "algorithm_not_allowed")
    need(isinstance(header.get("kid"), str) and header["kid"], "no_key_id")
    need(not FORBIDDEN & header.keys(), "forbidden_header_member")
    claims = parse(payload, "claims_malformed")
    trusted = issuers.get(claims.get("iss")) if isinstance(claims.get("iss"), str) else None
    need(trusted, "unknown_issuer")
    jwk = trusted["keys"].get(header["kid"])
    need(jwk, "unknown_key")
    need((jwk["kty"], jwk.get("crv")) == FITS[header["alg"]] and jwk.get("use", "sig") == "sig", "key_unfit")
    try:
        jwt.PyJWS().decode(context, jwt.PyJWK(jwk, header["alg"]), algorithms=[header["alg"]])
    except jwt.PyJWTError:
        raise Refused("bad_signature") from None
    texts = ("aud", "jti", "txn", "sub", "tid", "scope")
    need(all(isinstance(claims.get(n), str) and claims[n] for n in texts), "claims_malformed")
    need(all(type(claims.get(name)) is int for name in ("iat", "exp")), "claims_malformed")
    need(all(len(strict(claims[name])) == 16 for name in ("jti", "txn")), "claims_malformed")
    inner, depth = claims, 0
    while depth == 0 or "act" in inner:
        inner, depth = inner.get("act"), depth + 1
        need(depth <= 3 and isinstance(inner, dict), "claims_malformed")
        need(all(isinstance(inner.get(n), str) and GUID.fullmatch(inner[n]) for n in ("sub", "tid")), "claims_malformed")
    need([agent["azp"], agent["tid"]] in trusted["agents"], "issuer_not_for_agent")
    need(claims["aud"] == audience, "wrong_audience")
    need(claims["iat"] <= now + SKEW, "issued_in_future")
    need(claims["exp"] > now - SKEW, "expired")
    need(0 < claims["exp"] - claims["iat"] <= LONGEST, "lives_too_long")
    need((claims["act"]["sub"], claims["act"]["tid"]) == (agent["azp"], agent["tid"]), "wrong_agent")
    digest = urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()).decode().rstrip("=")
    need(claims.get("ath", digest) == digest, "wrong_access_token")
    need("req" not in claims, "wrong_request")
    need(GUID.fullmatch(claims["sub"]) and GUID.fullmatch(claims["tid"]), "subject_malformed")
    need(claims["tid"] in trusted["tenants"], "subject_of_other_tenant")
    need(claims["sub"] not in (agent["azp"], agent["oid"]), "subject_is_agent")
    return claims
