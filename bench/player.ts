/** The conductor's side of a case. */
import type { Line, OpenLine } from "./line.ts";
import type { Answer, Assignment } from "./protocol.ts";

/** A case that is ready to be measured. */
export class Player {
  readonly name: string;
  readonly #line: Line;

  private constructor(name: string, line: Line) {
    this.name = name;
    this.#line = line;
  }

  /** @throws Error when the case cannot be prepared */
  static async start(assignment: Assignment, open: OpenLine): Promise<Player> {
    const line = open(assignment);
    wholeAnswer(await line.greeting);
    return new Player(assignment.case, line);
  }

  /** ns for one operation. */
  async measure(timeMs: number, warmupMs: number): Promise<number> {
    const answer = wholeAnswer(await this.#line.ask({ kind: "measure", timeMs, warmupMs }));
    if (answer.kind !== "measured") throw new Error(`it answered with "${answer.kind}"`);
    return answer.ns;
  }

  /** The value of a reading; undefined: it cannot be read here. */
  async take(): Promise<number | undefined> {
    const answer = wholeAnswer(await this.#line.ask({ kind: "take" }));
    if (answer.kind !== "taken") throw new Error(`it answered with "${answer.kind}"`);
    return answer.value ?? undefined;
  }

  /** @throws Error when the runs did not do what they claim to have done */
  async verify(): Promise<void> {
    wholeAnswer(await this.#line.ask({ kind: "verify" }));
  }

  /** Ends whoever has it. */
  end(): void {
    this.#line.end();
  }
}

function wholeAnswer(answer: Answer): Answer {
  if (answer.kind === "broken") throw new Error(answer.error);
  return answer;
}
