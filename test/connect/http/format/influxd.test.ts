import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasInflux, Influxd } from "../../support/influxd.ts";
import { eventOf } from "../../support/recorder.ts";
import { ship } from "../../support/shipping.ts";

const isHere = hasInflux();

if (!isHere && process.env.CI) {
  it("InfluxDB runs on this machine", () => {
    throw new Error("influxd is not installed: apt-get install influxdb");
  });
}

// Not on a machine without influxd; in CI that fails, above.
describe.skipIf(!isHere)("InfluxDB (needs influxd)", () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await Influxd.start();
  }, 90_000);
  afterAll(async () => {
    await influxd?.stop();
  });

  const shipTo = (measurement: string, options: object = {}) =>
    ship(`${influxd.url}/write?db=test`, {
      format: "influx",
      influx: { measurement, time: "at", tags: ["tag"], ...options },
    });

  it("gives back every value as it was", async () => {
    const texts = [
      "plain",
      'a "quoted" text',
      "back\\slash",
      "comma, equals= space",
      "line\nfeed",
      "grün 🚀",
      '\\"',
    ];
    const { sink, recorder } = await shipTo("all, of= them");
    const events = texts.map((text, n) => ({
      at: `2023-11-14T22:13:20.00000000${n}Z`,
      tag: text.replace("\n", " "),
      "te xt,=": text,
      float: n + 0.5,
      integer: 2 ** 53 - 1 - n,
      yes: n % 2 === 0,
    }));
    for (const event of events) sink.onEvent(eventOf(event));
    await sink.drain();
    expect(recorder.acked).toHaveLength(texts.length);
    const found = await influxd.query('SELECT * FROM "all, of= them" ORDER BY time');
    expect(found.map((row) => ({ ...row, time: undefined }))).toEqual(
      events.map(({ at: _, ...event }) => ({ ...event, time: undefined })),
    );
    const third = await influxd.query(
      `SELECT "integer" FROM "all, of= them" WHERE time = '2023-11-14T22:13:20.000000003Z'`,
    );
    expect(third).toMatchObject([{ integer: 2 ** 53 - 4 }]);
  });

  it("has an event once that was sent twice, where it has a time", async () => {
    const { sink } = await shipTo("twice");
    for (let n = 0; n < 2; n++) sink.onEvent(eventOf({ at: 1_700_000_000_000, tag: "a", value: 1 }));
    await sink.drain();
    expect(await influxd.query('SELECT count(value) FROM "twice"')).toMatchObject([{ count: 1 }]);
  });

  it("takes all but the event whose field has another type, which is rejected with the reason", async () => {
    const { sink, recorder } = await shipTo("conflict");
    sink.onEvent(eventOf({ at: 1, value: 1 }));
    await sink.drain();
    for (let n = 2; n < 22; n++) sink.onEvent(eventOf({ at: n, value: n === 7 ? "text" : n }));
    await sink.drain();
    expect(recorder.rejected.map(({ data }) => data)).toEqual([{ at: 7, value: "text" }]);
    expect(recorder.rejected[0]?.meta.error).toMatch(/^HTTP 400: partial write: field type conflict/);
    expect(recorder.acked).toHaveLength(20);
    expect(await influxd.query('SELECT count(value) FROM "conflict"')).toMatchObject([{ count: 20 }]);
  });

  it("says that the database is missing, and gets no other try for that", async () => {
    const { sink, recorder } = await ship(`${influxd.url}/write?db=missing`, { format: "influx" });
    sink.onEvent(eventOf({ value: 1 }));
    await sink.drain();
    expect(recorder.rejected[0]?.meta.error).toMatch(/^HTTP 404: database not found/);
  });
});
