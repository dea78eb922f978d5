/** Results as text. */

import type { Goal } from "./goals.ts";
import type { Board, Row, Scoreboard } from "./goodput/scoreboard.ts";
import type { Machine } from "./machine.ts";
import { PEERS, type PeerName } from "./peers.ts";
import type { CaseResult, ComparisonResult, ReadingResult, SectionResult } from "./result.ts";

/** What everything below was measured with. */
export function headerOf(machine: Machine, short: boolean): string {
  const peers = Object.entries(machine.peers).map(([name, version]) => `${name} ${version ?? "(missing)"}`);
  const where =
    machine.browser === null
      ? `Node ${machine.node} (V8 ${machine.v8})`
      : `${machine.browser}, workers of a cross-origin isolated page`;
  return [
    `${where}, ${machine.platform}, ${machine.cores} × ${machine.cpu}`,
    [`bluesmoke ${machine.bluesmoke}`, ...(machine.browser === null ? peers : [])].join(", "), // peers run in Node only
    ...(short ? ["A short run: it proves that everything works, its figures mean nothing."] : []),
  ].join("\n");
}

/** Tables: what was measured and read, and what follows for the targets; of a short run nothing follows. */
export function sectionOf(section: SectionResult, short: boolean): string {
  const { name, title, operation, cases, comparisons, readings, scoreboard, missing, broken } = section;
  const blocks: string[] = [];
  if (cases.length > 0) {
    const peers = peersOf(section);
    const theirs = peers.map((peer) => `× ${peer}`);
    const head = [
      `${name}: ${title}`,
      `ns/${operation}`,
      `${operation}s/s`,
      "spread",
      "× baseline",
      ...theirs,
    ];
    blocks.push(align([head, ...cases.map((one) => rowOfCase(one, peers))]));
  }
  if (comparisons.length > 0 && !short) {
    blocks.push(
      align([["  target of", "", "", "spread", "target", ""], ...comparisons.map(rowOfComparison)]),
    );
  }
  if (readings.length > 0) {
    const head = [cases.length > 0 ? "  reading" : `${name}: ${title}`, "", "", short ? "" : "target", ""];
    blocks.push(align([head, ...readings.map((one) => rowOfReading(one, short))]));
  }
  if (scoreboard !== undefined) blocks.push(`${name}: ${title}`, ...boardsOf(scoreboard).map(boardText));
  if (missing.length > 0) blocks.push(`  left out, since the package is missing: ${missing.join("; ")}`);
  for (const { case: where, error } of broken) blocks.push(`  BROKEN: ${where}: ${error}`);
  return blocks.join("\n\n");
}

/** The goals that were missed, and how many were met. */
export function goalTable(goals: readonly Goal[]): string {
  const missed = goals.filter(({ met }) => !met);
  const head = `goals: ${goals.length - missed.length} of ${goals.length} met`;
  if (missed.length === 0) return head;
  const rows = missed.map(({ section, what, value, unit, by, target }) => [
    `  ${section}: ${what}`,
    figure(value),
    unit === "times" ? "" : unit,
    targetOf(by === "time" ? "≤" : "≥", target),
    "NOT MET",
  ]);
  return align([[head, "", "", "target", ""], ...rows]);
}

/** The sum comes last. */
export function boardsOf({ scenarios, sum }: Scoreboard): readonly Board[] {
  return [...scenarios, sum];
}

/** Head of the table of a scenario. */
export function boardHead({ name, settings }: Board): readonly string[] {
  const title = `${name}, ${settings} ${settings === 1 ? "setting" : "settings"}`;
  return [title, "good", "of best", "at least", "failed", "refused", "good - failed", "notice", "recover"];
}

/** A row of the table of a scenario. */
export function boardRow(row: Row): readonly string[] {
  const { policy, good, share, leastShare, failed, refused, noticeMs, recoverMs } = row;
  const shares = [share, leastShare].map((one) => one.toFixed(3)) as [string, string]; // two
  const times = [noticeMs, recoverMs].map((ms) => (ms === null ? "never" : `${grouped(ms)} ms`));
  if (noticeMs === null) times[1] = "";
  return [policy, grouped(good), ...shares, ...[failed, refused, good - failed].map(grouped), ...times];
}

function boardText(board: Board): string {
  const rows = board.rows.map(boardRow);
  return align([boardHead(board), ...rows].map(([first, ...others]) => [`  ${first}`, ...others]));
}

/** The peers that were measured in a section, in their order. */
export function peersOf({ cases }: SectionResult): readonly PeerName[] {
  return PEERS.filter((peer) => cases.some((one) => one.peers.some((ratio) => ratio.peer === peer)));
}

/** How many times as long as a peer a case takes, as text; empty without that peer in its group. */
export function timesOf({ name, peers }: CaseResult, peer: PeerName): string {
  const found = peers.find((one) => one.peer === peer);
  if (found === undefined) return "";
  return found.to === name ? "1" : figure(found.ratio);
}

function rowOfCase(one: CaseResult, peers: readonly PeerName[]): string[] {
  const { name, ns, operationsPerSecond, spread, baseline, ratio } = one;
  const times = ratio === null ? "" : baseline === name ? "1" : figure(ratio);
  const theirs = peers.map((peer) => timesOf(one, peer));
  return [`  ${name}`, figure(ns), grouped(operationsPerSecond), percent(spread), times, ...theirs];
}

function rowOfComparison({ what, by, unit, value, spread, target, met }: ComparisonResult): string[] {
  const figures = [`  ${what}`, figure(value), unit === "times" ? "" : unit, percent(spread)];
  return [...figures, targetOf(by === "time" ? "≤" : "≥", target), verdictOf(met)];
}

/** What is asked for, as text; empty without a target. */
export function targetOf(sign: "≤" | "≥", target: number | null): string {
  if (target === null) return "";
  return `${sign} ${target >= 1_000 ? grouped(target) : Number(target.toPrecision(3))}`;
}

/** Whether it is met, as text; empty without a target. */
export function verdictOf(met: boolean | null): string {
  return met === null ? "" : met ? "met" : "NOT MET";
}

function rowOfReading({ name, value, unit, target, met }: ReadingResult, short: boolean): string[] {
  if (target === null || short) return [`  ${name}`, figure(value), unit, "", ""];
  return [`  ${name}`, figure(value), unit, targetOf("≤", target), verdictOf(met)];
}

/** Three digits: more than a noisy machine can measure. */
export function figure(value: number): string {
  if (Math.abs(value) >= 100) return grouped(value);
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}

/** A whole number with commas. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** A spread. */
export function percent(share: number): string {
  return `±${(share * 100).toFixed(1)} %`;
}

/** A table: the first column to the left, all others to the right. */
export function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))),
  );
  return lines.map((cells) => cells.join("  ").trimEnd()).join("\n");
}
