import { describe, expect, it } from "vitest";
import { faultOf } from "../../../src/cli/base/fault.ts";

describe("faultOf", () => {
  it.each(["EMFILE", "ENFILE"])(
    "takes %s for a limit of the system and says which, not for a bug",
    (code) => {
      const { exitCode, message } = faultOf(Object.assign(new Error(`${code}: too many`), { code }), false);
      expect(exitCode).toBe(4);
      expect(message).toMatch(/^error: too many open files\n.*ulimit -n 256/);
    },
  );
});
