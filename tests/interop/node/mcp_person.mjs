// The person at an MCP client's browser: signs in and consents at the emulator over HTTP alone.
import { world } from "./report.mjs";

/** Opens `url` as the user whom `hint` names; gives the redirect that goes back to the client. */
export async function signIn(url, hint, redirectUri) {
  let at = new URL(url);
  // With a hint the emulator asks nothing of a program.
  at.searchParams.set("login_hint", hint);
  for (let hop = 0; hop < 5; hop += 1) {
    const answer = await fetch(at, { redirect: "manual" });
    const location = answer.headers.get("location");
    if (!location) throw new Error(`no redirect but ${answer.status}: ${await answer.text()}`);
    at = new URL(location, at);
    if (at.href.startsWith(redirectUri)) return at;
  }
  throw new Error("the redirects never came back to the client");
}

/** Opens a consent page as Alice, accepts, and goes where that leads. */
export async function consent(url) {
  const { origin } = new URL(url);
  if (origin !== world.offline.entra) throw new Error(`a link to ${origin}`);
  const { tenant, users } = world.offline;
  let cookie = "";
  let page = await look(url, { headers: { "sec-fetch-mode": "navigate" } });
  page = await press("account", `${tenant}/${users.alice.object}`);
  page = await press("action", "accept");
  const back = /content="0; url=([^"]+)"/.exec(page)[1].replaceAll("&amp;", "&");
  // Twice: browsers and link checkers do that.
  await look(back);
  await look(back);

  async function press(name, value) {
    if (!page.includes(`name="${name}" value="${value}"`)) throw new Error(page);
    const flow = /name="flow" value="([^"]+)"/.exec(page)[1];
    const body = new URLSearchParams({ flow, [name]: value });
    return look(`${origin}/signin`, { method: "POST", body, headers: { origin, cookie } });
  }

  async function look(address, options) {
    const answer = await fetch(address, options);
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status}: ${text}`);
    return text;
  }
}
