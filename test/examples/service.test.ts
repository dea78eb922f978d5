import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { readConfig } from "../../src/cli/options/config-file.ts";
import { runOptionsOf } from "../../src/cli/options/run-options.ts";
import { RUN_TABLE } from "../../src/cli/options/run-table.ts";
import { MAIN, startIn } from "../cli/support/command.ts";
import { Endpoint } from "../connect/support/endpoint.ts";
import { makeFolder } from "../connect/support/folder.ts";

const FOLDER = join(import.meta.dirname, "../../examples/service");
const PATIENCE = { timeout: 20_000, interval: 20 };
const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

const UNIT = read("bluesmoke.service");
const DOCKERFILE = read("Dockerfile").replaceAll("\\\n", " ");

/** The value of a setting of the unit. */
function settingOf(name: string): string {
  return new RegExp(`^${name}=(.*)$`, "m").exec(UNIT)![1]!;
}

/** What follows that word in the Dockerfile, each time. */
function instructions(word: string): string[] {
  return [...DOCKERFILE.matchAll(new RegExp(`^${word} +(.*)$`, "gm"))].map((found) => found[1]!.trim());
}

const isThere = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;

/** The config file with addresses and paths of a test. */
async function install(): Promise<string> {
  const folder = await makeFolder();
  const config = read("ship.jsonc")
    .replaceAll("/etc/bluesmoke", folder)
    .replaceAll("/var/lib/bluesmoke", folder);
  await writeFile(
    join(folder, "ship.jsonc"),
    config.replace("0.0.0.0:8080", "127.0.0.1:0").replace('"quiet": true', ""),
  );
  await writeFile(join(folder, "ship.trickle"), read("ship.trickle"));
  return folder;
}

function startService(folder: string, command: string, url: string) {
  const variables = { COLLECTOR_URL: url, COLLECTOR_TOKEN: "t0ken", STATUS_ADDRESS: "127.0.0.1:0" };
  const [, ...args] = command.replace("/etc/bluesmoke", folder).split(" ");
  return startIn(folder, variables, ...args);
}

describe("the service of the examples", () => {
  it("starts as the unit says, ships, reloads, and stops with a status that the unit calls a success", async () => {
    const endpoint = await Endpoint.open();
    const folder = await install();
    const checked = await startService(folder, settingOf("ExecStartPre"), endpoint.url).ended;
    expect(checked).toMatchObject({ code: 0, stderr: "" });

    const running = startService(folder, settingOf("ExecStart"), endpoint.url);
    await vi.waitFor(() => expect(running.stderr).toMatch(/listening at \S+/), PATIENCE);
    const urlOf = (what: RegExp): string => what.exec(running.stderr)![1]!;
    const posted = await fetch(urlOf(/listening at (\S+)/), { method: "POST", body: '{"id":1}\n' });
    expect(posted.status).toBe(202);
    await vi.waitFor(() => expect(endpoint.events).toEqual([{ id: 1 }]), PATIENCE);
    expect(endpoint.received[0]?.headers.authorization).toBe("Bearer t0ken");
    expect((await fetch(`${urlOf(/status at (\S+)health/)}health`)).status).toBe(200);

    expect(settingOf("ExecReload")).toBe("/bin/kill -HUP $MAINPID");
    running.child.kill("SIGHUP");
    await vi.waitFor(() => expect(running.stderr).toMatch(/reopen/), PATIENCE);
    running.child.kill("SIGTERM");
    const { code } = await running.ended;
    expect(settingOf("SuccessExitStatus").split(" ")).toContain(String(code));
  });

  it("stops before systemd and docker lose patience", () => {
    const { values } = readConfig(read("ship.jsonc"), "ship.jsonc", RUN_TABLE, {
      COLLECTOR_URL: "u",
      COLLECTOR_TOKEN: "t",
    });
    const { stopTimeout } = runOptionsOf(values);
    expect(stopTimeout).toBeLessThan(Number(settingOf("TimeoutStopSec")));
    expect(stopTimeout).toBeLessThan(Number(/docker stop --time (\d+)/.exec(DOCKERFILE)![1]));
  });
});

describe("the unit of systemd", () => {
  it.skipIf(!isThere("systemd-analyze"))("is one that systemd takes", async () => {
    const folder = await makeFolder();
    const file = join(folder, "bluesmoke.service");
    await writeFile(file, UNIT.replaceAll("/usr/bin/bluesmoke", `${process.execPath} ${MAIN}`));
    const { stderr } = await promisify(execFile)("systemd-analyze", ["verify", "--man=no", file]);
    expect(stderr.split("\n").filter((line) => line.includes("bluesmoke.service"))).toEqual([]);
  });
});

describe("the Dockerfile", () => {
  it("runs the command as a user without rights, from files that there are", () => {
    expect(instructions("USER")).toEqual(["node"]);
    const order = DOCKERFILE.indexOf("\nUSER node");
    expect(order).toBeGreaterThan(DOCKERFILE.indexOf("\nRUN npm install --global bluesmoke"));
    expect(order).toBeLessThan(DOCKERFILE.indexOf("\nENTRYPOINT"));
    const [files] = instructions("COPY");
    const [target, ...sources] = files!.split(" ").reverse();
    expect(sources.filter((name) => !existsSync(join(FOLDER, name)))).toEqual([]);
    const command = JSON.parse(instructions("CMD").at(-1)!) as string[];
    expect(command.slice(0, 2)).toEqual(["run", "--config"]);
    expect(command[2]).toBe(`${target}${basename(command[2]!)}`);
    expect(JSON.parse(instructions("ENTRYPOINT")[0]!)).toEqual(["bluesmoke"]);
  });

  it("has a health check that tells a run from none", async () => {
    const endpoint = await Endpoint.open();
    const folder = await install();
    const running = startService(folder, settingOf("ExecStart"), endpoint.url);
    await vi.waitFor(() => expect(running.stderr).toMatch(/status at \S+/), PATIENCE);
    const port = /status at http:\/\/127\.0\.0\.1:(\d+)/.exec(running.stderr)![1]!;
    const [program, ...args] = JSON.parse(/HEALTHCHECK .* CMD (\[.*\])$/m.exec(DOCKERFILE)![1]!) as string[];
    const check = () =>
      spawnSync(
        program!,
        args.map((arg) => arg.replace("9301", port)),
        { timeout: 20_000 },
      ).status;
    expect(args.join()).toContain(instructions("ENV")[0]!.split(":")[1]!);
    expect(check()).toBe(0);
    running.child.kill("SIGTERM");
    await running.ended;
    expect(check()).toBe(1);
  });
});
