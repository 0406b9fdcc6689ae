// The page of `entra-doctor serve` in Debian's Chromium: by keyboard, dark, narrow, without scripts.
// The screenshots are artefacts of the run: target/interop/screenshots/doctor-*.png.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { equal, run, test } from "./report.mjs";

const NAME = "entra-doctor serve in Chromium";
const { DOCTOR, ARTEFACTS } = process.env;
mkdirSync(ARTEFACTS, { recursive: true });

const doctor = spawn(DOCTOR, ["serve"], { stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise((resolve) => createInterface(doctor.stdout).once("line", resolve));
const own = new URL(url).host;

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const token = [
  part({ alg: "RS256", kid: "k1", typ: "JWT" }),
  part({
    aud: "https://management.core.windows.net/",
    iss: "https://sts.windows.net/8eaef023-2b34-4da1-9baa-8bc8c9d6a490/",
    tid: "8eaef023-2b34-4da1-9baa-8bc8c9d6a490",
    oid: "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
    appid: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    upn: "adele@contoso.example",
    scp: "user_impersonation",
    nbf: 1700000000,
    exp: 7258118400,
    ver: "1.0",
  }),
  Buffer.alloc(256, 7).toString("base64url"),
].join(".");
const REFUSED = `curl https://contoso.openai.azure.com/openai/deployments/d/chat/completions
Authorization: Bearer ${token}
HTTP/1.1 401 Unauthorized
adele@contoso.example said <b>help</b>`;

/** A case in a profile of its own; a complaint of the page or a request that leaves it fails the case. */
function visit(flow, steps, options = {}) {
  test(NAME, flow, async () => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    const complaints = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("request", (request) => {
      if (new URL(request.url()).host !== own) complaints.push(request.url());
    });
    await steps(page, (name) => page.screenshot({ path: join(ARTEFACTS, `doctor-${name}.png`), fullPage: true }));
    equal(complaints.filter((text) => !text.includes("favicon")).join("; "), "");
    await context.close();
  });
}

async function explain(page, paste) {
  await page.goto(url);
  await page.fill("#paste", paste);
  await page.click("button");
  await page.waitForSelector("#report");
}

visit("a paste is explained, its tokens are hidden, what was read is marked", async (page, picture) => {
  await page.goto(url);
  await picture("form");
  await explain(page, REFUSED);
  await picture("answer");
  const seen = await page.textContent("main");
  equal(seen.includes("https://cognitiveservices.azure.com/.default"), true);
  equal((await page.content()).includes("eyJ"), false);
  equal((await page.locator("mark").allTextContents()).slice(1).join(" "), "(token) 401");
  equal(seen.includes("u{d}"), false);
  const report = await page.inputValue("#report");
  equal(report.includes("audience_wrong") && !report.includes("adele@"), true);
  equal(await page.locator("main b:text-is('help')").count(), 0);
});

visit("a text without a cause: its lines are named", async (page, picture) => {
  await explain(page, "HTTP/1.1 403 Forbidden\nplan: gold");
  await picture("undecided");
  const seen = await page.textContent("main");
  equal(seen.includes("What decides it") && seen.includes("line 2"), true);
});

visit("by keyboard alone", async (page) => {
  await page.goto(url);
  await page.keyboard.press("Tab");
  equal(await page.evaluate(() => document.activeElement.id), "paste");
  await page.keyboard.insertText("AADSTS50126: Invalid username or password.");
  const order = [];
  for (;;) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => document.activeElement.id || document.activeElement.tagName);
    order.push(at);
    if (at === "BUTTON" || order.length > 10) break;
  }
  equal(order.at(-1), "BUTTON");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  equal(outline, "solid");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#report");
  equal((await page.textContent("main")).includes("AADSTS50126"), true);
});

visit(
  "dark",
  async (page, picture) => {
    await explain(page, REFUSED);
    await picture("dark");
    const [back, text] = await page.evaluate(() => {
      const style = getComputedStyle(document.body);
      const canvas = getComputedStyle(document.documentElement).colorScheme;
      return [canvas, style.color];
    });
    equal(back, "light dark");
    equal(text, "rgb(255, 255, 255)");
  },
  { colorScheme: "dark" },
);

visit(
  "narrow: nothing is cut off",
  async (page, picture) => {
    await explain(page, REFUSED);
    await picture("narrow");
    const [wide, view] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    equal(wide <= view, true);
  },
  { viewport: { width: 360, height: 700 } },
);

visit(
  "without scripts",
  async (page, picture) => {
    await explain(page, REFUSED);
    await picture("without-scripts");
    equal((await page.textContent("main")).includes("audience_wrong"), true);
  },
  { javaScriptEnabled: false },
);

await run();
await browser.close();
doctor.kill();
