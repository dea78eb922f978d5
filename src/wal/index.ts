/**
 * `bluesmoke/wal`: `qos::wal`, a write-ahead log for pipelines (Node).
 * @module bluesmoke/wal
 */
export { walOperator } from "./definition.ts";
export type { Sync } from "./log/writer.ts";
export type { WalHost } from "./operator.ts";
export type { WalSettings } from "./options.ts";
