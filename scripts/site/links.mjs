/** What the links of documents mean in the repository. */
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { ROOT } from "../steps/root.mjs";

/** Whether a link leads to a file of the repository. */
export function isInternal(href) {
  return !/^(?:[a-z]+:|#)/i.test(href);
}

/**
 * The file or folder that a link means; a folder with a README means this.
 * @param from path of the document
 * @throws Error when there is no such file
 */
export function targetOf(from, href) {
  const [relative, fragment = ""] = href.split("#");
  const path = posix.join(posix.dirname(from), relative).replace(/\/$/, "");
  if (!existsSync(join(ROOT, path))) throw new Error(`${from}: link to ${href}: no such file`);
  const readme = `${path}/README.md`;
  return { path: existsSync(join(ROOT, readme)) ? readme : path, fragment };
}
