import { describe, expect, it } from "vitest";
import { APACHE } from "../../../src/replay/formats/apache.ts";
import { ENVOY } from "../../../src/replay/formats/envoy.ts";
import { HAPROXY } from "../../../src/replay/formats/haproxy.ts";
import type { LineFormat } from "../../../src/replay/formats/line-format.ts";
import { ndjsonFormat } from "../../../src/replay/formats/ndjson.ts";
import { NGINX } from "../../../src/replay/formats/nginx.ts";

type Expected = [endpoint: string | undefined, start: string, durationMs: number, outcome: string];

/** A line, and what it says. */
function check(format: LineFormat, line: string, [endpoint, start, durationMs, outcome]: Expected): void {
  const call = format.parse(line);
  expect(
    call && [call.endpoint, new Date(call.startMs).toISOString(), call.durationMs, call.outcome],
  ).toEqual([endpoint, start, durationMs, outcome]);
}

describe("a line of nginx", () => {
  it.each<[string, Expected]>([
    [
      '203.0.113.7 - - [12/Mar/2026:06:25:24 +0100] "GET /v1/orders?id=4 HTTP/1.1" 200 612 "-" "curl/8.5.0" 0.250',
      [undefined, "2026-03-12T05:25:23.750Z", 250, "success"],
    ],
    [
      '203.0.113.7 - bob [12/Mar/2026:06:25:24 +0000] "POST /pay HTTP/2.0" 502 157 "https://a.example/" "Mozilla/5.0 (X11; Linux)" rt=1.503 uct="0.001" uht="-" urt="1.500" upstream="10.0.3.9:8080"',
      ["10.0.3.9:8080", "2026-03-12T06:25:22.500Z", 1_500, "failure"],
    ],
    [
      '203.0.113.7 - - [12/Mar/2026:06:25:24 +0000] "GET / HTTP/1.1" 499 0 "-" "-" 0.010',
      [undefined, "2026-03-12T06:25:23.990Z", 10, "ignored"],
    ],
    [
      '203.0.113.7 - - [12/Mar/2026:06:25:24 +0000] "GET / HTTP/1.1" 503 0 "-" "-" rt=0.300 urt="0.100, 0.200" upstream="10.0.0.1:80, 10.0.0.2:80"',
      ["10.0.0.2:80", "2026-03-12T06:25:23.800Z", 200, "failure"],
    ],
  ])("gives time, duration and outcome: %s", (line, expected) => check(NGINX, line, expected));

  it("is none without a duration, or with a date that is none", () => {
    expect(
      NGINX.parse('203.0.113.7 - - [12/Mar/2026:06:25:24 +0100] "GET / HTTP/1.1" 200 612 "-" "curl/8.5.0"'),
    ).toBe(undefined);
    expect(
      NGINX.parse('203.0.113.7 - - [12/Foo/2026:06:25:24 +0100] "GET / HTTP/1.1" 200 612 "-" "c" 0.1'),
    ).toBe(undefined);
  });
});

describe("a line of Apache", () => {
  it.each<[string, Expected]>([
    [
      '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)" 12345',
      [undefined, "2000-10-10T20:55:36.000Z", 12.345, "success"],
    ],
    [
      'shop.example:443 10.1.2.3 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 503 299 "-" "ab/2.3" 5000123',
      ["shop.example", "2000-10-10T13:55:36.000Z", 5_000.123, "failure"],
    ],
    [
      '10.1.2.3 - - [10/Oct/2000:13:55:36 +0000] "GET / HTTP/1.1" 429 - "-" "ab/2.3" T=2',
      [undefined, "2000-10-10T13:55:36.000Z", 2_000, "failure"],
    ],
    [
      '10.1.2.3 - - [10/Oct/2000:13:55:36 +0000] "GET /a\\"b HTTP/1.1" 404 12',
      [undefined, "2000-10-10T13:55:36.000Z", Number.NaN, "success"],
    ],
  ])("gives time, duration and outcome: %s", (line, expected) => check(APACHE, line, expected));
});

describe("a line of Envoy", () => {
  it.each<[string, Expected]>([
    [
      '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http" "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.1:80"',
      ["tcp://10.0.2.1:80", "2016-04-15T20:17:00.310Z", 226, "success"],
    ],
    [
      '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 503 UF,URX upstream_reset_before_response_started{connection_failure} - "-" 0 91 3 - "-" "curl/7.73.0-DEV" "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "10.44.1.27:80" outbound|8000||httpbin.foo.svc.cluster.local 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default',
      ["outbound|8000||httpbin.foo.svc.cluster.local", "2020-11-25T21:26:18.409Z", 3, "failure"],
    ],
    [
      '[2024-01-02T03:04:05.006Z] "GET / HTTP/1.1" 503 UO 0 81 0 - "-" "hey/0.0.1" "id" "svc" "-"',
      ["svc", "2024-01-02T03:04:05.006Z", 0, "refused"],
    ],
    [
      '[2024-01-02T03:04:05.006Z] "GET / HTTP/1.1" 0 DC 0 0 900 - "-" "hey/0.0.1" "id" "svc" "10.0.0.1:80"',
      ["10.0.0.1:80", "2024-01-02T03:04:05.006Z", 900, "ignored"],
    ],
  ])("gives time, duration and outcome: %s", (line, expected) => check(ENVOY, line, expected));
});

describe("a line of HAProxy", () => {
  it.each<[string, Expected]>([
    [
      'Feb  6 12:14:14 localhost haproxy[14389]: 10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {1wt.eu} {} "GET /index.html HTTP/1.1"',
      ["static", "2009-02-06T12:14:14.655Z", 109, "success"],
    ],
    [
      '10.0.1.2:33320 [06/Feb/2009:12:14:15.001] http-in~ api/s2 0/0/1/-1/50001 504 194 - - sH-- 3/3/2/2/0 0/0 "GET /slow HTTP/1.1"',
      ["api", "2009-02-06T12:14:15.001Z", 50_001, "failure"],
    ],
    [
      '10.0.1.2:33320 [06/Feb/2009:12:14:15.001] http-in api/<NOSRV> 0/-1/-1/-1/5000 503 212 - - sQ-- 300/300/20/0/0 0/90 "GET / HTTP/1.1"',
      ["api", "2009-02-06T12:14:15.001Z", 5_000, "refused"],
    ],
    [
      '10.0.1.2:33320 [06/Feb/2009:12:14:15.001] http-in api/s1 0/0/1/-1/90 -1 0 - - CD-- 3/3/2/2/0 0/0 "GET / HTTP/1.1"',
      ["api", "2009-02-06T12:14:15.001Z", 90, "ignored"],
    ],
  ])("gives time, duration and outcome: %s", (line, expected) => check(HAPROXY, line, expected));
});

describe("a line of NDJSON", () => {
  it.each<[string, Expected]>([
    [
      '{"level":30,"time":1531171074631,"req":{"method":"GET","url":"/","headers":{"host":"api.example"}},"res":{"statusCode":200},"responseTime":7}',
      ["api.example", "2018-07-09T21:17:54.624Z", 7, "success"],
    ],
    [
      '{"endpoint":"payments","startMs":1531171074000,"durationMs":12.5,"outcome":"refused"}',
      ["payments", "2018-07-09T21:17:54.000Z", 12.5, "refused"],
    ],
    [
      '{"upstream":"db","start":"2018-07-09T21:17:54Z","end":"2018-07-09T21:17:54.250Z","ok":false}',
      ["db", "2018-07-09T21:17:54.000Z", 250, "failure"],
    ],
    [
      '{"host":"a","ts":1531171074.5,"request_time":0.5,"status":"502"}',
      ["a", "2018-07-09T21:17:54.000Z", 500, "failure"],
    ],
    ['{"ts":1531171074500000,"code":200}', [undefined, "2018-07-09T21:17:54.500Z", Number.NaN, "success"]],
  ])("gives time, duration and outcome: %s", (line, expected) => check(ndjsonFormat(), line, expected));

  it("is read by the names and units that are given", () => {
    const format = ndjsonFormat({ endpoint: "to.name", time: "began", duration: "took:us", status: "http" });
    check(format, '{"to":{"name":"x"},"began":"2018-07-09T21:17:54Z","took":1500,"http":500}', [
      "x",
      "2018-07-09T21:17:54.000Z",
      1.5,
      "failure",
    ]);
  });

  it.each([["[1]"], ["{"], ['{"time":5}'], ['{"outcome":"success"}'], ['{"time":"soon","status":200}']])(
    "is none without a time and an outcome: %s",
    (line) => expect(ndjsonFormat().parse(line)).toBeUndefined(),
  );
});
