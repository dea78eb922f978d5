/**
 * Sources and sinks for Node: `bluesmoke/connect`.
 * @module bluesmoke/connect
 */

export { type ConnectCode, ConnectError, type ConnectReport } from "./errors.ts";
export { refuseSharedFiles } from "./file/same-file.ts";
export { type HttpCounters, HttpSink } from "./http/http.ts";
export type { HttpOptions } from "./http/httpoptions.ts";
export { HttpServerSource } from "./http/httpserver.ts";
export { MAXIMUM_RETRY_AFTER_MS } from "./http/retry-after.ts";
export type { ListenOptions } from "./listenoptions.ts";
export { NullSink } from "./null.ts";
export { openSink, openSource, type SinkOptions, type SourceOptions } from "./open.ts";
export type { ReconnectOptions } from "./tcp/reconnect.ts";
export type { TcpOptions } from "./tcp/tcpoptions.ts";
export { TcpServerSource } from "./tcp/tcpserver.ts";
export { TcpSink } from "./tcp/tcpsink.ts";
export { TcpSource } from "./tcp/tcpsource.ts";
export { MAXIMUM_LINE_BYTES } from "./text/splitter.ts";
