/** `bluesmoke check`: parses and checks a pipeline, and runs nothing. */

import type { Traffic } from "../../replay/advice/check-options.ts";
import type { Program } from "../../trickle/program.ts";
import { type Diagnostic, isTrickleError } from "../../trickle/syntax/diagnostic.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT, type ExitCode } from "../base/exit.ts";
import { loadDeployable, warnAbout } from "../base/load-pipeline.ts";
import { counted } from "../base/number-format.ts";
import { type Advice, adviceFor } from "./advice.ts";

/** Printed under --json. */
export type CheckResult =
  | {
      readonly ok: true;
      readonly operators: readonly string[];
      readonly ports: readonly string[];
      readonly warnings: readonly Remark[];
      /** Options that cannot work. */
      readonly advice: readonly Advice[];
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

export interface CheckOptions {
  /** Path of a config file, which is checked with its pipeline. */
  readonly config?: string;
  readonly json?: boolean;
  /** Of each endpoint: with it more can be said about options. */
  readonly traffic?: Traffic;
}

/**
 * @param path of the pipeline; undefined: the config file names it.
 * @throws CommandError when the pipeline or the config file cannot be read or the config file is wrong, TrickleError (without
 * `json`) when the pipeline is.
 */
export async function check(
  path: string | undefined,
  { config: configPath, json = false, traffic = {} }: CheckOptions,
): Promise<ExitCode> {
  const config = configPath === undefined ? undefined : await loadConfig(configPath);
  const pipeline = path ?? config?.pipeline;
  if (pipeline === undefined)
    throw new CommandError(
      EXIT.usage,
      "there is no pipeline",
      "give the path of one, or --config FILE with it",
    );
  const load = async (): Promise<Program> => {
    const program = await loadDeployable(pipeline);
    await config?.check(pipeline, program);
    return program;
  };
  return json ? checkForMachines(load, traffic) : checkForReaders(load, traffic);
}

async function checkForReaders(load: () => Promise<Program>, traffic: Traffic): Promise<ExitCode> {
  const program = await load();
  warnAbout(program);
  for (const { endpoint, message } of adviceFor(program, traffic)) {
    process.stderr.write(`warning: breaker "${endpoint}": ${message}\n`);
  }
  const { operators, outputs } = program;
  const names = operators.length === 0 ? "" : ` (${operators.join(", ")})`;
  process.stdout.write(`ok: ${counted(operators.length, "operator")}${names}, ports ${outputs.join(", ")}\n`);
  return EXIT.done;
}

async function checkForMachines(load: () => Promise<Program>, traffic: Traffic): Promise<ExitCode> {
  const result = await resultOf(load, traffic);
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return result.ok ? EXIT.done : EXIT.pipeline;
}

async function resultOf(load: () => Promise<Program>, traffic: Traffic): Promise<CheckResult> {
  try {
    const program = await load();
    const { operators, outputs: ports, warnings } = program;
    return {
      ok: true,
      operators,
      ports,
      warnings: warnings.map(remarkOf),
      advice: adviceFor(program, traffic),
    };
  } catch (error) {
    if (!isTrickleError(error)) throw error;
    return { ok: false, error: remarkOf(error.diagnostic), errors: error.diagnostics.map(remarkOf) };
  }
}

/** The table of options is loaded only here: most checks are of a pipeline alone. */
async function loadConfig(path: string) {
  const [{ loadConfig }, { RUN_TABLE }, { runOptionsOf }, { planRun }] = await Promise.all([
    import("../options/config-file.ts"),
    import("../options/run-table.ts"),
    import("../options/run-options.ts"),
    import("../run/validate.ts"),
  ]);
  const { pipeline, values } = await loadConfig(path, RUN_TABLE);
  const check = (used: string, program: Program) => planRun(used, runOptionsOf(values), program);
  return { pipeline, check };
}

function remarkOf({ message, line, column, expected, hint }: Diagnostic): Remark {
  return { message, line, column, expected: expected ?? null, hint: hint ?? null };
}
