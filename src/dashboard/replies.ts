/** Responses with the headers that all of them have. */

/** Nothing from elsewhere, no inline script or style, no frame around the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const COMMON = {
  "content-security-policy": POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/** A response of any type. */
export function reply(
  body: string | ReadableStream<Uint8Array> | null,
  type: string,
  init: { readonly status?: number; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const headers = { ...COMMON, "content-type": type, ...init.headers };
  return new Response(body, { status: init.status ?? 200, headers });
}

/** A line of text. */
export function replyText(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return reply(`${text}\n`, "text/plain; charset=utf-8", { status, headers });
}
