/**
 * Sources and sinks for Node: `bluesmoke/connect`.
 * @module bluesmoke/connect
 */
export { refuseSharedFiles } from "./distinct.ts";
export { type ConnectCode, ConnectError, type ConnectReport } from "./errors.ts";
export { type HttpCounters, HttpSink } from "./http.ts";
export type { HttpOptions } from "./httpoptions.ts";
export { HttpServerSource } from "./httpserver.ts";
export type { ListenOptions } from "./listenoptions.ts";
export { NullSink } from "./null.ts";
export { openSink, openSource, type SinkOptions, type SourceOptions } from "./open.ts";
export type { ReconnectOptions } from "./reconnect.ts";
export { MAXIMUM_RETRY_AFTER_MS } from "./retry.ts";
export { MAXIMUM_LINE_BYTES } from "./splitter.ts";
export type { TcpOptions } from "./tcpoptions.ts";
export { TcpServerSource } from "./tcpserver.ts";
export { TcpSink } from "./tcpsink.ts";
export { TcpSource } from "./tcpsource.ts";
