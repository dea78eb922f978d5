/** How sources and sinks are spelled: a path, "-", "null:", a URL, or a URL to listen at. */

/** stdin for a source, stdout for a sink. */
export const STANDARD = "-";

/** The sink that only counts. */
export const NULL = "null:";

/** Before a URL: be the server there. */
export const LISTEN = "listen:";

const SCHEME = /^((?:listen:)?[a-z][a-z0-9+.-]*):\/\//i;

/** What stands before `://`, in lower case, such as "http" or "listen:tcp"; undefined: it is no URL. */
export function schemeOf(spec: string): string | undefined {
  return SCHEME.exec(spec)?.[1]?.toLowerCase();
}

export function isUrl(spec: string): boolean {
  return schemeOf(spec) !== undefined;
}

/** A URL that events are posted to. */
export function isHttp(spec: string): boolean {
  const scheme = schemeOf(spec);
  return scheme === "http" || scheme === "https";
}

/** It waits for others to connect. */
export function isListener(spec: string): boolean {
  return schemeOf(spec)?.startsWith(LISTEN) === true;
}

export function isPath(spec: string): boolean {
  return spec !== STANDARD && spec !== NULL && !isUrl(spec);
}

/** With TLS, whichever side opens it. */
export function isSecure(spec: string): boolean {
  return /^(?:listen:)?(?:https|tls)$/.test(schemeOf(spec) ?? "");
}
