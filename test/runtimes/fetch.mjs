/** In a runtime that is a program: requests through `guardFetch`; the address of the server is in the environment. */
import * as library from "bluesmoke";
import { guardFetch } from "bluesmoke/fetch";
import { runRequests } from "./http.mjs";

const environment = globalThis.Deno ? globalThis.Deno.env.toObject() : process.env;
const results = await runRequests(library, (options) => guardFetch(fetch, options), environment.ORIGIN);
console.log(JSON.stringify(results));
