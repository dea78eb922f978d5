/** A connection through a proxy of HTTP, by its method CONNECT (RFC 9110, section 9.3.6). */
import type { Socket } from "node:net";
import { reasonOf } from "../base/errors.ts";
import { reach, type Target } from "../base/reach.ts";
import { type HttpProxy, targetIn } from "./proxy.ts";

/** Bytes of the answer of a proxy, at most. */
const LONGEST_HEAD = 16_384;
const HEAD_END = "\r\n\r\n";

/**
 * A connection whose other end is the target.
 *
 * @throws Error whose message names the proxy and says why in one line.
 */
export async function tunnel(proxy: HttpProxy, target: Target, timeoutMs: number): Promise<Socket> {
  const where = `the proxy ${proxy.url.host}`;
  let socket: Socket;
  try {
    socket = await reach(targetIn(proxy.url), timeoutMs);
  } catch (cause) {
    throw new Error(`${where} cannot be reached: ${reasonOf(cause)}`, { cause });
  }
  try {
    const host = target.host.includes(":") ? `[${target.host}]` : target.host;
    const authority = `${host}:${target.port}`;
    const authorization =
      proxy.authorization === undefined ? "" : `proxy-authorization: ${proxy.authorization}\r\n`;
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
    const head = await headOf(socket, timeoutMs);
    const [, status, reason = ""] = /^HTTP\/1\.[01] (\d{3})(.*)/.exec(head) ?? [];
    if (status === undefined) throw new Error("it answered in no HTTP");
    if (!status.startsWith("2")) throw new Error(`it answered ${status}${reason.trimEnd()}`);
    return socket;
  } catch (cause) {
    socket.on("error", () => {});
    socket.destroy();
    throw new Error(`${where} refused the connection: ${reasonOf(cause)}`, { cause });
  }
}

/** The head of the answer. Bytes behind it stay in the socket. */
function headOf(socket: Socket, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.off("readable", onReadable).off("error", onError).off("close", onClose);
      settle();
    };
    const onReadable = (): void => {
      for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) {
        read = Buffer.concat([read, chunk as Buffer]);
        const at = read.indexOf(HEAD_END);
        if (at >= 0) {
          const rest = read.subarray(at + HEAD_END.length);
          if (rest.length > 0) socket.unshift(rest);
          end(() => resolve(read.toString("latin1", 0, at)));
          return;
        }
        if (read.length > LONGEST_HEAD) {
          end(() => reject(new Error(`its answer has more than ${LONGEST_HEAD} bytes`)));
          return;
        }
      }
    };
    const onError = (error: Error): void => end(() => reject(error));
    const onClose = (): void => end(() => reject(new Error("it closed the connection")));
    const timer = setTimeout(
      () => end(() => reject(new Error(`no answer within ${timeoutMs} ms`))),
      timeoutMs,
    );
    socket.on("readable", onReadable).on("error", onError).on("close", onClose);
  });
}
