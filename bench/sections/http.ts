import {
  fetchBare,
  fetchExecuted,
  fetchGuarded,
  fetchGuardedAtHeaders,
  fetchOpossum,
  fetchOverAgent,
  fetchOverGuardedAgent,
  undiciBare,
  undiciGuarded,
} from "../cases/http.ts";
import type { Section } from "../section.ts";

const FETCH = "fetch, its body read";
const GUARDED = "fetch, guardFetch";
const AT_HEADERS = "fetch, guardFetch, settle: headers";
const EXECUTED = "fetch, bluesmoke execute around it";
const OPOSSUM = "fetch, opossum around it";
const AGENT = "fetch over undici's Agent";
const GUARDED_AGENT = "fetch over undici's Agent, circuitBreaker";
const REQUEST = "undici request, its body read";
const GUARDED_REQUEST = "undici request, circuitBreaker";

/** What guards add to a request. */
export const http: Section = {
  name: "http",
  title: "a request over loopback, 1,000 bytes back",
  operation: "request",
  cases: [
    { name: FETCH, prepare: fetchBare },
    { name: GUARDED, prepare: fetchGuarded },
    { name: AT_HEADERS, prepare: fetchGuardedAtHeaders },
    { name: EXECUTED, prepare: fetchExecuted },
    { name: OPOSSUM, peer: "opossum", prepare: fetchOpossum },
    { name: AGENT, baseline: AGENT, prepare: fetchOverAgent },
    { name: GUARDED_AGENT, baseline: AGENT, prepare: fetchOverGuardedAgent },
    { name: REQUEST, baseline: REQUEST, prepare: undiciBare },
    { name: GUARDED_REQUEST, baseline: REQUEST, prepare: undiciGuarded },
  ],
  comparisons: [
    { what: "added to fetch: guardFetch", of: GUARDED, above: FETCH, by: "time" },
    { what: "added to fetch: guardFetch, settle: headers", of: AT_HEADERS, above: FETCH, by: "time" },
    { what: "added to fetch: opossum around it", of: OPOSSUM, above: FETCH, by: "time" },
    {
      what: "added to fetch over undici's Agent: circuitBreaker",
      of: GUARDED_AGENT,
      above: AGENT,
      by: "time",
    },
    { what: "added to undici request: circuitBreaker", of: GUARDED_REQUEST, above: REQUEST, by: "time" },
    { what: "undici request: circuitBreaker to none", of: GUARDED_REQUEST, to: REQUEST, by: "time" },
    { what: "fetch: guardFetch to opossum around it", of: GUARDED, to: OPOSSUM, by: "time" },
  ],
};
