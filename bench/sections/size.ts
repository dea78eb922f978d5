import { bytesOf, compressed, weightOfEntry, weightOfLibrary } from "../cases/bytes.ts";
import type { Section } from "../section.ts";

/** What a program has to load. */
export const size: Section = {
  name: "size",
  title: "what a program loads",
  operation: "file",
  cases: [],
  comparisons: [],
  readings: [
    { name: "core, release", unit: "bytes", target: 6_000, take: () => bytesOf("release.wasm") },
    { name: "core, small: without batches", unit: "bytes", target: 8_500, take: () => bytesOf("small.wasm") },
    { name: "core, shared", unit: "bytes", target: 7_000, take: () => bytesOf("shared.wasm") },
    { name: "core, release, gzipped", unit: "bytes", take: () => compressed("release.wasm") },
    { name: "core, shared, gzipped", unit: "bytes", take: () => compressed("shared.wasm") },
    { name: "core as JavaScript", unit: "bytes", take: () => bytesOf("js.ts") },
    { name: "core as JavaScript, gzipped", unit: "bytes", take: () => compressed("js.ts") },
    {
      name: "bluesmoke: breaker and registry, Wasm inlined, gzipped",
      unit: "bytes",
      target: 10_500,
      take: () => weightOfLibrary("inlined"),
    },
    {
      name: "bluesmoke: breaker and registry, Wasm as an asset, gzipped",
      unit: "bytes",
      target: 7_000,
      take: () => weightOfLibrary("asset"),
    },
    ...["threads", "js", "latency"].map((entry) => ({
      name: `bluesmoke/${entry}: all of it, gzipped`,
      unit: "bytes",
      take: () => weightOfEntry(`bluesmoke/${entry}`),
    })),
  ],
};
