import { describe, expect, it } from "vitest";
import { Handles } from "../../src/breaker/handles.ts";

/** Remembers an object of its own for each name. */
function remember(handles: Handles<object>, prefix: string, count: number): object[] {
  return Array.from({ length: count }, (_, number) => {
    const breaker = { name: `${prefix} ${number}` };
    handles.set(breaker.name, breaker);
    return breaker;
  });
}

describe("the objects that a registry remembers", () => {
  it("are the newest 512 at least, and not many more of those that were got once", () => {
    const handles = new Handles<object>();
    const made = remember(handles, "endpoint", 5_000);
    made.slice(-512).forEach((breaker, i) => {
      expect(handles.get(`endpoint ${4_488 + i}`)).toBe(breaker);
    });
    const known = made.filter((breaker, i) => handles.get(`endpoint ${i}`) === breaker);
    expect(known.length).toBeLessThanOrEqual(1_024);
  });

  it("are those that were got again, whatever number of names comes once", () => {
    const handles = new Handles<object>();
    const used = remember(handles, "used", 500);
    used.forEach((breaker, i) => {
      expect(handles.get(`used ${i}`)).toBe(breaker);
    });
    remember(handles, "once", 100_000);
    used.forEach((breaker, i) => {
      expect(handles.get(`used ${i}`)).toBe(breaker);
    });
  });

  it("are the latest 4096 of those that were got again, however many there are", () => {
    const handles = new Handles<object>();
    const made: object[] = [];
    for (let number = 0; number < 20_000; number++) {
      made.push(...remember(handles, `endpoint ${number} of`, 1));
      handles.get(`endpoint ${number} of 0`);
    }
    made.slice(-4_096).forEach((breaker, i) => {
      expect(handles.get(`endpoint ${15_904 + i} of 0`)).toBe(breaker);
    });
    expect(handles.get("endpoint 0 of 0")).toBeUndefined();
  });

  it("are forgotten by name, and all that are gone", () => {
    const handles = new Handles<object>();
    remember(handles, "endpoint", 4);
    handles.get("endpoint 0");
    handles.get("endpoint 1");
    handles.delete("endpoint 0");
    handles.delete("endpoint 2");
    handles.prune((breaker) => "name" in breaker && breaker.name === "endpoint 1");
    const known = [0, 1, 2, 3].map((number) => handles.get(`endpoint ${number}`) !== undefined);
    expect(known).toEqual([false, false, false, true]);
    handles.prune(() => true);
    expect(handles.get("endpoint 3")).toBeUndefined();
  });
});
