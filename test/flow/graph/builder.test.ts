import { describe, expect, it } from "vitest";
import { GraphBuilder, graphOfPlan } from "../../../src/flow/graph/builder.ts";
import { Passthrough } from "../../../src/flow/operators/passthrough.ts";
import { RoundRobin } from "../../../src/flow/operators/round-robin.ts";
import type { GraphError } from "../../../src/flow/protocol/graph-error.ts";
import { graphOf, HandSink, link, started, Witness } from "../graph-fixture.ts";

function errorOf(build: () => unknown): GraphError {
  try {
    build();
  } catch (error) {
    return error as GraphError;
  }
  throw new Error("nothing was thrown");
}

describe("building a graph", () => {
  it("refuses a cycle and names its nodes in their direction", () => {
    const operators = {
      a: new Passthrough(),
      b: new Passthrough(),
      c: new Passthrough(),
      d: new Passthrough(),
    };
    const error = errorOf(() => graphOf(operators, "in > a", "a > b", "b > c", "c > a", "c > d"));
    expect(error.code).toBe("ERR_GRAPH");
    expect([...error.nodes].sort()).toEqual(["a", "b", "c"]);
    expect(error.message).toMatch(/a → b → c → a|b → c → a → b|c → a → b → c/);
  });

  it("refuses a node that leads to itself", () => {
    const error = errorOf(() => graphOf({ a: new Passthrough() }, "in > a", "a > a"));
    expect(error.nodes).toEqual(["a"]);
    expect(error.message).toContain("a → a");
  });

  it("refuses a link from or to a node that is not defined and lists those that are", () => {
    const error = errorOf(() => graphOf({ a: new Passthrough() }, "in > a", "a > nowhere"));
    expect(error.message).toBe('"nowhere" is not defined; there are: in, a, out/err');
    expect(error.nodes).toEqual(["nowhere"]);
  });

  it("refuses a port that the operator does not have and lists those that it has", () => {
    const output = errorOf(() => graphOf({ a: new Passthrough() }, "in > a", "a/cb > out/cb"));
    expect(output.message).toBe('"a" has no output port "cb"; there are: out');
    const input = errorOf(() => graphOf({ a: new Passthrough() }, "in > a/side"));
    expect(input.message).toBe('"a" has no input port "side"; there are: in');
  });

  it("refuses a link out of an output and a link into an input", () => {
    expect(errorOf(() => graphOf({}, "in > out/out", "out/out > out/b")).message).toContain("has no outputs");
    expect(errorOf(() => graphOf({ a: new Passthrough() }, "in > a", "a > in")).message).toContain(
      "has no inputs",
    );
  });

  it("refuses two nodes of one name", () => {
    const builder = new GraphBuilder();
    builder.addOperator("a", new Passthrough());
    expect(errorOf(() => builder.addOperator("a", new Passthrough())).message).toBe('"a" is defined twice');
  });

  it("refuses the same link twice, which would deliver every event twice", () => {
    const error = errorOf(() => graphOf({ a: new Passthrough() }, "in > a", "in > a"));
    expect(error.message).toBe('"in/out" is linked twice to "a"');
  });

  it("finds all faults at once, each with its nodes and links", () => {
    const operators = { a: new Passthrough(), b: new Passthrough() };
    const links = ["in > a", "in > a", "a > nowhere", "b/cb > a", "a > b", "b > a"];
    const error = errorOf(() => graphOf(operators, ...links));
    expect(error.message).toBe(error.faults[0]?.message);
    expect(error.faults.map(({ message }) => message)).toEqual([
      '"nowhere" is not defined; there are: in, a, b, out/err',
      '"b" has no output port "cb"; there are: out',
      '"in/out" is linked twice to "a"',
      expect.stringMatching(/^events would run in a circle: (a → b → a|b → a → b)$/),
    ]);
    expect(error.faults.map(({ nodes }) => [...nodes].sort())).toEqual([
      ["nowhere"],
      ["b"],
      ["a", "in"],
      ["a", "b"],
    ]);
    const shown = error.faults.map(({ links }) => links.map(({ from, to }) => `${from.node} > ${to.node}`));
    expect(shown).toEqual([["a > nowhere"], ["b > a"], ["in > a"], ["a > b", "b > a"]]);
  });

  it("refuses a graph without an input", () => {
    expect(errorOf(() => new GraphBuilder().build()).message).toBe("the graph has no input");
  });

  it("refuses an output port that an operator asks for without having named it", () => {
    const asks = new Passthrough();
    const nosy = { inputs: ["in"], outputs: ["out"], onEvent() {}, connect: asks.connect.bind(asks) };
    expect(() => graphOf({ nosy }, "in > nosy")).not.toThrow();
    const wrong = { ...nosy, outputs: ["elsewhere"] };
    expect(errorOf(() => graphOf({ wrong }, "in > wrong")).message).toBe('wrong has no output port "out"');
  });
});

describe("warnings of a graph", () => {
  it("are none where everything leads somewhere", () => {
    expect(graphOf({ a: new Passthrough() }, "in > a", "a > out/out").warnings).toEqual([]);
  });

  it("name the first port and overflow of an operator when nobody reads them, but not err and extras", () => {
    const cb = new Witness([], ["out", "overflow", "cb", "err"]);
    expect(graphOf({ cb }, "in > cb", "cb/cb > out/cb").warnings).toEqual([
      '"cb/out" leads nowhere: its events are dropped',
      '"cb/overflow" leads nowhere: its events are counted as overflow and gone',
    ]);
  });

  it("name an input that reaches no output", () => {
    expect(graphOf({ a: new Passthrough() }, "in > a").warnings).toContain(
      'what enters "in" reaches no output: every event ends inside the pipeline',
    );
  });

  it("name an operator and an output that nothing leads to", () => {
    const operators = { a: new Passthrough(), lonely: new Passthrough() };
    expect(graphOf(operators, "in > a", "a > out/out", "lonely > out/side").warnings).toEqual([
      '"lonely" gets no events: nothing leads to it from an input',
      'nothing leads to "out/side"',
    ]);
  });
});

describe("attaching sinks", () => {
  it("refuses a port that the pipeline does not have and lists those that it has", () => {
    const graph = graphOf({}, "in > out/out");
    expect(() => graph.attach("cb", new HandSink())).toThrow("there is no out/cb; outputs are: out, err");
  });

  it("refuses one sink at two ports, whose answers could not be told apart", () => {
    const graph = graphOf({}, "in > out/out");
    const sink = new HandSink("ack", "twice");
    graph.attach("out", sink);
    expect(() => graph.attach("err", sink)).toThrow("the sink twice is attached already");
  });

  it("refuses a sink once the graph has started, and a second start", async () => {
    const graph = await started(graphOf({}, "in > out/out"), {});
    expect(() => graph.attach("out", new HandSink())).toThrow("has started");
    await expect(graph.start(0)).rejects.toThrow("starts once");
  });

  it("says which outputs have no sink", () => {
    const graph = graphOf({}, "in > out/out", "in > out/side");
    graph.attach("side", new HandSink());
    expect(graph.unattached).toEqual(["out", "err"]);
  });
});

describe("warnings of an operator that gives each output a share", () => {
  it("name every output that nobody reads", () => {
    const turns = new RoundRobin(["left", "right"]);
    expect(graphOf({ turns }, "in > turns", "turns/left > out/out").warnings).toEqual([
      '"turns/right" leads nowhere: its events are dropped',
      '"turns/overflow" leads nowhere: its events are counted as overflow and gone',
    ]);
  });
});

describe("a plan", () => {
  const ports = { inputs: ["in"], outputs: ["out", "overflow"] };

  function planOf(...links: readonly string[]) {
    const builder = new GraphBuilder<typeof ports>();
    builder.addInput("in");
    builder.addOperator("a", ports);
    builder.addOperator("b", ports);
    builder.addOutput("out");
    for (const text of links) {
      const [from = "", to = ""] = text.split(" > ");
      link(builder, from, to);
    }
    return builder.check();
  }

  it("is checked before there are operators, and names what looks wrong as data", () => {
    expect(planOf("in > a", "a > out/out").warnings).toMatchObject([
      { kind: "port_not_read", node: "a", port: "overflow" },
      { kind: "not_reached", node: "b" },
    ]);
    expect(planOf("in > a", "a > b").warnings).toMatchObject([
      { kind: "no_output", node: "in" },
      { kind: "port_not_read", node: "a", port: "overflow" },
      { kind: "port_not_read", node: "b", port: "out" },
      { kind: "port_not_read", node: "b", port: "overflow" },
      { kind: "not_reached", node: "out/out" },
    ]);
  });

  it("is refused with the links of a cycle, or the one that is there twice", () => {
    expect(errorOf(() => planOf("in > a", "a > b", "b > out/out", "b/overflow > a")).links).toEqual([
      { from: { node: "a", port: "out" }, to: { node: "b", port: "in" } },
      { from: { node: "b", port: "overflow" }, to: { node: "a", port: "in" } },
    ]);
    const { nodes, links } = errorOf(() => planOf("in > a", "a > b", "a > b"));
    expect(nodes).toEqual(["a", "b"]);
    expect(links).toEqual([{ from: { node: "a", port: "out" }, to: { node: "b", port: "in" } }]);
  });

  it("becomes any number of graphs, each with operators of its own", async () => {
    const plan = planOf("in > a", "a > out/out");
    const created: Witness[] = [];
    const create = ({ outputs }: typeof ports) => {
      const witness = new Witness([], outputs);
      created.push(witness);
      return witness;
    };
    for (let i = 1; i <= 2; i++) {
      const graph = graphOfPlan(plan, create);
      expect(created).toHaveLength(i * 2);
      const out = new HandSink();
      await started(graph, { out });
      graph.push(0, { data: i }, 0);
      expect(out.data).toEqual([i]);
      expect(graph.warnings).toEqual(plan.warnings.map(({ message }) => message));
    }
  });

  it("refuses an operator that lacks a port of its definition", () => {
    expect(errorOf(() => graphOfPlan(planOf("in > a", "a > out/out"), () => new Passthrough())).message).toBe(
      '"a" has no output port "overflow"; there are: out, though its definition says so',
    );
  });
});
