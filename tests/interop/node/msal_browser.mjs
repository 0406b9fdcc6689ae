// @azure/msal-browser in Debian's Chromium: redirect, popup, hidden frames, refresh, sign-out.
import { createServer } from "node:https";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { chromium } from "playwright-core";
import { codeIn, equal, run, test, world } from "./report.mjs";

const NAME = "@azure/msal-browser";
const { alice, api, spa } = world;
const library = join(dirname(createRequire(import.meta.url).resolve(NAME)), "..", "lib");
const files = {
  "/msal.js": readFileSync(join(library, "msal-browser.min.js")),
  "/bridge.js": readFileSync(join(library, "redirect-bridge", "msal-redirect-bridge.min.js")),
};
const pages = {
  "/": '<!doctype html><title>app</title><link rel="icon" href="data:,"><script src="/msal.js"></script>',
  // Where Entra ID sends the answer: the library hands it to the page that asked.
  "/bridge": '<!doctype html><title>bridge</title><link rel="icon" href="data:,"><script src="/bridge.js"></script>'
    + "<script>msalRedirectBridge.broadcastResponseToMainFrame()</script>",
  "/signed-out": "<!doctype html><title>signed out</title>",
};

let toldOf;
// With https the app and Entra ID are one site, so hidden frames have their cookies in every browser.
const tls = {
  cert: readFileSync(join(world.keys, "test-only-client.cert.pem")),
  key: readFileSync(join(world.keys, "test-only-client.key.pem")),
};
const server = createServer(tls, (request, response) => {
  const url = new URL(request.url, "https://localhost");
  if (url.pathname === "/signed-out") toldOf = url.searchParams.get("sid");
  const script = files[url.pathname];
  const body = script ?? pages[url.pathname];
  if (body === undefined) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" }).end(body);
});
await new Promise((ready) => server.listen(spa.port, "127.0.0.1", ready));
const home = `https://localhost:${spa.port}/`;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});

/** A case in a browser profile of its own. */
function visit(flow, steps) {
  test(NAME, flow, async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const foreign = [];
    context.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "localhost") foreign.push(request.url());
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    try {
      await open(page);
      await steps(page);
      equal(foreign.join("; "), "");
    } finally {
      await context.close();
    }
  });
}

/** The app, with a client of the library in `app`. */
async function open(page, id = spa.id) {
  await page.goto(home);
  await client(page, id);
}

const client = (page, id = spa.id) => page.evaluate(async ([id, authority, host, home]) => {
  window.app = new msal.PublicClientApplication({
    auth: { clientId: id, authority, knownAuthorities: [host], redirectUri: `${home}bridge`, postLogoutRedirectUri: home },
    cache: { cacheLocation: "localStorage" },
  });
  await app.initialize();
  window.came = await app.handleRedirectPromise();
}, [id, `${world.base}/${world.tenant}`, new URL(world.base).host, home]);

/** Calls the library; gives what came back, or what it failed with. */
const call = (page, method, request) => page.evaluate(async ([method, request]) => {
  try {
    const answer = await app[method](request);
    return { token: answer?.accessToken, claims: answer?.idTokenClaims, cached: answer?.fromCache };
  } catch (error) {
    return { error: `${error.errorCode} ${error.errorMessage ?? error.message}` };
  }
}, [method, request]);

const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
const scopes = [api.scope];

/** Signs Alice in through a popup. */
async function popup(page, request = { scopes }) {
  const opened = page.waitForEvent("popup");
  const answer = call(page, "loginPopup", request);
  const window = await opened;
  await window.getByRole("button", { name: alice.name }).click();
  return answer;
}

async function signedIn(page) {
  const answer = await popup(page);
  equal(answer.error, undefined);
  await page.evaluate(() => app.setActiveAccount(app.getAllAccounts()[0]));
  return answer;
}

visit("sign in by redirect", async (page) => {
  await page.evaluate((scopes) => { app.loginRedirect({ scopes }); }, scopes);
  await page.getByRole("button", { name: alice.name }).click();
  await page.waitForURL(home);
  await client(page);
  const came = await page.evaluate(() => ({ token: came?.accessToken, user: came?.account?.username }));
  equal(came.user, alice.upn);
  equal(claimsOf(came.token).oid, alice.oid);
  equal(claimsOf(came.token).azpacr, "0");
});

visit("sign in by popup, then from the cache", async (page) => {
  const first = await signedIn(page);
  equal(claimsOf(first.token).scp.split(" ").includes(api.short), true);
  const again = await call(page, "acquireTokenSilent", { scopes });
  equal(again.cached, true);
  equal(again.token, first.token);
});

visit("refresh from the page", async (page) => {
  const first = await signedIn(page);
  const fresh = await call(page, "acquireTokenSilent", { scopes, forceRefresh: true });
  equal(fresh.error, undefined);
  equal(fresh.cached, false);
  equal(claimsOf(fresh.token).oid, alice.oid);
  equal(fresh.token === first.token, false);
});

visit("sign in silently in a hidden frame", async (page) => {
  const first = await signedIn(page);
  await page.evaluate(() => localStorage.clear());
  await open(page);
  const silent = await call(page, "ssoSilent", { scopes, loginHint: alice.upn });
  equal(silent.error, undefined);
  equal(silent.claims.sid, first.claims.sid);
});

visit("sign out, and the app is told by sid", async (page) => {
  const first = await signedIn(page);
  toldOf = undefined;
  await page.evaluate(() => { app.logoutRedirect(); });
  await page.waitForURL(/logout/);
  await page.waitForURL((url) => url.href.startsWith(home));
  equal(toldOf, first.claims.sid);
  await client(page);
  const silent = await call(page, "ssoSilent", { scopes, loginHint: alice.upn });
  equal(codeIn(silent.error), 50058);
});

/** Calls that fail, with the number that the library reports. */
function refused(flow, code, steps) {
  visit(`${flow} refused (${code})`, async (page) => {
    const answer = await steps(page);
    equal(codeIn(answer.error ?? "nothing"), code);
  });
}

refused("no session in a hidden frame", 50058, (page) => call(page, "ssoSilent", { scopes }));
refused("no consent at refresh", 65001, async (page) => {
  await signedIn(page);
  return call(page, "acquireTokenSilent", { scopes: [world.payroll.scope], cacheLookupPolicy: 3 });
});
refused("a policy at refresh", 50076, async (page) => {
  await signedIn(page);
  return call(page, "acquireTokenSilent", { scopes: [world.reports.scope], cacheLookupPolicy: 3 });
});
refused("an unknown scope", 650053, (page) => call(page, "loginPopup", { scopes: [`${api.uri}/unknown`] }));
refused("an unknown resource", 500011, (page) => call(page, "loginPopup", { scopes: ["api://unknown/x"] }));
refused("a redirect URI that is not of the SPA platform", 9002326, async (page) => {
  await open(page, spa.other);
  return popup(page);
});

try {
  await run();
} finally {
  await browser.close();
  server.close();
}
