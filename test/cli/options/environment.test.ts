import { describe, expect, it } from "vitest";
import { substitute, variableNames } from "../../../src/cli/options/environment.ts";

/** `${name}`, which may not stand in a string of this repository. */
const variable = (name: string): string => `$${`{${name}}`}`;
const ENVIRONMENT = { TOKEN: "t0k$&n", EMPTY: "" };

describe("variables of the environment", () => {
  it.each([
    [`Bearer ${variable("TOKEN")}`, "Bearer t0k$&n"],
    [`${variable("TOKEN")}${variable("EMPTY")}`, "t0k$&n"],
    [variable("MISSING:-8080"), "8080"],
    [variable("MISSING:-"), ""],
    [variable("EMPTY:-full"), ""],
    [`$${variable("TOKEN")}`, variable("TOKEN")],
    ["$TOKEN costs $5", "$TOKEN costs $5"],
  ])("%s becomes %s", (text, expected) => {
    expect(substitute(text, ENVIRONMENT)).toBe(expected);
  });

  it("must be set, or have a default", () => {
    expect(() => substitute(variable("MISSING"), ENVIRONMENT)).toThrow(
      "must find MISSING in the environment, which is not set there",
    );
  });

  it.each([variable(""), variable("1A"), variable("a b"), "$" + "{open"])("must have a name: %s", (text) => {
    expect(() => substitute(text, ENVIRONMENT)).toThrow("must have a name between the braces");
  });

  it("are known by their names, which are no secrets", () => {
    expect(variableNames(`${variable("A")} and ${variable("B:-c")}`)).toEqual(["A", "B"]);
  });
});
