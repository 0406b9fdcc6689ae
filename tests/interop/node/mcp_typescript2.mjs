// The official TypeScript SDK 2.x: `legacy` with a session, `auto` without one.
import * as sdk from "@modelcontextprotocol/client";
import { typescriptCases } from "./mcp_typescript.mjs";
import { run } from "./report.mjs";

const mode = process.argv[2];
typescriptCases(`@modelcontextprotocol/client 2.4.0 (${mode})`, sdk, { versionNegotiation: { mode } });
await run();
