/**
 * A pipeline between two Web streams, the same in Node, in a browser and in a worker.
 *
 *   node examples/transform.mjs
 */
import { toTransformStream } from "bluesmoke/embed";

const flights = new ReadableStream({
  start(controller) {
    for (const delay of [-3, 45, 12, 90]) controller.enqueue({ delay });
    controller.close();
  },
});

const late = toTransformStream(`
  select { "minutes": event.delay } from in where event.delay > 30 into out;
`);

for await (const flight of flights.pipeThrough(late)) console.log(JSON.stringify(flight));
