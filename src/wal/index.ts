/**
 * `bluesmoke/wal`: `qos::wal`, a write-ahead log for pipelines (Node).
 * @module bluesmoke/wal
 */
export type { LogOptions, Sync } from "./log/log.ts";
export { type WalHost, walOperator } from "./operator.ts";
export type { WalSettings } from "./options.ts";
