import { describe, expect, it } from "vitest";
import { numberOption, objectOption } from "../../src/breaker/validate.ts";
import { deploy } from "../../src/embed/index.ts";
import { CircuitBreakerRegistry } from "../../src/entry/main.ts";
import type { OperatorDefinition } from "../../src/flow/operators/catalog.ts";
import type { FlowEvent } from "../../src/flow/protocol/event.ts";
import type { Output } from "../../src/flow/protocol/operator.ts";
import { compile } from "../../src/trickle/compile.ts";

/** Adds `step` to each event; counts how often its options are read and it is created. */
function adder() {
  const counts = { read: 0, created: 0 };
  const definition: OperatorDefinition<number> = {
    type: "my::adder",
    inputs: ["in"],
    outputs: ["out"],
    read(options) {
      counts.read++;
      const { step } = objectOption("options", options, ["step"]);
      return numberOption("step", step, { from: 1, to: 9 });
    },
    create(step) {
      counts.created++;
      let out: Output | undefined;
      return {
        inputs: ["in"],
        outputs: ["out"],
        connect(context) {
          out = context.output("out");
        },
        onEvent(event: FlowEvent) {
          event.data = Number(event.data) + step;
          out?.emit(event);
        },
      };
    },
  };
  return { counts, definition };
}

const TEXT = `define operator add from my::adder with step = 2 end;
create operator add;
select event from in into add;
select event from add into out;`;

describe("operators of a host", () => {
  it("are named in a pipeline as those of the package are", async () => {
    const { definition } = adder();
    const data: unknown[] = [];
    const sinks = { out: (one: unknown) => void data.push(one) };
    await deploy(TEXT, { operators: [definition], sources: { in: [1, 2] }, sinks }).finished;
    expect(data).toEqual([3, 4]);
  });

  it("are not known where they are not given", () => {
    expect(() => compile(TEXT)).toThrow(/there is no operator type `my::adder`/);
  });

  it("have errors in their options placed in the text", () => {
    const { definition } = adder();
    expect(() => compile(TEXT.replace("2", "10"), { operators: [definition] })).toThrow(
      "pipeline.trickle:1:41: error: step must be 1 to 9, got 10",
    );
  });

  it("are refused where the type is no `module::name`, or that of another operator", () => {
    const named = (type: unknown) => ({ ...adder().definition, type: type as string });
    for (const type of ["adder", "my::", "my:adder", "my::a-b", "", 5, undefined]) {
      expect(() => compile(TEXT, { operators: [named(type)] }), String(type)).toThrow(
        "operators[0].type must be module::name, got",
      );
    }
    expect(() => compile(TEXT, { operators: [named("qos::circuit_breaker")] })).toThrow(
      'operators[0].type must be a type that no other operator has, got "qos::circuit_breaker"',
    );
    expect(() => compile(TEXT, { operators: [named("my::adder"), named("my::adder")] })).toThrow(
      'operators[1].type must be a type that no other operator has, got "my::adder"',
    );
  });
});

describe("the options of an operator", () => {
  it("are read once for each operator, and not when the pipeline is deployed", () => {
    const { counts, definition } = adder();
    const program = compile(TEXT, { operators: [definition] });
    expect(counts).toEqual({ read: 1, created: 0 });
    for (let i = 0; i < 3; i++) program.deploy({ registry: new CircuitBreakerRegistry() });
    expect(counts).toEqual({ read: 1, created: 3 });
  });

  it("are read once where a definition is never created", () => {
    const { counts, definition } = adder();
    compile(TEXT.replace("create operator add;", "create stream add;"), { operators: [definition] });
    expect(counts.read).toBe(1);
  });

  it("are read for each operator of a definition with arguments", () => {
    const { counts, definition } = adder();
    const text = `define operator add from my::adder args by with step = args.by end;
      create operator a from add with by = 1 end; create operator b from add with by = 2 end;
      select event from in into a; select event from a into b; select event from b into out;`;
    compile(text, { operators: [definition] });
    expect(counts.read).toBe(2);
  });

  it("are checked in a definition whose wrong option each operator replaces", () => {
    const { definition } = adder();
    const text = TEXT.replace("2", "10").replace("operator add;", "operator add with step = 1 end;");
    expect(() => compile(text, { operators: [definition] })).toThrow("step must be 1 to 9, got 10");
  });
});
