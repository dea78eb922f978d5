/** The file that takes refused events in the demo. */
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class KeptFile {
  readonly path: string;
  readonly #folder: string;
  readonly #remove = (): void => rmSync(this.#folder, { recursive: true, force: true });

  private constructor(folder: string) {
    this.#folder = folder;
    this.path = join(folder, "refused.ndjson");
    // A second signal ends the process at once, and the file goes with it.
    process.once("exit", this.#remove);
  }

  /** In a temporary folder of its own. */
  static async open(): Promise<KeptFile> {
    return new KeptFile(await mkdtemp(join(tmpdir(), "bluesmoke-demo-")));
  }

  close(): void {
    process.off("exit", this.#remove);
    this.#remove();
  }
}
