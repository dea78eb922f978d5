/** A reader of the text formats that knows nothing of how they are written. */

/** The samples of a text by name and labels, as they stand there, such as `up{job="a"}`. */
export function samplesOf(text: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split("\n").filter((one) => one !== "" && !one.startsWith("#"))) {
    const [, series, value] = /^([a-z_]+\{(?:[a-z]+="(?:[^"\\]|\\.)*",?)*\}) (\S+)$/u.exec(line) ?? [];
    if (series === undefined || samples.has(series)) throw new Error(`not a sample, or twice: ${line}`);
    samples.set(series, Number(value!.replace("+Inf", "Infinity")));
  }
  return samples;
}

/** A label of a series, without its escapes. */
export function labelOf(series: string, label: string): string | undefined {
  const [, text] = new RegExp(`[{,]${label}="((?:[^"\\\\]|\\\\.)*)"`).exec(series) ?? [];
  return text?.replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped));
}

/** A metric by the values of its labels, such as `{ "payments success": 3 }`. */
export function valuesOf(text: string, metric: string): Record<string, number> {
  const found = [...samplesOf(text)].filter(([series]) =>
    series.startsWith(`bluesmoke_circuit_breaker${metric}{`),
  );
  const labels = (series: string) => [...series.matchAll(/="((?:[^"\\]|\\.)*)"/g)].map(([, text]) => text);
  return Object.fromEntries(found.map(([series, value]) => [labels(series).join(" "), value]));
}
