/**
 * `bluesmoke/undici`: an interceptor for undici 7 and 8, which also guards the built-in `fetch` of Node.
 * @module bluesmoke/undici
 */
export type { HttpEnd, HttpGuardOptions, HttpHeaders, HttpOutcome, HttpRequest } from "../http/options.ts";
export { circuitBreaker } from "../http/undici.ts";
