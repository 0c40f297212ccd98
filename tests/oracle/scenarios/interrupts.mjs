// A person in the loop.
import { Command, END, START, Send, StateGraph, interrupt } from "@langchain/langgraph";
import { State, ask, line, side, visit } from "../parts.mjs";

export const interrupts = [
  { name: "before_every_node", about: "A breakpoint before each node, asked for by the run.", build: (compile) => line(["one", "two"]).compile(compile), ops: [{ input: {}, interruptBefore: "*" }, { input: null, interruptBefore: "*" }, { input: null, interruptBefore: "*" }] },
  { name: "after_every_node", about: "A breakpoint after each.", build: (compile) => line(["one", "two"]).compile(compile), ops: [{ input: {}, interruptAfter: "*" }, { input: null, interruptAfter: "*" }, { input: null, interruptAfter: "*" }] },
  { name: "after_list", about: "After two of three.", build: (compile) => line(["one", "two", "three"]).compile(compile), ops: [{ input: {}, interruptAfter: ["one", "three"] }, { input: null, interruptAfter: ["one", "three"] }] },
  {
    name: "before_one_of_parallel",
    about: "A breakpoint before one of two nodes that would run together.",
    build: (compile) => side([["a", visit("a")], ["b", visit("b")]], "join").compile(compile),
    ops: [{ input: {}, interruptBefore: ["b"] }, { input: null, interruptBefore: ["b"] }],
  },
  {
    name: "three_pending",
    about: "Three questions, answered one, then two.",
    build: (compile) => side([["a", ask("a", "a?")], ["b", ask("b", "b?")], ["c", ask("c", "c?")]], "join").compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 2: "C" } } }, { command: { resumeByIndex: { 0: "A", 1: "B" } } }],
  },
  {
    name: "several_pending_one_value",
    about: "A plain answer while two questions wait.",
    build: (compile) => side([["a", ask("a", "a?")], ["b", ask("b", "b?")]], "join").compile(compile),
    ops: [{ input: {} }, { command: { resume: "who?" } }, { command: { resume: "again" } }],
  },
  {
    name: "answered_by_list",
    about: "Two questions of one node; the map gives both their shared id one answer, then another.",
    build: (compile) => line([["ask", ask("ask", "one?", "two?")]]).compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "first" } } }, { command: { resumeByIndex: { 0: "second" } } }],
  },
  { name: "false_and_null_answers", about: "Answers that are nothing.", build: (compile) => line([["ask", ask("ask", "one?", "two?", "three?")]]).compile(compile), ops: [{ input: {} }, { command: { resume: false } }, { command: { resume: null } }, { command: { resume: 0 } }] },
  {
    name: "sends_ask",
    about: "Two sends to one node that asks.",
    build: (compile) => new StateGraph(State)
      .addNode("work", (input) => ({ trail: [`${input.item}:${interrupt(`${input.item}?`)}`] })).addNode("gather", visit("gather"))
      .addConditionalEdges(START, () => [1, 2].map((item) => new Send("work", { item })), ["work"]).addEdge("work", "gather").compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 1: "B" } } }, { command: { resumeByIndex: { 0: "A" } } }],
  },
  {
    name: "ask_in_loop",
    about: "One node asks at each visit.",
    build: (compile) => new StateGraph(State)
      .addNode("ask", () => ({ trail: [interrupt("more?")], count: 1 }))
      .addEdge(START, "ask").addConditionalEdges("ask", (state) => (state.count < 2 ? "ask" : END), ["ask", END]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "a" } }, { command: { resume: "b" } }],
  },
  {
    name: "ask_then_route",
    about: "The answer decides where to go.",
    build: (compile) => new StateGraph(State)
      .addNode("ask", () => new Command({ goto: interrupt("where?") }), { ends: ["left", "right"] })
      .addNode("left", visit("left")).addNode("right", visit("right")).addEdge(START, "ask").compile(compile),
    ops: [{ input: {} }, { command: { resume: "right" } }],
  },
  { name: "resume_with_update", about: "An answer with an update.", build: (compile) => line([["ask", (state) => ({ trail: [`${state.name}:${interrupt("sure?")}`] })], "after"]).compile(compile), ops: [{ input: { name: "x" } }, { command: { resume: "yes", update: { name: "y", trail: ["u"] } } }] },
  { name: "unknown_id", about: "An answer for an interrupt that is not there.", build: (compile) => line([["ask", ask("ask", "sure?")]]).compile(compile), ops: [{ input: {} }, { command: { resumeUnknown: "x" } }, { command: { resume: "y" } }] },
  {
    name: "abandoned",
    about: "New input while a question waits.",
    build: (compile) => line(["one", ["ask", ask("ask", "sure?")]]).compile(compile),
    ops: [{ input: { name: "a" } }, { input: { name: "b" } }, { command: { resume: "yes" } }],
  },
];
