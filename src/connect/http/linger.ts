/** Reads the answer of an endpoint that has closed the connection while the request was being sent. */
import type { Socket } from "node:net";
import { codeOf } from "../base/errors.ts";

/** How long an answer is waited for after a write found the connection closed, in ms. */
const LINGER_MS = 1_000;

/** The other side closed the connection, with or without a word. */
export function isClosed(error: unknown): boolean {
  return ["ECONNRESET", "EPIPE", "ECONNABORTED", "UND_ERR_SOCKET"].includes(codeOf(error));
}

/**
 * A server may answer 413 and close while the body is still being sent: the write fails, and the answer waits in the
 * socket. So a write that finds the connection closed does not end it; reading does, or the time.
 */
export function lingerAfterWrites(socket: Socket, lingerMs = LINGER_MS): void {
  const linger = (done: (error?: Error | null) => void) => (error?: Error | null) => {
    if (!isClosed(error) || socket.destroyed) {
      done(error);
      return;
    }
    const timer = setTimeout(() => done(error), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  };
  const { _write: write, _writev: writev } = socket;
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, linger(done));
  if (writev !== undefined) {
    socket._writev = (chunks, done) => writev.call(socket, chunks, linger(done));
  }
}
