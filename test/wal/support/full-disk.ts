/**
 * A disk that can be full: takes the place of `writev` and `writeSync`. A test mocks `node:fs` with `fullDisk(await original())`,
 * and imports this file inside of the factory.
 */
import type * as fs from "node:fs";

/** Bytes that the disk still takes. */
export const disk = { free: Number.POSITIVE_INFINITY };

function noSpace(): Error {
  return Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
}

type Done = (error: Error | null, bytesWritten: number, parts: readonly NodeJS.ArrayBufferView[]) => void;

/** What fits is written, as a real disk does; a call that can write nothing fails. */
export function fullDisk(original: typeof fs): typeof fs {
  const writev = (
    fd: number,
    parts: readonly NodeJS.ArrayBufferView[],
    position: number | null,
    done: Done,
  ): void => {
    const first = parts[0] as Uint8Array;
    if (disk.free === Number.POSITIVE_INFINITY) original.writev(fd, parts as [Uint8Array], position, done);
    else if (disk.free === 0) done(noSpace(), 0, parts);
    else {
      const part = first.subarray(0, disk.free);
      disk.free -= part.length;
      original.writev(fd, [part], position, done);
    }
  };
  const writeSync = (fd: number, bytes: Uint8Array, ...rest: [number?, number?, number?]): number => {
    if (disk.free === Number.POSITIVE_INFINITY) return original.writeSync(fd, bytes, ...rest);
    if (disk.free === 0) throw noSpace();
    const [offset = 0, length = bytes.length - offset, position = null] = rest;
    const size = Math.min(length, disk.free);
    disk.free -= size;
    return original.writeSync(fd, bytes, offset, size, position);
  };
  // `promisify` finds in them what it resolves to.
  Object.defineProperties(writev, Object.getOwnPropertyDescriptors(original.writev));
  return {
    ...original,
    writev: writev as unknown as typeof fs.writev,
    writeSync: writeSync as typeof fs.writeSync,
  };
}
