// The sign-in pages in Debian's Chromium, by keyboard where a person would use it.
// The screenshots are artefacts of the run: target/interop/screenshots.
import { createServer } from "node:http";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { claims, equal, run, test, world } from "./report.mjs";

const NAME = "Chromium";
const TITLE = (text) => `${text} - entra-emulator`;
const { api, orders, alice, bob } = world;
mkdirSync(world.artefacts, { recursive: true });

// The app: it remembers what came back, and then goes to another origin, as apps do.
let came;
const elsewhere = createServer((_, response) => response.end("<h1>Welcome</h1>"));
const app = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url, "http://localhost");
  if (url.pathname !== "/callback") return response.writeHead(404).end();
  const fields = new URLSearchParams(request.method === "POST" ? body : url.search);
  came = { method: request.method, fields };
  response.writeHead(303, { location: `http://127.0.0.1:${elsewhere.address().port}/` }).end();
});
await Promise.all([app, elsewhere].map((s) => new Promise((r) => s.listen(0, "127.0.0.1", r))));
const redirect = `http://localhost:${app.address().port}/callback`;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

/** A case in a browser profile of its own; whatever a page complains about fails it. */
function visit(flow, steps, options = {}) {
  test(NAME, flow, async () => {
    // The authority's certificate is one for this run, which Chromium has no way to be told.
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    const complaints = [];
    page.on("console", (message) => {
      // Chromium also reports a page's own status 400 as an error.
      const status = message.text().startsWith("Failed to load resource: the server responded");
      if (message.type() === "error" && !status) complaints.push(message.text());
    });
    const foreign = [];
    page.on("request", (request) => {
      const host = new URL(request.url()).hostname;
      if (!["localhost", "127.0.0.1"].includes(host)) foreign.push(request.url());
    });
    came = undefined;
    await steps(page, (name) => page.screenshot({ path: join(world.artefacts, `${name}.png`), fullPage: true }));
    equal(complaints.join("; "), "");
    equal(foreign.join("; "), "");
    await context.close();
  });
}

function pkce() {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

function address(scope, challenge, more = {}) {
  const query = new URLSearchParams({
    client_id: world.public_client,
    response_type: "code",
    redirect_uri: redirect,
    scope: `openid ${scope}`,
    state: "a state",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...more,
  });
  return `${world.base}/${world.tenant}/oauth2/v2.0/authorize?${query}`;
}

const post = async (path, form) => {
  const answer = await fetch(`${world.base}/${world.tenant}/oauth2/v2.0/${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
  });
  return answer.json();
};

const redeem = (code, verifier) =>
  post("token", {
    grant_type: "authorization_code",
    client_id: world.public_client,
    redirect_uri: redirect,
    code,
    code_verifier: verifier,
  });

const arrived = (page) => page.waitForURL(`http://127.0.0.1:${elsewhere.address().port}/`);

visit("pick an account, by keyboard alone", async (page, shoot) => {
  const { verifier, challenge } = pkce();
  await page.goto(address(api.scope, challenge));
  equal(await page.title(), TITLE("Pick an account"));
  await shoot("1-pick-an-account");
  // Alice has the focus; Tab goes on to Bob.
  equal(await page.evaluate(() => document.activeElement.innerText.includes("Alice")), true);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await arrived(page);
  equal(came.fields.get("state"), "a state");
  const token = await redeem(came.fields.get("code"), verifier);
  equal(claims(token.access_token).oid, bob.oid);
});

visit("consent, and not asked again", async (page, shoot) => {
  const { verifier, challenge } = pkce();
  await page.goto(address(orders.scope, challenge));
  await page.getByRole("button", { name: alice.name }).click();
  equal(await page.title(), TITLE("Permissions requested"));
  await shoot("2-consent");
  await page.keyboard.press("Enter");
  await arrived(page);
  const token = await redeem(came.fields.get("code"), verifier);
  equal(claims(token.access_token).scp, orders.short);
  await page.goto(address(orders.scope, challenge, { login_hint: alice.upn }));
  await arrived(page);
});

visit("a second factor where a policy asks for one", async (page, shoot) => {
  const { verifier, challenge } = pkce();
  await page.goto(address(world.reports.scope, challenge));
  await page.getByRole("button", { name: alice.name }).click();
  equal(await page.title(), TITLE("Approve the sign-in"));
  await shoot("3-second-factor");
  await page.keyboard.press("Enter");
  await arrived(page);
  equal(typeof (await redeem(came.fields.get("code"), verifier)).access_token, "string");
});

visit("decline", async (page) => {
  await page.goto(address(world.payroll.scope, pkce().challenge));
  await page.getByRole("button", { name: alice.name }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  await arrived(page);
  equal(came.fields.get("error"), "access_denied");
  equal(came.fields.get("error_uri").endsWith("/error?code=65004"), true);
});

visit("the account picker's way out", async (page) => {
  await page.goto(address(api.scope, pkce().challenge));
  await page.getByRole("button", { name: "Cancel" }).click();
  await arrived(page);
  equal(came.fields.get("error"), "access_denied");
  equal(came.fields.get("error_subcode"), "cancel");
});

visit("response_mode=form_post, which sends itself", async (page) => {
  const { verifier, challenge } = pkce();
  await page.goto(address(api.scope, challenge, { response_mode: "form_post" }));
  await page.getByRole("button", { name: alice.name }).click();
  await arrived(page);
  equal(came.method, "POST");
  equal(typeof (await redeem(came.fields.get("code"), verifier)).access_token, "string");
});

visit("response_mode=form_post without scripts", async (page, shoot) => {
  await page.goto(address(api.scope, pkce().challenge, { response_mode: "form_post" }));
  await page.getByRole("button", { name: alice.name }).click();
  await shoot("4-form-post-without-scripts");
  await page.getByRole("button", { name: "Continue" }).click();
  await arrived(page);
  equal(came.method, "POST");
}, { javaScriptEnabled: false });

visit("response_mode=fragment", async (page) => {
  const uri = address(api.scope, pkce().challenge, { response_mode: "fragment" });
  await page.route(`${redirect}**`, (route) => route.fulfill({ body: "<h1>Single page</h1>", contentType: "text/html" }));
  await page.goto(uri);
  await page.getByRole("button", { name: alice.name }).click();
  await page.waitForURL(/callback/);
  const fragment = new URLSearchParams(new URL(page.url()).hash.slice(1));
  equal(fragment.get("state"), "a state");
  equal(fragment.has("code"), true);
});

visit("an error that may not go anywhere", async (page, shoot) => {
  const bad = address(api.scope, pkce().challenge, { redirect_uri: "https://evil.example/" });
  const answer = await page.goto(bad);
  equal(answer.status(), 400);
  equal((await page.textContent("main")).includes("AADSTS50011"), true);
  await shoot("5-error");
});

async function device() {
  const started = await post("devicecode", { client_id: world.public_client, scope: api.scope });
  const poll = () =>
    post("token", {
      grant_type: "urn:ietf:params:oauth:grant-type:device_code",
      client_id: world.public_client,
      device_code: started.device_code,
    });
  return { ...started, poll };
}

visit("device code", async (page, shoot) => {
  const { user_code, verification_uri, poll } = await device();
  await page.goto(verification_uri);
  await shoot("6-device-code");
  await page.keyboard.type(user_code.toLowerCase());
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: alice.name }).click();
  equal(await page.title(), TITLE("Is this you?"));
  await shoot("7-device-confirm");
  equal((await poll()).error, "authorization_pending");
  await page.getByRole("button", { name: "Continue" }).click();
  equal(await page.title(), TITLE("You are signed in"));
  await shoot("8-device-done");
  equal(claims((await poll()).access_token).oid, alice.oid);
});

visit("device code, declined", async (page) => {
  const { user_code, verification_uri, poll } = await device();
  await page.goto(`${verification_uri}?otc=${user_code}`);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: alice.name }).click();
  await page.getByRole("button", { name: "Cancel" }).click();
  equal(await page.title(), TITLE("Sign-in cancelled"));
  equal((await poll()).error, "authorization_declined");
});

visit("dark, and on a telephone", async (page, shoot) => {
  await page.goto(address(orders.scope, pkce().challenge, { prompt: "consent" }));
  await shoot("9-picker-dark-phone");
  await page.getByRole("button", { name: alice.name }).click();
  await shoot("10-consent-dark-phone");
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  equal(overflow, false);
}, { colorScheme: "dark", viewport: { width: 360, height: 740 }, isMobile: true });

try {
  await run();
} finally {
  await browser.close();
  app.close();
  elsewhere.close();
}
