import { describe, expect, it } from "vitest";
import { flowchart } from "../../../src/cli/view/mermaid.ts";
import { compile } from "../../../src/trickle/compile.ts";
import { makeFile } from "../../connect/support/folder.ts";
import { bluesmoke, bluesmokeOn } from "../support/command.ts";
import { GUARDED } from "../support/pipeline.ts";

function drawn(text: string): readonly string[] {
  return flowchart(compile(text).blueprint).trimEnd().split("\n").slice(1);
}

describe("bluesmoke graph", () => {
  it("prints the nodes of a pipeline with their types, and the ports that its lines join", async () => {
    const { code, stdout, stderr } = await bluesmoke("graph", await makeFile("p.trickle", GUARDED));
    expect(stdout).toBe(`flowchart LR
  n0(["in"])
  n1["guard<br/>qos::circuit_breaker"]
  n2(["out/out"])
  n3(["out/overflow"])
  n4(["out/cb"])
  n5(["out/err"])
  n0 -->|"in"| n1
  n1 -->|"out"| n2
  n1 -->|"overflow"| n3
  n1 -->|"cb"| n4
  n1 -.->|"err"| n5
`);
    expect(stderr).toBe("");
    expect(code).toBe(0);
  });

  it("reads a pipeline from stdin, and warns of what looks wrong on stderr", async () => {
    const { code, stdout, stderr } = await bluesmokeOn(`${GUARDED}create stream idle;`, "graph", "-");
    expect(stdout).toContain('(["in"])');
    expect(stderr).toMatch(/^stdin:\d+:\d+: warning: .*idle/m);
    expect(code).toBe(0);
  });

  it("ends with 3 where the pipeline is wrong, and draws nothing", async () => {
    const { code, stdout, stderr } = await bluesmokeOn("select event from in into nowhere;", "graph", "-");
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^stdin:1:27: error: /);
    expect(code).toBe(3);
  });
});

describe("a pipeline as a flowchart", () => {
  it("shows what a select makes and keeps, and where what it cannot make goes", () => {
    const lines = drawn(`
      create stream s;
      select event.a +
        1 from in where present event.a into s having event > 2;
      select event from s into out;
    `);
    expect(lines).toEqual([
      '  n0(["in"])',
      '  n1("s<br/>stream")',
      '  n2(["out/out"])',
      '  n3(["out/err"])',
      '  n4{{"select event.a + 1<br/>where present event.a<br/>having event #62; 2"}}',
      "  n0 --> n4",
      "  n4 --> n1",
      '  n4 -.->|"err"| n3',
      "  n1 --> n2",
    ]);
  });

  it("names both ports between two operators, and those that nobody reads", () => {
    const lines = drawn(`
      define operator cb from qos::circuit_breaker;
      create operator a from cb;
      create operator b from cb;
      select event from in into a;
      select event from a into b;
      select event from a/overflow into b/err;
      select event from b into out;
    `);
    expect(lines).toContain('  n1["a<br/>qos::circuit_breaker<br/>not read: cb"]');
    expect(lines).toContain('  n2["b<br/>qos::circuit_breaker<br/>not read: overflow, cb"]');
    expect(lines).toContain('  n1 -->|"out → in"| n2');
    expect(lines).toContain('  n1 -->|"overflow → err"| n2');
  });

  it("shortens long expressions", () => {
    const [, , , select] = drawn(`select "${"x".repeat(500)}" from in into out;`);
    expect(select).toMatch(/^ {2}n3\{\{"select #34;x{59}…"\}\}$/);
  });

  // The parser of Mermaid 11 takes every one of these, and shows them as they are; it was asked by hand.
  it.each([
    ['say "hi"', "say #34;hi#34;"],
    ["%%{init: {}}%%", "#37;#37;#123;init: #123;#125;#125;#37;#37;"],
    ["#quot;", "#35;quot#59;"],
    ["a|b]])}}", "a#124;b]])#125;#125;"],
    ["<script>", "#60;script#62;"],
    ["style a:#b;", "#115;tyle a:#35;b#59;"],
    ["\\n & 😀 é", "#92;n #38; #128512; é"],
    ["end", "end"],
  ])("writes %s so that Mermaid shows it", (name, shown) => {
    expect(drawn(`create stream \`${name}\`; select event from in into \`${name}\`;`)).toContain(
      `  n1("${shown}<br/>stream")`,
    );
  });
});
