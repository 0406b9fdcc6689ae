// @azure/msal-node: a new application object for each case.
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { claims, equal, failure, refusals, test, world } from "./report.mjs";
import { signIn } from "./person.mjs";

const NAME = "@azure/msal-node 7.2.1";
const { api, orders, daemon, assertions, alice } = world;
const STRANGER = "c0de0000-a4b1-4000-8000-00000000ffff";

function auth(clientId, more = {}, tenant = world.tenant) {
  return {
    auth: {
      clientId,
      authority: `${world.base}/${tenant}`,
      knownAuthorities: [new URL(world.base).host],
      ...more,
    },
  };
}

function app(clientId = api.id, clientSecret = api.secret, tenant) {
  return new ConfidentialClientApplication(auth(clientId, { clientSecret }, tenant));
}

function withCertificate(name) {
  const read = (file) => readFileSync(join(world.keys, `test-only-${name}.${file}.pem`), "utf8");
  const x5c = read("cert");
  const thumbprintSha256 = new X509Certificate(x5c).fingerprint256.replaceAll(":", "");
  return new ConfidentialClientApplication(
    auth(api.id, { clientCertificate: { privateKey: read("key"), thumbprintSha256, x5c } }),
  );
}

function obo(name, scope = orders.scope, client = app()) {
  return client.acquireTokenOnBehalfOf({ oboAssertion: assertions[name], scopes: [scope] });
}

/** msal-node reports the first of `error_codes`. */
const code = async (promise) => Number((await failure(promise)).errorNo);

test(NAME, "client credentials with a secret", async () => {
  const client = app(daemon.id, daemon.secret);
  const first = await client.acquireTokenByClientCredential({ scopes: [daemon.scope] });
  equal(claims(first.accessToken).roles[0], daemon.role);
  const second = await client.acquireTokenByClientCredential({ scopes: [daemon.scope] });
  equal(second.fromCache, true);
});

test(NAME, "on-behalf-of with a secret", async () => {
  const client = app();
  const answer = await obo("right", orders.scope, client);
  const token = claims(answer.accessToken);
  equal(token.oid, alice.oid);
  equal(token.azp, api.id);
  equal(token.scp, orders.short);
  equal(answer.account.homeAccountId, `${alice.oid}.${world.tenant}`);
  equal((await obo("right", orders.scope, client)).fromCache, true);
});

test(NAME, "client credentials with a certificate (PS256)", async () => {
  const client = withCertificate("client");
  const answer = await client.acquireTokenByClientCredential({ scopes: [orders.default] });
  equal(claims(answer.accessToken).azpacr, "2");
});

test(NAME, "on-behalf-of with a certificate", async () => {
  const answer = await obo("right", orders.scope, withCertificate("client"));
  equal(claims(answer.accessToken).azpacr, "2");
  equal(claims(answer.accessToken).oid, alice.oid);
});

test(NAME, "certificate not registered (700027)", async () => {
  equal(await code(obo("right", orders.scope, withCertificate("stranger"))), 700027);
});

test(NAME, "authorization code with PKCE", async () => {
  const client = new PublicClientApplication(auth(world.public_client));
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const request = { scopes: [api.scope], redirectUri: world.redirect_uri };
  const url = await client.getAuthCodeUrl({
    ...request,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    loginHint: alice.upn,
  });
  const back = await fetch(url, { redirect: "manual" });
  const answer = new URL(back.headers.get("location"));
  const token = await client.acquireTokenByCode({
    ...request,
    codeVerifier: verifier,
    code: answer.searchParams.get("code"),
  });
  equal(token.account.username, alice.upn);
});

test(NAME, "device code", async () => {
  const client = new PublicClientApplication(auth(world.public_client));
  const token = await client.acquireTokenByDeviceCode({
    scopes: [api.scope],
    deviceCodeCallback: (response) => signIn(response.userCode, "confirm"),
  });
  equal(claims(token.accessToken).oid, alice.oid);
});

test(NAME, "consent is missing: an interaction is required", async () => {
  const error = await failure(obo("right", world.payroll.scope));
  equal(error.name, "InteractionRequiredAuthError");
  equal(error.subError, "consent_required");
  equal(error.errorCode, "invalid_grant");
});

test(NAME, "a claims challenge (50076)", async () => {
  const error = await failure(obo("right", world.reports.scope));
  equal(error.name, "InteractionRequiredAuthError");
  equal(Number(error.errorNo), 50076);
  equal(error.claims.includes(world.reports.policy), true);
});

test(NAME, "unknown tenant: no metadata", async () => {
  const error = await failure(obo("right", orders.scope, app(api.id, api.secret, STRANGER)));
  equal(error.errorCode, "endpoints_resolution_error");
});

refusals(NAME, "on-behalf-of", [
  ["consent is missing", 65001, "right", world.payroll.scope],
  ["expired assertion", 500133, "expired"],
  ["assertion for another API", 500131, "foreign_audience"],
  ["wrong signature", 50013, "wrong_signature"],
  ["app-only assertion", 7000114, "app_only"],
  ["wrong secret", 7000215, "right", orders.scope, () => app(api.id, "wrong")],
  ["expired secret", 7000222, "right", orders.scope, () => app(api.id, "expired-secret")],
  ["unknown resource", 500011, "right", "api://nobody/read"],
], (name, scope, client) => code(obo(name, scope, client?.())));

refusals(NAME, "client credentials", [
  ["wrong secret", 7000215, () => app(daemon.id, "wrong"), daemon.scope],
  ["unknown app", 700016, () => app(STRANGER, "x"), daemon.scope],
  ["scope without /.default", 1002012, () => app(daemon.id, daemon.secret), api.scope],
  ["unknown resource", 500011, () => app(daemon.id, daemon.secret), "api://nobody/.default"],
  ["expired secret", 7000222, () => app(api.id, "expired-secret"), orders.default],
], (client, scope) => code(client().acquireTokenByClientCredential({ scopes: [scope] })));
