/** The switches: which requests may use them, and what they do. */
import type { CircuitBreaker } from "../breaker/breaker.ts";
import type { CircuitBreakerRegistry } from "../breaker/registry.ts";
import type { Authorize, ResolvedOptions } from "./options.ts";
import { ACTIONS, type Action, type SwitchOrder } from "./protocol.ts";
import { replyText } from "./replies.ts";

/** Names of breakers are shorter. */
const MAXIMUM_BODY_LENGTH = 8_192;

/** Carries out an order, or says why not. */
export async function switchBreaker(
  request: Request,
  registry: CircuitBreakerRegistry,
  controls: ResolvedOptions["controls"],
): Promise<Response> {
  const refusal = refusalOf(request);
  if (refusal) return refusal;
  if (typeof controls === "function" && !(await isAuthorized(request, controls)))
    return replyText(403, "refused: not authorized to use the switches");
  const order = await orderOf(request);
  if (order instanceof Response) return order;
  const breaker = registry.peek(order.endpoint);
  if (!breaker) return replyText(404, `there is no breaker ${JSON.stringify(order.endpoint)}`);
  DEEDS[order.action](breaker);
  return replyText(200, `${order.action}: ${breaker.state}, ${breaker.snapshot().mode}`);
}

/** Where the function throws nobody is authorized. */
async function isAuthorized(request: Request, authorize: Authorize): Promise<boolean> {
  try {
    return (await authorize(request)) === true;
  } catch {
    return false;
  }
}

/** A page of another origin can send a POST, but neither this content type without asking nor these headers as it likes. */
function refusalOf(request: Request): Response | undefined {
  if (request.method !== "POST")
    return replyText(405, `switches take POST, not ${request.method}`, { allow: "POST" });
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin")
    return replyText(403, `refused: the request comes from another site (Sec-Fetch-Site: ${site})`);
  const origin = request.headers.get("origin");
  if (origin === null) return replyText(403, "refused: no Origin; switches are for the page itself");
  if (!isSameHost(origin, request))
    return replyText(403, `refused: the request comes from another origin, ${origin}`);
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type))
    return replyText(415, `the content type must be application/json, got ${type || "none"}`);
  return undefined;
}

/** Behind a proxy that ends TLS the scheme is another one, so hosts are compared: a page cannot choose either. */
function isSameHost(origin: string, request: Request): boolean {
  const hosts = [new URL(request.url).host, request.headers.get("host")];
  try {
    return hosts.includes(new URL(origin).host);
  } catch {
    return false; // "null"
  }
}

async function orderOf(request: Request): Promise<SwitchOrder | Response> {
  const text = await request.text();
  if (text.length > MAXIMUM_BODY_LENGTH)
    return replyText(413, `an order has at most ${MAXIMUM_BODY_LENGTH} characters, got ${text.length}`);
  const order = parsed(text);
  const { endpoint, action } = Object(order) as Partial<SwitchOrder>;
  if (typeof endpoint !== "string") return replyText(400, "endpoint must be the name of a breaker");
  if (!ACTIONS.includes(action as Action))
    return replyText(400, `action must be one of ${ACTIONS.join(", ")}, got ${JSON.stringify(action)}`);
  return { endpoint, action: action as Action };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const DEEDS: Readonly<Record<Action, (breaker: CircuitBreaker) => void>> = {
  force_open: (breaker) => breaker.forceOpen(),
  disable: (breaker) => breaker.disable(),
  enable: (breaker) => breaker.enable(),
  shadow: (breaker) => breaker.shadow(),
  trip: (breaker) => breaker.trip(),
  reset: (breaker) => breaker.reset(),
};
