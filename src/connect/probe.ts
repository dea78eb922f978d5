/** Looks whether anything listens at an endpoint, before a flow starts. */
import { once } from "node:events";
import { connect } from "node:net";
import { ConnectError, codeOf, reasonOf } from "./errors.ts";

/** How long a connection may take, in ms. */
export const PROBE_TIMEOUT_MS = 3_000;

/**
 * Opens a TCP connection and closes it again. Sends nothing: whether the endpoint is well is the breaker's business,
 * this is to find a wrong URL.
 *
 * @throws ConnectError when the name is unknown, the connection is refused or nobody answers in time.
 */
export async function probe(url: URL, name: string, timeoutMs = PROBE_TIMEOUT_MS): Promise<void> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(timeoutMs) });
  } catch (cause) {
    throw new ConnectError("ERR_SINK", {
      where: name,
      what: faultOf(cause, host, timeoutMs),
      hint: HINT,
      cause,
    });
  } finally {
    // A connection that fails after we stopped waiting must not end the process.
    socket.on("error", () => {});
    socket.destroy();
  }
}

const HINT =
  "check the URL and that the server is running, or start without looking (--no-probe; in a program, probe: false)";

function faultOf(error: unknown, host: string, timeoutMs: number): string {
  const code = codeOf(error);
  if (code === "ABORT_ERR") return `cannot be reached: no answer within ${timeoutMs} ms`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `cannot be reached: the name ${host} is unknown`;
  return `cannot be reached: ${reasonOf(error)}`;
}
