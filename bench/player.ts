/** The conductor's side of a case's process. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Answer, Assignment, Order } from "./protocol.ts";

// Compiled by then: run.mjs sees to it.
const PROGRAM = fileURLToPath(new URL("./case.js", import.meta.url));
/** No answer takes that long; what hangs is broken. */
const PATIENCE_MS = 120_000;

/** A case that is ready to be measured. */
export class Player {
  readonly name: string;
  readonly #process: ChildProcess;

  private constructor(name: string, process: ChildProcess) {
    this.name = name;
    this.#process = process;
  }

  /** @throws Error when the case cannot be prepared */
  static async start(assignment: Assignment): Promise<Player> {
    const child = fork(PROGRAM, [JSON.stringify(assignment)], { execArgv: [], stdio: "inherit" });
    const player = new Player(assignment.case, child);
    await player.#answer();
    return player;
  }

  /** ns for one operation. */
  async measure(timeMs: number, warmupMs: number): Promise<number> {
    const answer = await this.#ask({ kind: "measure", timeMs, warmupMs });
    if (answer.kind !== "measured") throw new Error(`it answered with "${answer.kind}"`);
    return answer.ns;
  }

  /** The value of a reading; undefined: it cannot be read here. */
  async take(): Promise<number | undefined> {
    const answer = await this.#ask({ kind: "take" });
    if (answer.kind !== "taken") throw new Error(`it answered with "${answer.kind}"`);
    return answer.value ?? undefined;
  }

  /** @throws Error when the runs did not do what they claim to have done */
  async verify(): Promise<void> {
    await this.#ask({ kind: "verify" });
  }

  /** Ends its process. */
  end(): void {
    if (this.#process.connected) this.#process.disconnect();
  }

  #ask(order: Order): Promise<Answer> {
    const answer = this.#answer();
    this.#process.send(order);
    return answer;
  }

  async #answer(): Promise<Answer> {
    const answer = await nextAnswer(this.#process);
    if (answer.kind === "broken") throw new Error(answer.error);
    return answer;
  }
}

function nextAnswer(child: ChildProcess): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      child.off("message", hear);
      child.off("exit", fall);
      child.off("error", reject);
    };
    const hear = (answer: Answer): void => {
      end();
      resolve(answer);
    };
    const fall = (code: number | null, signal: string | null): void => {
      end();
      reject(new Error(`its process ended with ${signal ?? `code ${code}`}`));
    };
    const timer = setTimeout(() => {
      end();
      child.kill();
      reject(new Error(`it gave no answer in ${PATIENCE_MS / 1_000} s`));
    }, PATIENCE_MS);
    child.once("message", hear);
    child.once("exit", fall);
    child.once("error", reject);
  });
}
