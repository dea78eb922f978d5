/** The command line: which subcommands there are, and how a mistake in the line ends. */
import { Command, CommanderError } from "commander";
import { withoutSecrets } from "../connect/base/secrets.ts";
import { CommandError } from "./base/command-error.ts";
import { EXIT, type ExitCode } from "./base/exit.ts";
import { faultOf } from "./base/fault.ts";
import type { Define } from "./commands/subcommand.ts";
import { HELP } from "./help/help.ts";
import { nearest } from "./options/nearest.ts";
import { packageVersion } from "./version.ts";

interface Subcommand {
  /** With its arguments, as the list of commands shows it. */
  readonly usage: string;
  readonly summary: string;
  /** The rest of it: no other subcommand is loaded. */
  load(): Promise<{ readonly define: Define }>;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  run: {
    usage: "run [options] [pipeline]",
    summary: "ship events through a pipeline",
    load: () => import("./commands/run.ts"),
  },
  check: {
    usage: "check [options] [pipeline]",
    summary: "parse and check a pipeline, run nothing",
    load: () => import("./commands/check.ts"),
  },
  graph: {
    usage: "graph <pipeline>",
    summary: "print what a pipeline becomes, as a Mermaid diagram",
    load: () => import("./commands/graph.ts"),
  },
  replay: {
    usage: "replay [options] <trace>",
    summary: "what breakers would have done to the calls of a trace",
    load: () => import("./commands/replay.ts"),
  },
  tune: {
    usage: "tune [options] <trace>",
    summary: "search options that suit the calls of a trace",
    load: () => import("./commands/tune.ts"),
  },
  wal: {
    usage: "wal [options] <dir>",
    summary: "look into the log of a qos::wal",
    load: () => import("./commands/wal.ts"),
  },
  demo: {
    usage: "demo [options] [file]",
    summary: "see a breaker work, with a server that fails for a while",
    load: () => import("./commands/demo.ts"),
  },
};

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

/** Does what the command line says. Throws what the subcommands throw; prints help and mistakes in the line itself. */
async function execute(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  refuseUnknownHelp(args.slice(2));
  const command = await commandLine(nameIn(args.slice(2)), (code) => {
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

/** The subcommand that is asked for, also by `help NAME`; undefined: none. */
function nameIn(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}

/** Commander prints the help of the whole command, and no error. @throws CommandError */
function refuseUnknownHelp(args: readonly string[]): void {
  const [first, name] = args.filter((arg) => !arg.startsWith("-"));
  if (first !== "help" || name === undefined || name === "help" || Object.hasOwn(SUBCOMMANDS, name)) return;
  const names = Object.keys(SUBCOMMANDS);
  const meant = nearest(name, names);
  const hint = meant === undefined ? `commands are ${names.join(", ")}` : `did you mean ${meant}?`;
  throw new CommandError(EXIT.usage, `unknown command ${JSON.stringify(name)}`, hint);
}

/** All subcommands by name, one of them complete. */
async function commandLine(name: string | undefined, end: (code: ExitCode) => void): Promise<Command> {
  const root = new Command("bluesmoke")
    .description("Ships events through circuit breakers: pipelines in trickle, after tremor's RFC 0005.")
    .version(packageVersion(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(withoutSecrets(text)) })
    .configureHelp({ subcommandTerm: (command) => SUBCOMMANDS[command.name()]?.usage ?? "help [command]" })
    .showHelpAfterError("(add --help to see what there is)")
    .addHelpText("after", HELP);
  for (const [known, { summary, load }] of Object.entries(SUBCOMMANDS)) {
    const command = root.command(known).summary(summary);
    if (known === name) (await load()).define(command, end);
  }
  return root;
}
