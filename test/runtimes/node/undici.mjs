/** In Node: requests of the built-in fetch and of undici through `circuitBreaker`; the environment names undici and the server. */
import * as library from "bluesmoke";
import { circuitBreaker } from "bluesmoke/undici";
import { runRequests } from "../http.mjs";

const { UNDICI, ORIGIN } = process.env;
const { Agent, fetch: ownFetch, request, setGlobalDispatcher } = await import(UNDICI);

/** The built-in fetch, over a dispatcher that is guarded. */
function guardGlobal(options) {
  setGlobalDispatcher(new Agent().compose(circuitBreaker(options)));
  return fetch;
}

/** The fetch of the package, over a dispatcher of its own. */
function guardOwn(options) {
  const dispatcher = new Agent().compose(circuitBreaker(options));
  return (url, init) => ownFetch(url, { ...init, dispatcher });
}

/** `request` of the package, its response as far as the scenarios read it. */
function guardRequest(options) {
  const dispatcher = new Agent().compose(circuitBreaker(options));
  return async (url, init) => {
    const { statusCode, body, headers } = await request(url, { ...init, dispatcher });
    body.on("error", () => {});
    return { status: statusCode, text: () => body.text(), body, headers };
  };
}

const all = {};
for (const guard of [guardGlobal, guardOwn]) {
  const results = await runRequests(library, guard, ORIGIN, true);
  for (const [name, result] of Object.entries(results)) all[`${guard.name}: ${name}`] = result;
}
const ofRequest = await runRequests(library, guardRequest, ORIGIN, true);
for (const name of [
  "a response is a success at the end of its body",
  "a short response is a success without being read",
  "its status says whether it is a failure",
  "a connection that breaks before the headers is a failure",
  "a body of known length that breaks off is a failure",
  "a body in chunks that breaks off is a failure",
  "an abort before the headers is neither",
  "an abort in the body is neither",
  "a deadline is a failure",
  "wrong arguments are neither",
  "a body that is sent arrives",
  "Retry-After holds the breaker open",
]) {
  all[`request: ${name}`] = ofRequest[name];
}
console.log(JSON.stringify(all));
process.exit(0); // agents hold connections
