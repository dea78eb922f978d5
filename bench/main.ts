/** The benchmark: sections one after the other, results on stdout, progress on stderr. */

import { IsolatedPage } from "./browser/isolated-page.ts";
import { BROWSER_SECTIONS } from "./browser/sections.ts";
import { goalsOf } from "./goals.ts";
import { describeMachine, type Machine } from "./machine.ts";
import { type BenchOptions, help, readOptions, UsageError } from "./options.ts";
import { pageOf } from "./page/page.ts";
import { installPeers, missingPeers, type PeerName } from "./peers.ts";
import { processes } from "./process.ts";
import { Progress } from "./progress.ts";
import { pagePath, type Report, writePage } from "./report.ts";
import type { SectionResult } from "./result.ts";
import { type Pace, runSection } from "./scheduler.ts";
import type { Section } from "./section.ts";
import { SECTIONS } from "./sections/index.ts";
import { goalTable, headerOf, sectionOf } from "./table.ts";
import type { StartWorker } from "./worker-channel.ts";

/** An odd number, so that the median is one of the rounds. */
const FULL: Pace = { rounds: 11, timeMs: 60, firstWarmupMs: 250, warmupMs: 15 };
const SHORT: Pace = { rounds: 1, timeMs: 1, firstWarmupMs: 1, warmupMs: 0 };

const EXIT_BROKEN = 1;
const EXIT_USAGE = 2;

/** Returns the exit code: 0, also where a target is missed; 1 where a benchmark is broken; 2 for a wrong option. */
export async function main(args: readonly string[]): Promise<number> {
  const [names, onPages] = [SECTIONS, BROWSER_SECTIONS].map((all) => all.map(({ name }) => name)) as [
    string[],
    string[],
  ]; // two
  try {
    const options = readOptions(args, names, onPages);
    if (options.help) {
      process.stdout.write(help(names));
      return 0;
    }
    return await (options.browser ? runInBrowser(options) : runInNode(options));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`bench: ${error.message}\nTry --help.\n`);
    return EXIT_USAGE;
  }
}

function runInNode(options: BenchOptions): Promise<number> {
  const chosen = chooseFrom(SECTIONS, options);
  // A short run needs no network.
  if (!options.short && chosen.some(needsPeers)) providePeers();
  return run(options, describeMachine(), chosen, processes("./case.js"));
}

async function runInBrowser(options: BenchOptions): Promise<number> {
  const page = await IsolatedPage.open();
  try {
    const machine = describeMachine(page.browser);
    return await run(options, machine, chooseFrom(BROWSER_SECTIONS, options), page.startWorker);
  } finally {
    await page.close();
  }
}

function chooseFrom(all: readonly Section[], { sections }: BenchOptions): readonly Section[] {
  return all.filter(({ name }) => sections.length === 0 || sections.includes(name));
}

async function run(
  options: BenchOptions,
  machine: Machine,
  chosen: readonly Section[],
  start: StartWorker,
): Promise<number> {
  if (!options.json) process.stdout.write(`${headerOf(machine, options.short)}\n`);
  const sections = await runSections(chosen, options, start);
  const report = reportOf(options, machine, sections);
  if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else if (!options.short) process.stdout.write(`\n${goalTable(report.goals)}\n`);
  const path = options.html ?? pagePath(options);
  writePage(path, pageOf(report));
  process.stderr.write(`\nbench: with charts: ${path}\n`);
  const broken = sections.flatMap((section) => section.broken);
  for (const one of broken) process.stderr.write(`bench: broken: ${one.case}: ${one.error}\n`);
  return broken.length > 0 ? EXIT_BROKEN : 0;
}

function reportOf(options: BenchOptions, machine: Machine, sections: readonly SectionResult[]): Report {
  const { command, short } = options;
  const { rounds } = paceOf(options);
  return {
    format: 2,
    date: new Date().toISOString(),
    command,
    short,
    rounds,
    machine,
    sections,
    goals: goalsOf(sections),
  };
}

async function runSections(
  chosen: readonly Section[],
  options: BenchOptions,
  start: StartWorker,
): Promise<SectionResult[]> {
  const progress = new Progress(process.stderr, chosen.length);
  const missing = missingPeers();
  const results: SectionResult[] = [];
  for (const section of chosen) {
    progress.begin(section.name);
    const isHere = ({ peer }: { readonly peer?: PeerName }) => peer === undefined || !missing.includes(peer);
    const program = {
      cases: section.cases.filter(isHere),
      readings: (section.readings ?? []).filter(isHere),
    };
    const scale = { short: options.short, full: options.full };
    const report = (step: string) => progress.show(step);
    const result = await runSection(section, program, scale, paceOf(options), start, report);
    progress.clear();
    if (!options.json) process.stdout.write(`\n${sectionOf(result, options.short)}\n`);
    results.push(result);
  }
  return results;
}

function paceOf(options: BenchOptions): Pace {
  return options.short ? SHORT : FULL;
}

function needsPeers({ cases, readings = [], play }: Section): boolean {
  return play !== undefined || [...cases, ...readings].some((one) => one.peer !== undefined);
}

/** Without those that cannot be installed the run goes on, with a message. */
function providePeers(): void {
  const missing = missingPeers();
  if (missing.length === 0) return;
  process.stderr.write(`bench: installing ${missing.join(" and ")} in bench/compare\n`);
  const fault = installPeers();
  if (fault !== undefined)
    process.stderr.write(`bench: could not install them, going on without: ${fault}\n`);
}
