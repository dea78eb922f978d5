/**
 * `bluesmoke/fetch`: a guarded `fetch` for every runtime.
 * @module bluesmoke/fetch
 */
export { type Fetch, guardFetch } from "../http/fetch.ts";
export type { HttpEnd, HttpGuardOptions, HttpHeaders, HttpOutcome, HttpRequest } from "../http/options.ts";
