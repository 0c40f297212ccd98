// Kinds of channels, and writes that replace.
import { AIMessage, HumanMessage, RemoveMessage } from "@langchain/core/messages";
import { Annotation, Overwrite, REMOVE_ALL_MESSAGES, START, Send, StateGraph } from "@langchain/langgraph";
import { AnyValue, EphemeralValue, Topic, UntrackedValueChannel } from "@langchain/langgraph/channels";
import { Chat, State, line, visit } from "../parts.mjs";

// Three nodes; each notes what it sees in the channel before it writes.
const passing = (channel, ...writes) => line(
  writes.map((write, i) => [`n${i + 1}`, (state) => ({ trail: [`n${i + 1} sees ${JSON.stringify(state.box ?? null)}`], ...(write !== undefined && { box: write }) })]),
  Annotation.Root({ ...State.spec, box: channel }),
);

const parallel = (channel, ...writes) => {
  const graph = new StateGraph(Annotation.Root({ ...State.spec, box: channel }));
  writes.forEach((write, i) => graph.addNode(`n${i + 1}`, () => ({ box: write })).addEdge(START, `n${i + 1}`));
  return graph.addNode("after", (state) => ({ trail: [`sees ${JSON.stringify(state.box ?? null)}`] })).addEdge(writes.map((_, i) => `n${i + 1}`), "after");
};

export const channels = [
  { name: "topic", about: "A topic that forgets: a superstep's writes are there for the next.", build: (compile) => passing(() => new Topic(), ["a"], ["b", "c"], undefined, undefined).compile(compile), ops: [{ input: { box: ["in"] } }, { input: {} }] },
  { name: "topic_accumulating", about: "A topic that keeps.", build: (compile) => passing(() => new Topic({ accumulate: true }), ["a"], ["b"], undefined).compile(compile), ops: [{ input: {} }, { input: { box: ["in"] } }] },
  { name: "topic_unique", about: "A topic that keeps each value once.", build: (compile) => passing(() => new Topic({ accumulate: true, unique: true }), ["a"], ["a", "b"], undefined).compile(compile), ops: [{ input: {} }] },
  { name: "topic_in_parallel", about: "Two nodes write a topic.", build: (compile) => parallel(() => new Topic(), ["a"], ["b"]).compile(compile), ops: [{ input: {} }] },
  { name: "ephemeral", about: "A value of one superstep.", build: (compile) => passing(() => new EphemeralValue(), "a", undefined, "c").compile(compile), ops: [{ input: { box: "in" } }, { input: {} }] },
  { name: "ephemeral_in_parallel", about: "Two writes to an ephemeral value.", build: (compile) => parallel(() => new EphemeralValue(), "a", "b").compile(compile), ops: [{ input: {} }] },
  { name: "ephemeral_unguarded", about: "Two writes to one that takes several.", build: (compile) => parallel(() => new EphemeralValue(false), "a", "b").compile(compile), ops: [{ input: {} }] },
  { name: "any_value", about: "Any of several equal writes, forgotten when a superstep does not write it.", build: (compile) => passing(() => new AnyValue(), "a", undefined, "c").compile(compile), ops: [{ input: { box: "in" } }] },
  { name: "any_value_in_parallel", about: "Two writes of one superstep.", build: (compile) => parallel(() => new AnyValue(), "a", "b").compile(compile), ops: [{ input: {} }] },
  { name: "untracked", about: "A value that is not kept in checkpoints: gone after a pause and in the next run.", build: (compile) => passing(() => new UntrackedValueChannel(), "a", undefined, undefined).compile(compile), ops: [{ input: { box: "in" } }, { input: {}, interruptBefore: ["n2"] }, { input: null }] },
  { name: "untracked_in_parallel", about: "Two writes to an untracked value.", build: (compile) => parallel(() => new UntrackedValueChannel(), "a", "b").compile(compile), ops: [{ input: {} }] },
  {
    name: "overwrite",
    about: "A write that replaces what a reducer holds.",
    build: (compile) => line(["one", ["replace", () => ({ trail: new Overwrite(["new"]), count: 5 })], "three"]).compile(compile),
    ops: [{ input: { count: 1 } }, { do: "update", values: { trail: { __overwrite__: ["edited"] } } }, { do: "update", values: { count: { type: "__overwrite__", value: 9 } } }],
  },
  { name: "overwrite_by_input", about: "Input that replaces.", build: (compile) => line(["one"]).compile(compile), ops: [{ input: { count: 1 } }, { input: { trail: { __overwrite__: ["in"] } } }] },
  {
    name: "overwrite_in_parallel",
    about: "One replaces, its siblings before and after add.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", () => ({ trail: new Overwrite(["b"]) })).addNode("c", visit("c"))
      .addEdge(START, "a").addEdge(START, "b").addEdge(START, "c").compile(compile),
    ops: [{ input: { trail: ["in"] } }],
  },
  {
    name: "overwrite_twice",
    about: "Two replace in one superstep.",
    build: (compile) => new StateGraph(State)
      .addNode("a", () => ({ trail: new Overwrite(["a"]) })).addNode("b", () => ({ trail: new Overwrite(["b"]) }))
      .addEdge(START, "a").addEdge(START, "b").compile(compile),
    ops: [{ input: { trail: ["in"] } }],
  },
  {
    name: "messages_removed",
    about: "Messages replaced, removed, all removed, and one removed that is not there.",
    build: (compile) => line([
      ["replace", () => ({ messages: [new AIMessage({ id: "h1", content: "replaced" }), new AIMessage({ id: "a1", content: "new" })] })],
      ["remove", () => ({ messages: [new RemoveMessage({ id: "h1" })] })],
      ["clear", () => ({ messages: [new HumanMessage({ id: "lost", content: "lost" }), new RemoveMessage({ id: REMOVE_ALL_MESSAGES }), new HumanMessage({ id: "kept", content: "kept" })] })],
      ["unknown", () => ({ messages: [new RemoveMessage({ id: "nobody" })] })],
    ], Chat).compile(compile),
    ops: [{ input: { messages: [{ role: "user", content: "hi", id: "h1" }] } }],
  },
  { name: "messages_as_objects", about: "A node returns plain objects for messages.", build: (compile) => line([["say", () => ({ messages: [{ role: "assistant", content: "hello", id: "a1" }] })]], Chat).compile(compile), ops: [{ input: { messages: [{ role: "user", content: "hi", id: "h1" }] } }] },
  {
    name: "messages_edited",
    about: "State updates of messages.",
    build: (compile) => line([["say", () => ({ messages: [new AIMessage({ id: "a1", content: "hello" })] })]], Chat).compile(compile),
    ops: [
      { input: { messages: [{ role: "user", content: "hi", id: "h1" }] } },
      { do: "update", values: { messages: [{ type: "ai", content: "edited", id: "a1" }] } },
      { do: "update", values: { messages: [{ type: "remove", id: "h1" }] } },
      { do: "update", values: { messages: { __overwrite__: [{ type: "human", content: "only", id: "o1" }] } } },
      { do: "update", values: { messages: [{ type: "remove", id: "nobody" }] } },
    ],
  },
  {
    name: "reducer_fails",
    about: "A reducer throws.",
    build: (compile) => line(["one", ["two", () => ({ odd: 1 })]], Annotation.Root({ ...State.spec, odd: Annotation({ reducer: () => { throw new Error("cannot add"); }, default: () => 0 }) })).compile(compile),
    ops: [{ input: {} }, { do: "update", values: { odd: 1 }, asNode: "one" }],
  },
  {
    name: "sends_and_last_value",
    about: "Three sends write one last value.",
    build: (compile) => new StateGraph(State).addNode("work", (input) => ({ name: `${input.item}` }))
      .addConditionalEdges(START, () => [1, 2].map((item) => new Send("work", { item })), ["work"]).compile(compile),
    ops: [{ input: {} }],
  },
];
