/** `bluesmoke demo` on the command line. What runs is loaded when it is asked for. */
import { Option } from "commander";
import type { DemoOptions } from "../demo/run-demo.ts";
import { DEFAULT_SCENARIO, readScenario } from "../demo/scenario.ts";
import { DEMO_HELP } from "../help/help.ts";
import { parserOf } from "../options/flags.ts";
import { whole } from "../options/kind.ts";
import { DASHBOARD, DASHBOARD_ADDRESS } from "../options/run-table.ts";
import type { Define } from "./subcommand.ts";

const HIGHEST_RATE = 1_000_000;
const RATE = { key: "rate", kind: whole("<events>", 1, HIGHEST_RATE), text: "" };

export const define: Define = (command, end) => {
  command
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
      parserOf(RATE),
    )
    .option("--no-baseline", "leave out the run without a breaker")
    .option("--json", "print the summary as one line of JSON")
    .option("--quiet", "print nothing but the summary and errors")
    .addHelpText("after", DEMO_HELP)
    .action(async (file: string | undefined, flags: DemoOptions) => {
      const { demo } = await import("../demo/run-demo.ts");
      end(await demo(file, flags));
    });
  for (const spec of DASHBOARD) {
    const [flag, text] =
      spec.key === "dashboard"
        ? ["--dashboard [host:port]", `${spec.text} (default: ${DASHBOARD_ADDRESS})`]
        : ["--dashboard-controls", spec.text];
    const option = new Option(flag, text).helpGroup("Dashboard:");
    if (spec.kind.placeholder !== undefined) option.preset(DASHBOARD_ADDRESS).argParser(parserOf(spec));
    command.addOption(option);
  }
};
