/** One thread of a crew, as a worker of a case's worker. */
import type { Duty } from "../cases/duty.ts";
import { work } from "../cases/shift.ts";

addEventListener("message", ({ data }: MessageEvent<Duty>) => work(data, () => postMessage("ready")));
