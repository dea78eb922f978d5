/** The version of the package. */
import { readFileSync } from "node:fs";

/** As in package.json, which is two folders above both this file and the built command. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return (manifest as { readonly version: string }).version;
}
