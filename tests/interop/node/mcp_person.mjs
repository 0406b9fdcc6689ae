// The person at an MCP client's browser: signs in at the emulator over HTTP alone.

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
