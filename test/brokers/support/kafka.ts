/** A cluster of librdkafka's mock, in a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = join(import.meta.dirname, "kafka_mock.py");

/** Whether Python and librdkafka are there. */
export function hasKafkaMock(): boolean {
  const { status } = spawnSync("python3", ["-c", "import ctypes; ctypes.CDLL('librdkafka.so.1')"]);
  return status === 0;
}

export class KafkaMock {
  /** `host:port`. */
  readonly address: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: AsyncIterator<string>, address: string) {
    this.#child = child;
    this.#lines = lines;
    this.address = address;
  }

  static async start(): Promise<KafkaMock> {
    const child = spawn("python3", [PROGRAM], { stdio: ["pipe", "pipe", "ignore"] });
    const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
    const { value } = await lines.next();
    return new KafkaMock(child, lines, String(value).split(",")[0]!);
  }

  /** `topic NAME PARTITIONS`, `down`, `up`, `rtt MS`. */
  async tell(command: string): Promise<void> {
    this.#child.stdin!.write(`${command}\n`);
    const { value } = await this.#lines.next();
    if (value !== "ok") throw new Error(`${command}: ${value}`);
  }

  end(): void {
    this.#child.kill("SIGKILL");
  }
}
