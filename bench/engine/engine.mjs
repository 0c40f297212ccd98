// The same graphs as Program.cs, in LangGraph for JavaScript.
import { Annotation, END, MemorySaver, Send, START, StateGraph } from "@langchain/langgraph";

const supersteps = 1000;
const State = Annotation.Root({ count: Annotation({ reducer: (sum, more) => sum + more, default: () => 0 }) });
const loop = new StateGraph(State)
  .addNode("tick", () => ({ count: 1 }))
  .addEdge(START, "tick")
  .addConditionalEdges("tick", (state) => (state.count < supersteps ? "tick" : END), ["tick", END]);
const fan = (sends) => new StateGraph(State)
  .addNode("plan", () => ({}))
  .addNode("work", () => ({ count: 1 }))
  .addEdge(START, "plan")
  .addConditionalEdges("plan", () => Array.from({ length: sends }, (_, i) => new Send("work", i)), ["work"]);

const time = async (graph) => {
  const compiled = graph.compile({ checkpointer: new MemorySaver() });
  const start = performance.now();
  await compiled.invoke({}, { configurable: { thread_id: "1" }, recursionLimit: supersteps + 10 });
  return performance.now() - start;
};
const median = async (times, graph) => {
  const all = [];
  for (let i = 0; i < times; i++) all.push(await time(graph));
  return all.sort((a, b) => a - b)[times >> 1];
};

await median(3, loop);
console.log("js supersteps_per_second", ((supersteps * 1000) / (await median(5, loop))).toFixed(1));
for (const sends of [100, 1000]) {
  console.log(`js ms_for_${sends}_sends`, (await median(3, fan(sends))).toFixed(1));
}
