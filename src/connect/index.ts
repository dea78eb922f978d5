/**
 * Sources and sinks for Node: `bluesmoke/connect`.
 * @module bluesmoke/connect
 */

export { MAXIMUM_LINE_BYTES } from "../ndjson/item.ts";
export type { CompressionName } from "./base/compression.ts";
export { type ConnectCode, ConnectError, type ConnectReport } from "./base/errors.ts";
export type { LineOptions } from "./base/line-options.ts";
export type { ListenOptions } from "./base/listen-options.ts";
export type { ServerTlsOptions, TlsOptions } from "./base/tls-options.ts";
export { FileSink } from "./file/file-sink.ts";
export type { RotationOptions } from "./file/rotation.ts";
export { refuseSharedFiles } from "./file/same-file.ts";
export type { ElasticOptions } from "./http/format/elastic.ts";
export type { FormatName, FormatOptions } from "./http/format/format-option.ts";
export type { InfluxOptions } from "./http/format/influx.ts";
export type { Precision } from "./http/format/influx-time.ts";
export type { HttpOptions } from "./http/http-options.ts";
export { HttpServerSource } from "./http/http-server.ts";
export { type HttpCounters, HttpSink } from "./http/http-sink.ts";
export { MAXIMUM_RETRY_AFTER_MS } from "./http/retry-after.ts";
export { NullSink } from "./null.ts";
export { openSink, openSource, type SinkOptions, type SourceOptions } from "./open.ts";
export type { ReconnectOptions } from "./tcp/reconnect.ts";
export type { TcpOptions } from "./tcp/tcp-options.ts";
export { TcpServerSource } from "./tcp/tcp-server.ts";
export { TcpSink } from "./tcp/tcp-sink.ts";
export { TcpSource } from "./tcp/tcp-source.ts";
