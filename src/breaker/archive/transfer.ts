/** All breakers of a registry into bytes, and out of them. */

import type { GuardedBreaker } from "../breaker.ts";
import type { Room } from "../room.ts";
import type { Switchboard } from "../switchboard.ts";
import { Archive, pack } from "./archive.ts";
import type { Capture } from "./capture.ts";

/** See `Registry.export`. `breakers`: all of them, as often as they are asked for. */
export function exportAll(breakers: Iterable<GuardedBreaker>, nowMs: number): Uint8Array<ArrayBuffer> {
  for (const breaker of [...breakers]) breaker.check(nowMs); // may call listeners, and they may delete breakers
  return pack(captures(breakers));
}

function* captures(breakers: Iterable<GuardedBreaker>): IterableIterator<Capture> {
  for (const breaker of breakers) yield breaker.capture();
}

/** See `Registry.import`. */
export function importAll(board: Switchboard, room: Room, bytes: Uint8Array, nowMs: number): void {
  const archive = new Archive(bytes);
  if (Number.isFinite(room.maximum)) makeRoom(board, room, archive);
  const addresses = seatAll(board, archive);
  let index = 0;
  for (const { content } of archive) {
    const address = addresses[index++]!; // one for each
    board.core.restore(address, content, nowMs);
    board.herald.unlearn(address);
  }
}

/** For those that are missing; those that are there stay, idle or not. */
function makeRoom(board: Switchboard, room: Room, archive: Archive): void {
  const names = new Set<string>();
  const missing: string[] = [];
  for (const { name } of archive) {
    names.add(name);
    if (board.find(name) === undefined) missing.push(name);
  }
  if (missing.length > 0) room.make(missing[0]!, missing.length, names);
}

/** Makes those that are missing: all or, when there is no memory for all, none. */
function seatAll(board: Switchboard, archive: Archive): Uint32Array {
  const addresses = new Uint32Array(archive.size);
  const made: string[] = [];
  let index = 0;
  try {
    for (const { name, options } of archive) {
      const known = board.find(name);
      if (known === undefined) made.push(name);
      addresses[index++] = (known ?? board.seat(name, options)).address;
    }
    return addresses;
  } catch (error) {
    for (const name of made) board.delete(name);
    throw error;
  }
}
