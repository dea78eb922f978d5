/** `--record`: the outcomes of all calls of a run, as a file for `bluesmoke replay` and `tune`. */
import { open } from "node:fs/promises";
import type { CircuitBreakerRegistry } from "../../breaker/registry.ts";
import { fileFaultOf } from "../../connect/base/errors.ts";
import { record } from "../../replay/record/recorder.ts";
import { CommandError } from "../base/command-error.ts";
import { EXIT } from "../base/exit.ts";

/** 64 MiB: eight million calls; the ring grows to it with the calls that there are. */
const BYTES = 67_108_864;

/** The recording of a run. */
export interface RunRecording {
  /** Ends it, and writes the file. */
  write(): Promise<void>;
}

/** @returns undefined where no path is given. @throws CommandError when the file cannot be written */
export async function startRecording(
  registry: CircuitBreakerRegistry,
  path: string | undefined,
): Promise<RunRecording | undefined> {
  if (path === undefined) return undefined;
  const fault = (error: unknown) =>
    new CommandError(EXIT.connection, `the recording ${path} cannot be written: ${fileFaultOf(error)}`);
  const file = await open(path, "w").catch((error: unknown) => {
    throw fault(error);
  });
  const recorder = record(registry, { bytes: BYTES });
  return {
    async write() {
      recorder.stop();
      try {
        await file.writeFile(recorder.bytes());
      } catch (error) {
        throw fault(error);
      } finally {
        await file.close();
      }
    },
  };
}
