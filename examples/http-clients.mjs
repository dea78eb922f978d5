/** got, and axios with its adapter for Node's `http`, behind breakers: they use no `fetch`, so `execute` is put around them. */
import axios from "axios";
import { CircuitBreakerRegistry, isCircuitOpenError } from "bluesmoke";
import got from "got";

/**
 * By status, as `guardFetch` judges by itself: most answers are answers. `execute` finds a `Retry-After`. A response whose body broke off is
 * in the error as well, and is no answer.
 */
function classify({ value, reason }) {
  if (reason?.code === "ERR_CANCELED" || reason?.name === "AbortError") return "ignored";
  const isAnswer = /^Request failed with status code/.test(reason?.message);
  const { status, statusCode = status } = value ?? (isAnswer && reason.response) ?? {};
  if (statusCode === undefined) return undefined; // no answer: a failure
  const isFailure =
    statusCode >= 500 ? statusCode < 600 && statusCode !== 501 : statusCode === 408 || statusCode === 429;
  return isFailure ? "failure" : "success";
}

/** got, guarded by host. Each attempt counts, so it makes no retries of its own. */
export function guardGot(breakers) {
  return (url, options) =>
    breakers
      .get(new URL(url).origin)
      .execute(() => got(url, { retry: { limit: 0 }, ...options }), { classify });
}

/** An axios whose requests through Node's `http` are guarded by host. */
export function guardAxios(breakers, options = {}) {
  const send = axios.getAdapter("http");
  const adapter = (config) =>
    breakers.get(new URL(axios.getUri(config)).origin).execute(() => send(config), { classify });
  return axios.create({ ...options, adapter });
}

if (process.argv[1] === import.meta.filename) {
  const breakers = new CircuitBreakerRegistry({ defaults: { detector: "consecutive_failures" } });
  const [get, client] = [guardGot(breakers), guardAxios(breakers)];
  for (const url of process.argv.slice(2)) {
    for (const request of [get(url), client.get(url)]) {
      await request.catch((error) => console.log(isCircuitOpenError(error) ? "refused" : error.message));
    }
  }
  for (const breaker of breakers) console.log(String(breaker));
}
