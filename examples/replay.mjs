/**
 * Records the calls of an endpoint that goes down for ten seconds, replays them exactly, then asks what other options would
 * have done. `node examples/replay.mjs`
 */
import { CircuitBreakerRegistry } from "bluesmoke";
import { callsOf, decodeRecording, record, repeatRecording, replayCalls } from "bluesmoke/replay";

// Time is an argument, so that the example need not wait for it.
const START_MS = Date.UTC(2026, 0, 1);
const breakers = new CircuitBreakerRegistry({ clock: () => START_MS, seed: 1 });
const live = [];
for (const kind of ["opened", "half_opened", "closed"]) breakers.on(kind, (event) => live.push(event));

const recorder = record(breakers);
const payments = breakers.get("payments", { mode: "shadow" }); // counts and reports, refuses nothing
for (let ms = 0; ms < 60_000; ms += 20) {
  const ticket = payments.tryAcquire(START_MS + ms);
  const isDown = ms >= 20_000 && ms < 30_000;
  if (isDown) payments.onFailure(ticket, START_MS + ms + 10, 10);
  else payments.onSuccess(ticket, START_MS + ms + 10, 10);
}

const recording = decodeRecording(recorder.bytes());
const { events } = repeatRecording(recording);
console.log(
  `${recorder.outcomes} outcomes; replayed events are the same: ${JSON.stringify(events) === JSON.stringify(live)}`,
);

for (const failures of [5, 50]) {
  const defaults = { detector: { kind: "consecutive_failures", failures } };
  const { total, endpoints } = replayCalls(callsOf(recording), { defaults });
  const [outage] = endpoints[0].outages;
  console.log(
    `${failures} failures in a row: noticed after ${outage.noticedAfterMs} ms, ${total.failedSaved} failed calls saved, ${total.goodRefused} good calls refused`,
  );
}
