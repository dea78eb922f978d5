/**
 * The process of one case, or of one reading. It measures when it is told to and waits in between, so that the cases of a section
 * take turns, and no case shares call sites, inline caches or garbage with another.
 */
import { brokenBy, type Obey, prepare } from "./attend.ts";
import type { Answer, Assignment, Order } from "./protocol.ts";
import type { Section } from "./section.ts";
import { memory } from "./sections/memory.ts";

function send(answer: Answer): void {
  process.send?.(answer);
}

function fail(error: unknown): void {
  send(brokenBy(error));
}

/** Orders come one at a time: the conductor waits for each answer. */
function attend(obey: Obey): void {
  process.on("message", (order: Order) => {
    obey(order).then(send, fail);
  });
  send({ kind: "ready" });
}

/** Where the whole process is measured, the programs of the other sections, which are 20 MB, are not part of it. */
async function sectionsFor(name: string): Promise<readonly Section[]> {
  return name === memory.name ? [memory] : (await import("./sections/index.ts")).SECTIONS;
}

async function begin(assignment: Assignment): Promise<Obey> {
  return prepare(assignment, await sectionsFor(assignment.section));
}

// A peer may hold timers; without a conductor there is nothing left to do.
process.on("disconnect", () => process.exit());
begin(JSON.parse(process.argv[2] ?? "{}")).then(attend, fail);
