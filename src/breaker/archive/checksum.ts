/** CRC-32 as in ISO 3309 (zip, PNG): finds every damaged byte and every burst of up to 32 bits. */

const POLYNOMIAL = 0xedb8_8320;

let table: Uint32Array | undefined;

/** The checksum of some bytes; `before`: that of the bytes before them. */
export function crc32(bytes: Uint8Array, before = 0): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => shift8(byte));
  let crc = ~before;
  for (let index = 0; index < bytes.length; index++) {
    crc = table[(crc ^ bytes[index]!) & 0xff]! ^ (crc >>> 8);
  }
  return ~crc >>> 0;
}

function shift8(byte: number): number {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
}
