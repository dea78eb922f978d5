/** Options of `qos::wal`, as a pipeline writes them. */
import {
  nameOption,
  numberOption,
  objectOption,
  optionError,
  outOfRange,
  wrongType,
} from "../breaker/validate.ts";
import { flagOption } from "../connect/base/flag.ts";
import type { Sync } from "./log/writer.ts";

/** What the operator is told. */
export interface WalSettings {
  /** The folder of the log; made if it is not there. One process at a time uses it. */
  readonly folder: string;
  /** Events that are sent and not written to be done, at most. 1 to 1,000,000, default 1,024: the HTTP sink has 800 on their way. */
  readonly readCount: number;
  /** While so many events wait, upstream is stopped. 1 to 2^53 - 1, default: no bound. */
  readonly maximumElements: number;
  /** While the log has so many bytes, upstream is stopped. 65,536 to 2^53 - 1, default: no bound. */
  readonly maximumBytes: number;
  /** An event that waits for longer leaves by the port `expired`, in ms. Default: none does. */
  readonly maximumAgeMs: number;
  /** When the disk is asked for what was written. Default `interval`. */
  readonly sync: Sync;
  /** Between two such requests with `interval`, in ms. 1 to 3,600,000, default 1,000. */
  readonly syncIntervalMs: number;
  /** Bytes of a segment. 65,536 to 1,073,741,824, default 67,108,864; at most a quarter of `maximumBytes`. */
  readonly segmentBytes: number;
  /** A flow that ends waits for the log until nothing was delivered for so long, in ms. 0 to 86,400,000, default 10,000. */
  readonly drainMs: number;
}

const NS_PER_MS = 1_000_000;
const ONE_DAY_MS = 86_400_000;
/** 100 years. */
const LONGEST_AGE_NS = 36_500 * ONE_DAY_MS * NS_PER_MS;
const OPTIONS = [
  "dir",
  "read_count",
  "max_elements",
  "max_bytes",
  "max_age",
  "flush_on_evt",
  "sync",
  "sync_interval",
  "segment_bytes",
  "drain_timeout",
];

/** @throws OptionError that names option, range and value */
export function readWal(options: Readonly<Record<string, unknown>>): WalSettings {
  const given = objectOption("options", options, OPTIONS);
  const whole = (name: string, from: number, to: number, fallback: number): number =>
    numberOption(name, given[name], { from, to, whole: true }, fallback);
  const most = Number.MAX_SAFE_INTEGER;
  const flushes = flagOption("flush_on_evt", given.flush_on_evt, false);
  if (flushes && given.sync !== undefined && given.sync !== "always") {
    throw outOfRange("sync", '"always" where flush_on_evt is true', given.sync);
  }
  const maximumBytes = whole("max_bytes", 65_536, most, most);
  return {
    readCount: whole("read_count", 1, 1_000_000, 1_024),
    maximumElements: whole("max_elements", 1, most, most),
    maximumBytes,
    maximumAgeMs:
      numberOption(
        "max_age",
        given.max_age,
        { from: NS_PER_MS, to: LONGEST_AGE_NS },
        Number.POSITIVE_INFINITY,
      ) / NS_PER_MS,
    sync: flushes ? "always" : nameOption("sync", given.sync, ["always", "interval", "never"], "interval"),
    syncIntervalMs:
      numberOption(
        "sync_interval",
        given.sync_interval,
        { from: NS_PER_MS, to: 3_600_000 * NS_PER_MS },
        1_000 * NS_PER_MS,
      ) / NS_PER_MS,
    segmentBytes: Math.min(whole("segment_bytes", 65_536, 1_073_741_824, 67_108_864), maximumBytes / 4),
    drainMs:
      numberOption(
        "drain_timeout",
        given.drain_timeout,
        { from: 0, to: ONE_DAY_MS * NS_PER_MS },
        10_000 * NS_PER_MS,
      ) / NS_PER_MS,
    folder: folderOption(given.dir),
  };
}

function folderOption(value: unknown): string {
  if (typeof value === "string" && value !== "" && !value.includes("\0")) return value;
  if (value === undefined) throw optionError("dir", "dir is required: the folder of the log", TypeError);
  throw wrongType("dir", "the path of a folder", value);
}
