/** The command line: what can be typed. */
import { Command, CommanderError, Option } from "commander";
import { withoutSecrets } from "../connect/secrets.ts";
import type { DemoOptions } from "./demo/demo.ts";
import { DEFAULT_SCENARIO, readScenario } from "./demo/scenario.ts";
import { EXIT, type ExitCode } from "./exit.ts";
import { faultOf } from "./fault.ts";
import {
  type HttpFlags,
  httpFlags,
  httpOptionsOf,
  readEndpoint,
  readOnce,
  readPort,
  readSource,
  readWhole,
  retriesFlag,
  type TcpFlags,
  tcpFlags,
  tcpOptionsOf,
} from "./flags.ts";
import { CHECK_HELP, DEMO_HELP, GRAPH_HELP, HELP, RUN_HELP } from "./help.ts";
import { type ListenFlags, listenFlags, listenOptionsOf } from "./listenflags.ts";
import { pageFlags } from "./page-flags.ts";
import type { RunOptions } from "./run.ts";
import { packageVersion } from "./version.ts";

const LONGEST_LINE = 268_435_456;
const HIGHEST_RATE = 1_000_000;

/** Does what the command line says, and sets the exit code of the process. */
export async function main(args: readonly string[]): Promise<void> {
  process.on("uncaughtException", (error) => process.exit(fail(error)));
  try {
    process.exitCode = await execute(args);
  } catch (error) {
    process.exitCode = fail(error);
  }
}

function fail(error: unknown): ExitCode {
  const { exitCode, message } = faultOf(error);
  process.stderr.write(`${message}\n`);
  return exitCode;
}

/** Does what the command line says. Throws what the commands throw; prints help and mistakes in the line itself. */
export async function execute(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const command = commandLine((code) => {
    exitCode = code;
  });
  try {
    await command.parseAsync([...args]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  return exitCode;
}

function commandLine(end: (code: ExitCode) => void): Command {
  const root = new Command("bluesmoke")
    .description("Ships events through circuit breakers: pipelines in trickle, after tremor's RFC 0005.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(printed(text)) })
    .showHelpAfterError("(add --help to see what there is)")
    .addHelpText("after", HELP);
  addRun(root, end);
  addCheck(root, end);
  addGraph(root, end);
  addDemo(root, end);
  return root;
}

/** A mistake in the line is told with the value that was given, which may have a secret in it. */
function printed(text: string): string {
  return withoutSecrets(text).replace(/(option '--header [^']*' argument ').*(' is invalid)/s, "$1***$2");
}

function addRun(root: Command, end: (code: ExitCode) => void): void {
  const command = root
    .command("run")
    .summary("ship events through a pipeline")
    .description("Ships the events of a source through a pipeline, until the source ends or a signal comes.")
    .argument("<pipeline>", 'a file in trickle, or "-" for stdin')
    .requiredOption("--in <source>", "where events come from; may be given several times", readSource)
    .option("--out <sink>", "where delivered events go: the port out", readOnce)
    .option("--overflow <sink>", "where refused events go: the port overflow", readOnce)
    .option("--failed <sink>", "where events go that no try has delivered; kept nowhere by default", readOnce)
    .addOption(retriesFlag())
    .option("--again", "the sources are files of --failed: ships the events that are kept in them")
    .option("--port <name=sink>", "any other port; may be given several times", readPort)
    .option("--append", "add to the files of --out and --port instead of emptying them")
    .option("--endpoint <name>", "name of the breaker that the pipeline gives none", readEndpoint)
    .option(
      "--seed <number>",
      "of the jitter of breakers (default: by chance)",
      readWhole(0, Number.MAX_SAFE_INTEGER),
    )
    .option("--max-line <bytes>", "a longer line is malformed (default: 1048576)", readWhole(1, LONGEST_LINE))
    .option("--json", "print the summary as one line of JSON")
    .option("--quiet", "print nothing but the summary and errors")
    .addHelpText("after", RUN_HELP);
  const options = [...tcpFlags(), ...listenFlags(), ...httpFlags(), ...pageFlags("--dashboard <host:port>")];
  for (const option of options) command.addOption(option);
  command.action(async (pipeline: string, flags: RunFlags) => {
    const { maxLine: maximumLineBytes, ...rest } = flags;
    const given = { http: httpOptionsOf(flags), tcp: tcpOptionsOf(flags), listen: listenOptionsOf(flags) };
    const options = { ...rest, ...given };
    const { run } = await import("./run.ts");
    end(await run(pipeline, maximumLineBytes === undefined ? options : { ...options, maximumLineBytes }));
  });
}

type RunFlags = Omit<RunOptions, "http" | "tcp" | "listen" | "maximumLineBytes"> &
  HttpFlags &
  TcpFlags &
  ListenFlags & { readonly maxLine?: number };

function addCheck(root: Command, end: (code: ExitCode) => void): void {
  root
    .command("check")
    .summary("parse and check a pipeline, run nothing")
    .description("Parses and checks a pipeline, and runs nothing.")
    .argument("<pipeline>", 'a file in trickle, or "-" for stdin')
    .option("--json", "print the result as one line of JSON")
    .addHelpText("after", CHECK_HELP)
    .action(async (pipeline: string, flags: { readonly json?: boolean }) => {
      const { check } = await import("./check.ts");
      end(await check(pipeline, flags));
    });
}

function addGraph(root: Command, end: (code: ExitCode) => void): void {
  root
    .command("graph")
    .summary("print what a pipeline becomes, as a Mermaid diagram")
    .description("Prints the graph that a pipeline becomes when it is deployed, as a Mermaid flowchart.")
    .argument("<pipeline>", 'a file in trickle, or "-" for stdin')
    .addHelpText("after", GRAPH_HELP)
    .action(async (pipeline: string) => {
      const { graph } = await import("./graph.ts");
      end(await graph(pipeline));
    });
}

function addDemo(root: Command, end: (code: ExitCode) => void): void {
  const command = root
    .command("demo")
    .summary("see a breaker work, with a server that fails for a while")
    .description("Ships real events to a real server that fails for a while, with a breaker and without.")
    .argument("[file]", "events, as for run --in")
    .addOption(
      new Option("--scenario <phases>", "KIND:SECONDS, separated by commas")
        .argParser(readScenario)
        .default(readScenario(DEFAULT_SCENARIO), DEFAULT_SCENARIO),
    )
    .option(
      "--rate <events>",
      "a second (default: so that the file lasts as long as the scenario)",
      readWhole(1, HIGHEST_RATE),
    )
    .option("--no-baseline", "leave out the run without a breaker")
    .option("--json", "print the summary as one line of JSON")
    .option("--quiet", "print nothing but the summary and errors")
    .addHelpText("after", DEMO_HELP);
  for (const option of pageFlags("--dashboard [host:port]")) command.addOption(option);
  command.action(async (file: string | undefined, flags: DemoOptions) => {
    const { demo } = await import("./demo/demo.ts");
    end(await demo(file, flags));
  });
}
