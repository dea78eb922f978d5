/** A temporary file of the demo: for refused events, or for synthetic ones. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class KeptFile {
  readonly path: string;
  readonly #folder: string;
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true });

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.path = join(folder, name);
    // A second signal ends the process at once, and the file goes with it.
    process.once("exit", this.#remove);
  }

  /** In a temporary folder of its own. */
  static async open(name: string): Promise<KeptFile> {
    return new KeptFile(await mkdtemp(join(tmpdir(), "bluesmoke-demo-")), name);
  }

  close(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}
