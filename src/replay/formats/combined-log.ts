/**
 * The combined log format, which nginx and Apache share, with times behind it:
 *
 *   [vhost[:port] ]address ident user [time] "request" status bytes ["referer" "agent"] rest
 */
import { logTimeOf } from "./line-format.ts";

/** A line of the combined format. */
export interface CombinedLine {
  readonly host: string | undefined;
  /** ms, to the second. */
  readonly timeMs: number;
  readonly path: string | undefined;
  readonly status: number;
  /** What stands behind the known fields. */
  readonly rest: string;
}

const LINE =
  /^(?:(\S+) )?(\S+) \S+ (\S+|"[^"]*") \[([^\]]+)\] "((?:[^"\\]|\\.)*)" (\d{3}) (?:\d+|-)(?: "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*")?(.*)$/;

/** undefined: the line has another format. */
export function combinedLineOf(line: string): CombinedLine | undefined {
  const parts = LINE.exec(line);
  if (!parts) return undefined;
  const [, host, , , time, request, status, rest] = parts;
  const timeMs = logTimeOf(time!);
  if (Number.isNaN(timeMs)) return undefined;
  const [, path] = request!.split(" ");
  return { host: host?.replace(/:\d+$/, ""), timeMs, path, status: Number(status), rest: rest!.trim() };
}

/** The fields of `rest` that have a name, such as `rt=0.012` or `upstream="10.0.0.1:80"`. */
export function namedFieldsOf(rest: string): ReadonlyMap<string, string> {
  const fields = rest.matchAll(/([A-Za-z_]\w*)[=:]("[^"]*"|\S+)/g);
  return new Map([...fields].map(([, name, value]) => [name!, value!.replace(/^"|"$/g, "")]));
}
