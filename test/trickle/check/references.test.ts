/** What the names after `from` and `into` mean. */
import { describe, expect, it } from "vitest";
import { compile } from "../../../src/trickle/compile.ts";
import { push, run } from "../deploy.ts";

const BREAKER = "define operator cb from qos::circuit_breaker;";

function links(text: string) {
  return compile(text).blueprint.links;
}

function warnings(text: string) {
  return compile(text).warnings.map(({ line, message }) => `${line}: ${message}`);
}

describe("a name without a port", () => {
  it("means `out` where it is read, and `in` where it is written", () => {
    const names = `${BREAKER} create operator cb; create stream s;
      select event from in into s; select event from s into cb; select event from cb into out;`;
    const ports = `${BREAKER} create operator cb; create stream s;
      select event from in/out into s/in; select event from s/out into cb/in; select event from cb/out into out/out;`;
    expect(links(names)).toEqual(links(ports));
  });

  it("means out/err where it is `err`", () => {
    expect(links("select event from in into err")).toEqual(links("select event from in into out/err"));
  });
});

describe("out/<port>", () => {
  it.each(["create stream x;", "define operator x from passthrough; create operator x;"])(
    "is the port of the pipeline, though a node has that name: %s",
    async (create) => {
      const { graph, data } = await run(`${create}
        select event from in into x;
        select {"left": event} from x into out/x;`);
      push(graph, 1);
      expect(data("x")).toEqual([{ left: 1 }]);
      expect(graph.accounting).toMatchObject({ read: 1, delivered: 1 });
    },
  );

  it("takes what several lines send there", async () => {
    const { graph, data } = await run(
      "select event + 1 from in into out/x; select event + 2 from in into out/x; select event from in into out/y",
    );
    push(graph, 1);
    expect([data("x"), data("y")]).toEqual([[2, 3], [1]]);
  });
});

describe("the name of a definition", () => {
  it("stands for its only instance, at every port and on both sides, with one warning", async () => {
    const by = (name: string) => `${BREAKER} create operator blue_smoke from cb;
      select event from in into ${name};
      select event from ${name} into out;
      select event from ${name}/overflow into out/overflow;`;
    expect(links(by("cb"))).toEqual(links(by("blue_smoke")));
    expect(warnings(by("blue_smoke"))).toEqual([]);
    expect(warnings(by("cb"))).toEqual(["2: `cb` is a definition: taken as its only instance `blue_smoke`"]);
    const { graph, registry, data } = await run(by("cb"));
    push(graph, 1);
    registry.get("blue_smoke").forceOpen(0);
    push(graph, 2);
    expect([data("out"), data("overflow")]).toEqual([[1], [2]]);
  });

  it.each(["create stream cb;", "create operator cb from other;"])(
    "is that of a node where there is one: %s",
    async (create) => {
      const { graph, registry, data } = await run(`${BREAKER} define operator other from passthrough;
        create operator guard from cb; ${create}
        select event from in into cb; select event from cb into out; select event from in into guard;`);
      registry.get("guard").forceOpen(0);
      push(graph, 1);
      expect(data("out")).toEqual([1]);
    },
  );

  it("may be written in the later spelling in the text of the RFC, and nothing else changes", () => {
    const body =
      'with backoff = "exponential" end create operator blue_smoke from cb;\nselect event from in into cb;\nselect event from cb/cb into out/cb;';
    const first = `define qos::circuit_breaker operator cb ${body}`;
    const later = `define operator cb from qos::circuit_breaker ${body}`;
    expect(links(later)).toEqual(links(first));
    expect(warnings(later)).toEqual(warnings(first));
    expect(warnings(later)).toHaveLength(3);
  });
});

describe("the ends of the pipeline", () => {
  it.each(["in", "out", "err"])("keep their name to themselves: %s", (name) => {
    const fault = `\`${name}\` is an end of the pipeline and cannot be created`;
    expect(() => compile(`create stream ${name}; select event from in into out`)).toThrow(fault);
    expect(() =>
      compile(`${BREAKER} create operator ${name} from cb; select event from in into out`),
    ).toThrow(fault);
  });

  it("are left and entered one way only", () => {
    expect(() => compile("create stream s; select event from s into in")).toThrow(
      "nothing can be sent into `in`",
    );
    for (const name of ["out", "out/x", "err"]) {
      expect(() => compile(`select event from ${name} into out`)).toThrow("nothing can be read from");
    }
  });
});
