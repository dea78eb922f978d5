/** In Deno: its version, what conformance says, what the tour has shown. */
import * as library from "bluesmoke";
import * as shared from "bluesmoke/shared";
import { conform } from "../conform.mjs";
import { tour } from "../tour.mjs";

const text = await Deno.readTextFile(new URL("../../conformance/script.json", import.meta.url));
const { deno: version } = Deno.version;
console.log(JSON.stringify({ version, reports: conform(text, shared), tour: await tour(library) }));
