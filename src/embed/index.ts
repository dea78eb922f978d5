/**
 * `bluesmoke/embed`: pipelines inside a program. Nothing on this path needs Node.
 * @module bluesmoke/embed
 */
export { type Deployment, type DeployOptions, deploy, type HostOptions, type Pipeline } from "./deploy.ts";
export { type ByteStream, type LinesOptions, linesFrom } from "./lines.ts";
export type { Deliver, SinkLike } from "./sink.ts";
export type { SourceLike } from "./source.ts";
export { type FlowTransform, type TransformOptions, toTransformStream } from "./transform.ts";
