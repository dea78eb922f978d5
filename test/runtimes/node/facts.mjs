/** In Node: its version, what conformance reports, the results of the scenarios. */
import { readFileSync } from "node:fs";
import * as library from "bluesmoke";
import * as threads from "bluesmoke/threads";
import { conform } from "../conform.mjs";
import { runScenarios } from "../scenarios.mjs";

const text = readFileSync(new URL("../../conformance/script.json", import.meta.url), "utf8");
const version = process.versions.bun ?? process.versions.deno ?? process.versions.node;
const reports = conform(text, threads); // first: blocks of garbage breakers keep their generation
console.log(JSON.stringify({ version, reports, scenarios: await runScenarios(library) }));
