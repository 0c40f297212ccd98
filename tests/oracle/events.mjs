// Plays a scenario and tells its events (streamEvents, version 2): their kinds, names, order, nesting and data.
import { MemorySaver } from "@langchain/langgraph";
import { plain, stable } from "./trace.mjs";

// The library's events say no parents; its callbacks do.
const nesting = () => {
  const parents = {};
  const note = (_what, _input, run, parent) => { parents[run] = parent; };
  return {
    handler: { name: "nesting", awaitHandlers: true, handleChainStart: note, handleToolStart: note, handleChatModelStart: note },
    of: (run) => {
      const above = [];
      for (let parent = parents[run]; parent; parent = parents[parent]) {
        above.unshift(parent);
      }
      return above;
    },
  };
};

export const events = async ({ name, about, build, input }) => {
  const graph = build({ checkpointer: new MemorySaver() });
  const { handler, of } = nesting();
  const told = [];
  let error;
  try {
    for await (const event of graph.streamEvents(input, { version: "v2", configurable: { thread_id: name }, callbacks: [handler] })) {
      told.push({ ...event, data: Object.fromEntries(Object.entries(event.data ?? {}).map(([key, value]) => [key, plain(value)])) });
    }
  } catch (failure) {
    error = plain(failure);
  }
  const lines = told.map(({ event, name: its, run_id: run, tags, metadata, data }) => ({ ns: metadata?.langgraph_checkpoint_ns ?? "", event, name: its, run, parents: of(run), tags, metadata, data }));
  return stable({ name, about, input, events: lines, error });
};
