/** Pipelines for the tests. */

/** Hands everything through. */
export const OPEN_ROAD = "select event from in into out;\n";

/** Opens at the third failure in a row, for a fifth of a second. */
export const GUARDED = `define qos::circuit_breaker operator cb
with
  detector = { "kind": "consecutive_failures", "failures": 3 },
  backoff = { "kind": "constant", "delay_ms": 200 }
end;
create operator guard from cb;
select event from in into guard;
select event from guard into out;
select event from guard/overflow into out/overflow;
select event from guard/cb into out/cb;
`;
