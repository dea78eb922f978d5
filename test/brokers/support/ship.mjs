/** Ships from one broker URL to another until the source ends: a process that can be killed. */
import { GraphBuilder, Passthrough, runFlow } from "bluesmoke/flow";

const [from, to] = process.argv.slice(2);
const OPENERS = {
  redis: async () => {
    const { openRedisSource, openRedisSink } = await import("bluesmoke/redis");
    return [openRedisSource, openRedisSink];
  },
  nats: async () => {
    const { openNatsSource, openNatsSink } = await import("bluesmoke/nats");
    return [openNatsSource, openNatsSink];
  },
  kafka: async () => {
    const { openKafkaSource, openKafkaSink } = await import("bluesmoke/kafka");
    return [openKafkaSource, openKafkaSink];
  },
};
const [openSource, openSink] = await OPENERS[from.split(":")[0]]();
const builder = new GraphBuilder();
builder.addInput("in");
builder.addOperator("operator", new Passthrough());
builder.addOutput("out");
builder.link({ node: "in", port: "out" }, { node: "operator", port: "in" });
builder.link({ node: "operator", port: "out" }, { node: "out/out", port: "in" });
const graph = builder.build();
graph.attach("out", openSink(to));
const source = await openSource(from);
process.send?.("started");
const { delivered } = await runFlow({ graph, source });
process.send?.({ delivered });
process.disconnect?.();
