/** The pipeline as a whole: refuses circles and floods, and warns of what leads nowhere. */
import { ERR, OVERFLOW } from "../flow/graph/portname.ts";
import { Topology } from "../flow/graph/topology.ts";
import type { Span } from "./ast.ts";
import { checkCopies } from "./copies.ts";
import type { Declarations, PipelineNode } from "./declarations.ts";
import { Diagnostic, TrickleError } from "./diagnostic.ts";
import type { SourceText } from "./source.ts";
import type { Wire } from "./wires.ts";

/** Of a longer circle only this many names are shown. */
const SHOWN_NAMES = 8;

/** Throws a TrickleError where events would run in a circle, or become too many; returns warnings. */
export function checkShape(
  declarations: Declarations,
  wires: readonly Wire[],
  source: SourceText,
): readonly Diagnostic[] {
  const names = [...new Set(["in", ...declarations.nodes.keys(), ...wires.map((wire) => wire.to.node)])];
  const numbers = new Map(names.map((name, number) => [name, number]));
  const edges = wires.map(({ from, to }) => ({
    from: numbers.get(from.node) ?? 0, // every name of a wire is in the map
    to: numbers.get(to.node) ?? 0,
  }));
  const topology = new Topology(names.length, edges);
  if (topology.cycle.length > 0) {
    throw circle(
      topology.cycle.map((number) => names[number] ?? ""),
      wires,
      source,
    );
  }
  checkCopies(names, topology, wires, source);
  const reached = new Set(Array.from(topology.downstreamOf(0), (number) => names[number]));
  const warn = (at: Span, message: string, hint?: string) =>
    new Diagnostic("warning", source, at, message, { hint });
  return [
    ...unusedDefinitions(declarations, warn),
    ...Array.from(declarations.nodes.values()).flatMap((node) =>
      reached.has(node.name.text) ? unreadPorts(node, wires, warn) : [unreached(node, warn)],
    ),
    ...unreadInput(wires, warn),
  ];
}

type Warn = (at: Span, message: string, hint?: string) => Diagnostic;

/** Points at the statement that closes the circle: the last one in the text. */
function circle(names: readonly string[], wires: readonly Wire[], source: SourceText): TrickleError {
  const next = new Map(names.map((name, index) => [name, names[(index + 1) % names.length]]));
  const closing = wires.findLast(({ from, to }) => next.get(from.node) === to.node);
  const shown = names.length > SHOWN_NAMES ? [...names.slice(0, SHOWN_NAMES), "…"] : names;
  const message = `events would run in a circle: ${[...shown, names[0]].join(" → ")}`;
  return new TrickleError(source, closing?.statement.at ?? { start: 0, end: 0 }, message, {
    hint: "send them into another stream, or out of the pipeline",
  });
}

function unusedDefinitions(declarations: Declarations, warn: Warn): readonly Diagnostic[] {
  const used = new Set(
    Array.from(declarations.nodes.values(), (node) =>
      node.kind === "operator" ? node.definition : undefined,
    ),
  );
  return Array.from(declarations.definitions.values())
    .filter((definition) => !used.has(definition))
    .map(({ statement: { name } }) =>
      warn(
        name.at,
        `\`${name.text}\` is defined, but never created`,
        `add \`create operator ${name.text};\``,
      ),
    );
}

function unreached({ name }: PipelineNode, warn: Warn): Diagnostic {
  return warn(
    name.at,
    `no event from \`in\` comes to \`${name.text}\``,
    `add a \`select\` into \`${name.text}\``,
  );
}

function unreadPorts(node: PipelineNode, wires: readonly Wire[], warn: Warn): readonly Diagnostic[] {
  const name = node.name.text;
  const ports = node.kind === "stream" ? ["out"] : node.outputs;
  // Outputs that the options name get a share of the events each.
  const sharesOut = node.kind === "operator" && node.definition.operator.outputsFor !== undefined;
  const read = new Set(wires.filter((wire) => wire.from.node === name).map((wire) => wire.from.port));
  return ports
    .filter((port, index) => (sharesOut || mattersUnread(port, index)) && !read.has(port))
    .map((port) => {
      const fate =
        port === OVERFLOW ? "refused events are counted, but not kept" : "events that leave there go nowhere";
      const hint = `add \`select event from ${port === "out" ? `${name} into out` : `${name}/${port} into out/${port}`};\``;
      return warn(node.name.at, `nothing reads port \`${port}\` of \`${name}\`: ${fate}`, hint);
    });
}

/** `err` leads to the `err` of the pipeline by itself; ports besides the first, such as `cb`, are extras. */
function mattersUnread(port: string, index: number): boolean {
  return port === OVERFLOW || (index === 0 && port !== ERR);
}

function unreadInput(wires: readonly Wire[], warn: Warn): readonly Diagnostic[] {
  const [first] = wires;
  if (first === undefined || wires.some((wire) => wire.from.node === "in")) return [];
  return [
    warn(
      first.statement.at,
      "nothing reads `in`: every event is dropped",
      "add `select event from in into …;`",
    ),
  ];
}
