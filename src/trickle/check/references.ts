/** The ports that a `select` reads and writes, by the names of the graph. */
import type { PortRef } from "../../flow/protocol/graph-error.ts";
import type { Name, NodePort } from "../syntax/ast.ts";
import { Diagnostic, TrickleError } from "../syntax/diagnostic.ts";
import { oneOf, suggest } from "../syntax/suggest.ts";
import type { Context, Declarations, PipelineNode } from "./declarations.ts";

type Side = "from" | "into";

const STREAM_PORTS: Readonly<Record<Side, readonly string[]>> = { from: ["out"], into: ["in"] };

export class References {
  /** Definitions that were taken as their only instance. */
  readonly warnings: Diagnostic[] = [];
  readonly #context: Context;
  readonly #declarations: Declarations;
  readonly #warned = new Set<string>();

  constructor(context: Context, declarations: Declarations) {
    this.#context = context;
    this.#declarations = declarations;
  }

  /** `X` is `X/out`. Throws a TrickleError for a name or port that has no output. */
  from(reference: NodePort): PortRef {
    const { text } = reference.node;
    if (text === "out" || text === "err") {
      throw this.#error(
        reference.node,
        `nothing can be read from \`${text}\`: events leave the pipeline there`,
      );
    }
    if (text === "in") return { node: "in", port: this.#port(reference, "in", STREAM_PORTS.from, "from") };
    return this.#ofNode(reference, "from");
  }

  /** `X` is `X/in`; `out/x` is the port `x` of the pipeline, `err` is `out/err`. Throws a TrickleError. */
  into(reference: NodePort): PortRef {
    const { text } = reference.node;
    if (text === "in") {
      throw this.#error(reference.node, "nothing can be sent into `in`: events enter the pipeline there");
    }
    if (text === "out") return { node: `out/${reference.port?.text ?? "out"}`, port: "in" };
    if (text === "err")
      return { node: "out/err", port: this.#port(reference, "err", STREAM_PORTS.into, "into") };
    return this.#ofNode(reference, "into");
  }

  #ofNode(reference: NodePort, side: Side): PortRef {
    const node = this.#find(reference.node);
    const ports = node.kind === "stream" ? STREAM_PORTS[side] : portsOf(node, side);
    return { node: node.name.text, port: this.#port(reference, node.name.text, ports, side) };
  }

  #port(reference: NodePort, node: string, ports: readonly string[], side: Side): string {
    const kind = side === "from" ? "output" : "input";
    const first = ports[0];
    if (reference.port === null) {
      if (first !== undefined) return first;
      throw this.#error(reference.node, `\`${node}\` has no ${kind} port`);
    }
    const { text } = reference.port;
    if (ports.includes(text)) return text;
    throw this.#error(reference.port, `\`${node}\` has no ${kind} port \`${text}\``, ports);
  }

  #find(name: Name): PipelineNode {
    const { nodes, definitions } = this.#declarations;
    const node = nodes.get(name.text);
    if (node !== undefined) return node;
    this.#context.recovery.skipIfFaulty(name.text);
    if (definitions.has(name.text)) return this.#onlyInstance(name);
    const known = new Set(["in", "out", ...nodes.keys(), ...definitions.keys()]);
    throw this.#error(name, `stream \`${name.text}\` is not defined`, [...known]);
  }

  /** A name that only a definition has stands for its only instance, as in the text of RFC 0005. */
  #onlyInstance(name: Name): PipelineNode {
    const definition = this.#declarations.definitions.get(name.text);
    const instances = [...this.#declarations.nodes.values()].filter(
      (node) => node.kind === "operator" && node.definition === definition,
    );
    const [only] = instances;
    if (only === undefined || instances.length > 1) throw this.#ambiguous(name, instances);
    this.#warnOnce(name, only.name.text);
    return only;
  }

  #ambiguous(name: Name, instances: readonly PipelineNode[]): TrickleError {
    if (instances.length === 0) {
      return new TrickleError(
        this.#context.source,
        name.at,
        `\`${name.text}\` is defined, but never created`,
        {
          hint: `add \`create operator ${name.text};\``,
        },
      );
    }
    const names = instances.map((node) => node.name.text);
    return this.#error(name, `\`${name.text}\` is a definition with ${names.length} instances`, names);
  }

  #warnOnce(name: Name, instance: string): void {
    if (this.#warned.has(name.text)) return;
    this.#warned.add(name.text);
    const message = `\`${name.text}\` is a definition: taken as its only instance \`${instance}\``;
    const hint = `write \`${instance}\``;
    this.warnings.push(new Diagnostic("warning", this.#context.source, name.at, message, { hint }));
  }

  #error(name: Name, message: string, names: readonly string[] = []): TrickleError {
    return new TrickleError(this.#context.source, name.at, message, {
      expected: names.length === 0 ? undefined : oneOf(names),
      hint: suggest(name.text, names),
    });
  }
}

function portsOf(node: PipelineNode & { kind: "operator" }, side: Side): readonly string[] {
  return side === "from" ? node.outputs : node.definition.operator.inputs;
}
