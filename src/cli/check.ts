/** `bluesmoke check`: parses and checks a pipeline, and runs nothing. */
import { type Diagnostic, isTrickleError } from "../trickle/diagnostic.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { counted } from "./figures.ts";
import { loadDeployable, warnAbout } from "./pipeline.ts";

/** What --json prints. */
export type CheckResult =
  | {
      readonly ok: true;
      readonly operators: readonly string[];
      readonly ports: readonly string[];
      readonly warnings: readonly Remark[];
    }
  | {
      readonly ok: false;
      /** The first of `errors`. */
      readonly error: Remark;
      /** In the order of the text. */
      readonly errors: readonly Remark[];
    };

interface Remark {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly expected: string | null;
  readonly hint: string | null;
}

/** @throws CommandError when the pipeline cannot be read, TrickleError (without `json`) when it is wrong. */
export async function check(path: string, { json = false }: { json?: boolean }): Promise<ExitCode> {
  if (json) return checkForMachines(path);
  const program = await loadDeployable(path);
  warnAbout(program);
  const { operators, outputs } = program;
  const names = operators.length === 0 ? "" : ` (${operators.join(", ")})`;
  process.stdout.write(`ok: ${counted(operators.length, "operator")}${names}, ports ${outputs.join(", ")}\n`);
  return EXIT.done;
}

async function checkForMachines(path: string): Promise<ExitCode> {
  const result = await judge(path);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.ok ? EXIT.done : EXIT.pipeline;
}

async function judge(path: string): Promise<CheckResult> {
  try {
    const { operators, outputs: ports, warnings } = await loadDeployable(path);
    return { ok: true, operators, ports, warnings: warnings.map(remarkOf) };
  } catch (error) {
    if (!isTrickleError(error)) throw error;
    return { ok: false, error: remarkOf(error.diagnostic), errors: error.diagnostics.map(remarkOf) };
  }
}

function remarkOf({ message, line, column, expected, hint }: Diagnostic): Remark {
  return { message, line, column, expected: expected ?? null, hint: hint ?? null };
}
