/** The version of the package. */
import { readFileSync } from "node:fs";

/** As package.json says it: the package can import itself by name from wherever it is installed. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL(import.meta.resolve("bluesmoke/package.json")), "utf8"),
  );
  return (manifest as { readonly version: string }).version;
}
