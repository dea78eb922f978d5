/** The two pipelines of the demo. */

/** The definition is that of RFC 0005, word for word; the rest is what the RFC leaves out of its example. */
export const GUARDED = `define qos::circuit_breaker operator cb
with
    backoff = "exponential",
    detector = "success_rate_over_time_window",
end;

create operator blue_smoke from cb;

select event from in into blue_smoke;
select event from blue_smoke into out;
select event from blue_smoke/overflow into out/overflow;
select event from blue_smoke/cb into out/cb;
`;

/** The same without a breaker. */
export const UNGUARDED = "select event from in into out;\n";

/** Every line but the empty ones moved to the right. */
export function indented(pipeline: string, columns: number): string {
  return pipeline.replace(/^(?=.)/gm, " ".repeat(columns));
}
