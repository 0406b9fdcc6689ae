// The official TypeScript SDK 1.x.
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { typescriptCases } from "./mcp_typescript.mjs";
import { run } from "./report.mjs";

const sdk = { Client, StreamableHTTPClientTransport, UnauthorizedError };
typescriptCases("@modelcontextprotocol/sdk 1.32.2", sdk, {});
await run();
