/** The scheduler's side of a case. */
import type { StartWorker, WorkerChannel } from "./worker-channel.ts";
import type { Answer, Assignment } from "./worker-protocol.ts";

/** A case that is ready to be measured. */
export class CaseWorker {
  readonly name: string;
  readonly #channel: WorkerChannel;

  private constructor(name: string, channel: WorkerChannel) {
    this.name = name;
    this.#channel = channel;
  }

  /** @throws Error when the case cannot be prepared */
  static async start(name: string, assignment: Assignment, start: StartWorker): Promise<CaseWorker> {
    const channel = start(assignment);
    try {
      checked(await channel.ready);
    } catch (error) {
      channel.end();
      throw error;
    }
    return new CaseWorker(name, channel);
  }

  /** ns for one operation. */
  async measure(timeMs: number, warmupMs: number): Promise<number> {
    const answer = checked(await this.#channel.send({ kind: "measure", timeMs, warmupMs }));
    if (answer.kind !== "measured") throw new Error(`it answered with "${answer.kind}"`);
    return answer.ns;
  }

  /** The value of a reading; undefined: it is not possible here. */
  async take(): Promise<number | undefined> {
    const answer = checked(await this.#channel.send({ kind: "take" }));
    if (answer.kind !== "taken") throw new Error(`it answered with "${answer.kind}"`);
    return answer.value ?? undefined;
  }

  /** @throws Error when the checksum of the runs is wrong */
  async verify(): Promise<void> {
    checked(await this.#channel.send({ kind: "verify" }));
  }

  /** Ends the process or the worker. */
  end(): void {
    this.#channel.end();
  }
}

function checked(answer: Answer): Answer {
  if (answer.kind === "broken") throw new Error(answer.error);
  return answer;
}
