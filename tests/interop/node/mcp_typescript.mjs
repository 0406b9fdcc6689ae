// What either of the official TypeScript SDKs does with a guarded MCP server.
import { downstreamCases } from "./mcp_cases.mjs";
import { consent, signIn } from "./mcp_person.mjs";
import { equal, test, world } from "./report.mjs";

const REDIRECT = "http://localhost:49152/callback";

/** An OAuth client of the SDK's own interface, as its documentation shows it. */
class Provider {
  redirectUrl = REDIRECT;
  clientMetadata = {
    client_name: "interop",
    redirect_uris: [REDIRECT],
    grant_types: ["authorization_code", "refresh_token"],
    token_endpoint_auth_method: "none",
  };
  clientInformation() {
    return { client_id: world.offline.client_id };
  }
  tokens() {
    return this.saved;
  }
  saveTokens(tokens) {
    this.saved = tokens;
  }
  codeVerifier() {
    return this.verifier;
  }
  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }
  discoveryState() {
    return this.discovered;
  }
  saveDiscoveryState(state) {
    this.discovered = state;
  }
  async redirectToAuthorization(url) {
    const back = await signIn(url, world.offline.users.alice.login_hint, REDIRECT);
    this.code = back.searchParams.get("code");
    if (!this.code) throw new Error(`the sign-in ended at ${back.search}`);
  }
}

/**
 * Registers the cases of an SDK: its exports, and the options of its client. `elicits` opens
 * the pages that the server sends the person to, for a client that says it can do that.
 */
export function typescriptCases(name, sdk, options, elicits) {
  const { Client, StreamableHTTPClientTransport, UnauthorizedError } = sdk;
  const provider = new Provider();
  let client;
  let transport;

  async function connect() {
    client = new Client({ name: "interop", version: "1" }, options);
    transport = new StreamableHTTPClientTransport(new URL(world.mcp_url), { authProvider: provider });
    if (elicits) client.setRequestHandler("elicitation/create", elicits);
    await client.connect(transport);
  }

  const callTool = (tool, parameters) =>
    signedIn(() => client.callTool({ name: tool, arguments: parameters }));

  /** Runs `work`; if the SDK sent the person to sign in meanwhile, once more after that. */
  async function signedIn(work) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await transport.finishAuth(provider.code);
      return work();
    }
  }

  test(name, "signs in, from the 401 to a connection", () => signedIn(connect));
  downstreamCases(name, {
    listTools: async () => (await client.listTools()).tools,
    callTool,
    consenting: elicits && (() => elicited(callTool)),
  });
  test(name, "closes", async () => {
    await client.close();
  });
}

/** The client is sent to the page, by the error of 2025-11-25 or by itself (2026-07-28). */
async function elicited(callTool) {
  try {
    return await callTool("read_calendar", {});
  } catch (error) {
    equal(error.code, -32042);
    await consent(error.data.elicitations[0].url);
    return callTool("read_calendar", {});
  }
}
