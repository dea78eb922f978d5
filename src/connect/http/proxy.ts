/** A proxy of HTTP, and where URLs of HTTP lead. */
import type { Target } from "../base/reach.ts";

export interface HttpProxy {
  readonly url: URL;
  /** Value of `proxy-authorization`; undefined: it asks for none. */
  readonly authorization: string | undefined;
}

/** Host and port of a URL of HTTP. */
export function targetIn(url: URL): Target {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port };
}
