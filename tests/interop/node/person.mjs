// A person at the emulator's pages, without a browser.
import { world } from "./report.mjs";

/** Enters a device's code as Alice and gives the last answer. */
export async function signIn(userCode, last) {
  let cookie = "";
  let page = await post("/devicelogin", { user_code: userCode });
  await press("account", `${world.tenant}/${world.alice.oid}`);
  await press("action", last);

  async function press(name, value) {
    if (!page.includes(`name="${name}" value="${value}"`)) throw new Error(page);
    const flow = /name="flow" value="([^"]+)"/.exec(page)[1];
    page = await post("/signin", { flow, [name]: value });
  }

  async function post(path, form) {
    const answer = await fetch(world.base + path, {
      method: "POST",
      body: new URLSearchParams(form),
      headers: { origin: world.base, cookie },
    });
    cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? cookie;
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${answer.status}: ${text}`);
    return text;
  }
}
