/** In Deno: its version, what conformance reports, the results of the scenarios. */
import * as library from "bluesmoke";
import * as threads from "bluesmoke/threads";
import { conform } from "../conform.mjs";
import { runScenarios } from "../scenarios.mjs";

const text = await Deno.readTextFile(new URL("../../conformance/script.json", import.meta.url));
const { deno: version } = Deno.version;
const reports = conform(text, threads); // first: blocks of garbage breakers keep their generation
console.log(JSON.stringify({ version, reports, scenarios: await runScenarios(library) }));
