/** What options are to achieve, read from a sentence. */
import { optionError } from "../../breaker/validate.ts";

/** Bounds; each may be absent. */
export interface Goal {
  /** Largest share of the good calls that is refused, 0..1. */
  readonly goodRefused?: number;
  /** ms: outages that last longer are noticed within this time. */
  readonly noticeMs?: number;
  /** Least share of the failed calls that is saved, 0..1. */
  readonly failedSaved?: number;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  sec: 1_000,
  second: 1_000,
  seconds: 1_000,
  min: 60_000,
  minute: 60_000,
  minutes: 60_000,
};
const REFUSE = /^(?:refuse )?at most ([\d.]+) ?% of (?:the )?good calls(?: refused)?$/;
const NOTICE = /^notice (?:an|each|every|any) outages? within ([\d.]+) ?(ms|s|sec|seconds?|min|minutes?)$/;
const SAVE = /^(?:save )?at least ([\d.]+) ?% of (?:the )?failed calls(?: saved)?$/;

/** Of `bluesmoke tune` without a goal. */
export const DEFAULT_GOAL = "refuse at most 0.1 % of good calls, notice an outage within 5 s";

/**
 * Reads sentences such as "refuse at most 0.1 % of good calls, notice an outage within 5 s, save at least 50 % of failed calls":
 * one to three parts, separated by commas or "and".
 * @throws OptionError that names the part that is none
 */
export function readGoal(text: string): Goal {
  const goal: { goodRefused?: number; noticeMs?: number; failedSaved?: number } = {};
  for (const part of text
    .toLowerCase()
    .split(/\s*(?:,|;|\band\b)\s*/)
    .filter(Boolean)) {
    const [, refuse] = REFUSE.exec(part) ?? [];
    const [, notice, unit] = NOTICE.exec(part) ?? [];
    const [, save] = SAVE.exec(part) ?? [];
    const value = Number(refuse ?? notice ?? save);
    const isShare = notice === undefined;
    if (Number.isNaN(value) || (isShare && value > 100)) throw badPart(part);
    if (refuse !== undefined) goal.goodRefused = value / 100;
    if (notice !== undefined) goal.noticeMs = value * UNITS[unit!]!;
    if (save !== undefined) goal.failedSaved = value / 100;
  }
  if (Object.keys(goal).length === 0) throw badPart(text);
  return goal;
}

function badPart(part: string): Error {
  const forms = `"refuse at most N % of good calls", "notice an outage within N s", "save at least N % of failed calls"`;
  return optionError("goal", `goal must be of ${forms}, got "${part}"`);
}
