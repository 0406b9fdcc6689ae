// The official Node.js clients, and jose, against the emulator.
import "./msal_cases.mjs";
import "./identity_cases.mjs";
import "./jose_cases.mjs";
import { run } from "./report.mjs";

await run();
