/** In Node: which Node it is, what conformance says, what the tour has shown. */
import { readFileSync } from "node:fs";
import * as library from "bluesmoke";
import * as shared from "bluesmoke/shared";
import { conform } from "../conform.mjs";
import { tour } from "../tour.mjs";

const text = readFileSync(new URL("../../conformance/script.json", import.meta.url), "utf8");
const version = process.versions.bun ?? process.versions.deno ?? process.versions.node;
console.log(JSON.stringify({ version, reports: conform(text, shared), tour: await tour(library) }));
