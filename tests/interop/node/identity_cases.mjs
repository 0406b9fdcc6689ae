// @azure/identity.
import { ClientSecretCredential, OnBehalfOfCredential } from "@azure/identity";
import { claims, codeIn, equal, failure, refusals, test, world } from "./report.mjs";

const NAME = "@azure/identity 4.13.1";
const { api, orders, daemon, assertions, alice } = world;
const OPTIONS = {
  authorityHost: world.base,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
};

function secret(id = daemon.id, value = daemon.secret) {
  return new ClientSecretCredential(world.tenant, id, value, OPTIONS);
}

function obo(name, clientSecret = api.secret) {
  return new OnBehalfOfCredential({
    tenantId: world.tenant,
    clientId: api.id,
    clientSecret,
    userAssertionToken: assertions[name],
    ...OPTIONS,
  });
}

const code = async (credential, scope) =>
  codeIn((await failure(credential.getToken(scope))).message);

test(NAME, "ClientSecretCredential", async () => {
  const { token } = await secret().getToken(daemon.scope);
  equal(claims(token).roles[0], daemon.role);
});

test(NAME, "OnBehalfOfCredential with a secret", async () => {
  const { token } = await obo("right").getToken(orders.scope);
  equal(claims(token).oid, alice.oid);
  equal(claims(token).scp, orders.short);
});

refusals(NAME, "ClientSecretCredential", [
  ["wrong secret", 7000215, () => secret(daemon.id, "wrong"), daemon.scope],
  ["unknown app", 700016, () => secret("c0de0000-a4b1-4000-8000-00000000ffff"), daemon.scope],
  ["unknown resource", 500011, () => secret(), "api://nobody/.default"],
  ["scope without /.default", 1002012, () => secret(), api.scope],
  ["expired secret", 7000222, () => secret(api.id, "expired-secret"), orders.default],
], (credential, scope) => code(credential(), scope));

refusals(NAME, "OnBehalfOfCredential", [
  ["consent is missing", 65001, "right", world.payroll.scope],
  ["expired assertion", 500133, "expired", orders.scope],
  ["assertion for another API", 500131, "foreign_audience", orders.scope],
  ["wrong signature", 50013, "wrong_signature", orders.scope],
  ["app-only assertion", 7000114, "app_only", orders.scope],
], (name, scope) => code(obo(name), scope));
