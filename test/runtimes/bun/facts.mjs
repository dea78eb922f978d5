/** In Bun: its version, what conformance says, what the tour has shown. */
import * as library from "bluesmoke";
import * as shared from "bluesmoke/shared";
import { conform } from "../conform.mjs";
import { tour } from "../tour.mjs";

const text = await Bun.file(new URL("../../conformance/script.json", import.meta.url)).text();
console.log(
  JSON.stringify({ version: Bun.version, reports: conform(text, shared), tour: await tour(library) }),
);
