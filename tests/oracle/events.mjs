// Plays a scenario and tells its events (streamEvents, version 2): their kinds, names, order and nesting.
import { MemorySaver } from "@langchain/langgraph";
import { plain, stable } from "./trace.mjs";

const shapeOf = (data) => Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, plain(value)]));

export const events = async ({ name, about, build, input }) => {
  const graph = build({ checkpointer: new MemorySaver() });
  const told = [];
  let error;
  try {
    for await (const event of graph.streamEvents(input, { version: "v2", configurable: { thread_id: name } })) {
      told.push({
        ns: event.metadata?.langgraph_checkpoint_ns ?? "",
        event: event.event,
        name: event.name,
        run: event.run_id,
        parents: event.parent_ids,
        tags: event.tags,
        metadata: event.metadata,
        data: shapeOf(event.data),
      });
    }
  } catch (failure) {
    error = plain(failure);
  }
  return stable({ name, about, input, events: told, error });
};
