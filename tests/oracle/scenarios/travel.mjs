// Back in time, edits of the past, and what durability leaves of it.
import { END, START, StateGraph } from "@langchain/langgraph";
import { State, ask, fail, line, side, visit } from "../parts.mjs";

const three = (compile) => line(["one", "two", "three"]).compile(compile);

export const travel = [
  { name: "replay_each", about: "From each of the five checkpoints of a run.", build: three, ops: [{ input: { name: "x" } }, ...[0, 1, 2, 3, 4].map((at) => ({ at, input: null }))] },
  { name: "input_at_each", about: "New input at checkpoints of the past.", build: three, ops: [{ input: { name: "x" } }, ...[1, 3, 4].map((at) => ({ at, input: { name: `at ${at}` } }))] },
  { name: "fork_as_node", about: "An edit at a past checkpoint as a node, then on from the fork.", build: three, ops: [{ input: { name: "x" } }, { at: 2, do: "update", values: { name: "fork", trail: ["edit"] }, asNode: "two" }, { input: null }] },
  { name: "fork_as_same_node", about: "An edit that stands for the node that ran last.", build: three, ops: [{ input: { name: "x" } }, { at: 2, do: "update", values: { name: "fork" } }, { input: null }] },
  { name: "fork_copy", about: "A copy of a past checkpoint.", build: three, ops: [{ input: { name: "x" } }, { at: 2, do: "update", values: null, asNode: "__copy__" }, { input: null }] },
  { name: "fork_with_goto", about: "A command at a past checkpoint.", build: (compile) => new StateGraph(State).addNode("one", visit("one")).addNode("two", visit("two")).addNode("else", visit("else")).addEdge(START, "one").addEdge("one", "two").addConditionalEdges("two", () => END, ["else", END]).compile(compile), ops: [{ input: { name: "x" } }, { at: 2, command: { goto: ["else"] } }, { command: { goto: ["else"], update: { name: "g" } } }] },
  {
    name: "goto_parts",
    about: "Commands as input: goto a node, a send, several.",
    build: (compile) => new StateGraph(State).addNode("one", visit("one")).addNode("work", (input) => ({ trail: [`work:${input.item ?? input.name}`] })).addEdge(START, "one").addConditionalEdges("one", () => END, ["work", END]).compile(compile),
    ops: [{ input: { name: "x" } }, { command: { goto: ["work"] } }, { command: { goto: [{ node: "work", input: { item: 7 } }] } }, { command: { goto: ["one", { node: "work", input: { item: 8 } }], update: { count: 1 } } }, { command: { goto: ["nobody"] } }],
  },
  {
    name: "command_at_the_end",
    about: "A thread that is at its end: commands with an update, with both, with a goto.",
    build: three,
    ops: [{ input: { name: "x" } }, { command: { update: { name: "u" } } }, { command: { update: { name: "v", count: 2 }, goto: ["two"] } }, { command: { goto: ["three"] }, interruptBefore: ["three"] }],
  },
  {
    name: "command_at_a_breakpoint",
    about: "A command with an update and a goto joins what is pending.",
    build: three,
    ops: [{ input: { name: "x" }, interruptBefore: ["two"] }, { command: { update: { name: "v" }, goto: ["three"] } }, { input: null }],
  },
  {
    name: "head_with_answer",
    about: "The newest checkpoint is named with the second of two answers.",
    build: (compile) => side([["a", ask("a", "a?")], ["b", ask("b", "b?")]], "join").compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "A" } } }, { at: 1, command: { resume: "B" } }],
  },
  {
    name: "head_at_a_breakpoint",
    about: "The newest checkpoint is named to go on from a breakpoint.",
    build: three,
    ops: [{ input: { name: "x" }, interruptBefore: ["two"] }, { at: 1, input: null, interruptBefore: ["two"] }],
  },
  {
    name: "head_at_a_breakpoint_inside",
    about: "The newest checkpoint is named to go on from a breakpoint of a graph inside.",
    build: (compile) => line(["one", ["sub", line(["two", "three"]).compile({ interruptBefore: ["three"] })], "after"]).compile(compile),
    ops: [{ input: { name: "x" } }, { at: 2, input: null }],
  },
  {
    name: "head_at_a_question",
    about: "The newest checkpoint is named without an answer, then with one.",
    build: (compile) => line(["one", ["ask", ask("ask", "sure?")], "after"]).compile(compile),
    ops: [{ input: {} }, { at: 2, input: null }, { at: 2, command: { resume: "yes" } }],
  },
  { name: "head_that_is_an_edit", about: "The newest checkpoint is an edit and is named.", build: three, ops: [{ input: { name: "x" }, interruptBefore: ["two"] }, { do: "update", values: { name: "edit" } }, { at: 2, input: null }] },
  { name: "head_at_the_end", about: "The newest checkpoint is named where nothing is pending.", build: three, ops: [{ input: { name: "x" } }, { at: 4, input: null }] },
  {
    name: "bulk",
    about: "A thread built from supersteps.",
    build: three,
    ops: [
      { do: "bulk", supersteps: [{ updates: [{ values: { name: "in" }, asNode: "__input__" }] }, { updates: [{ values: { trail: ["1"] }, asNode: "one" }] }, { updates: [{ values: { trail: ["2"] }, asNode: "two" }] }] },
      { input: null },
    ],
  },
  {
    name: "bulk_parallel",
    about: "A superstep of two updates.",
    build: (compile) => side([["a", visit("a")], ["b", visit("b")]], "join").compile(compile),
    ops: [
      { do: "bulk", supersteps: [{ updates: [{ values: { name: "in" }, asNode: "__start__" }] }, { updates: [{ values: { trail: ["B"] }, asNode: "b" }, { values: { trail: ["A"] }, asNode: "a" }] }] },
      { input: null },
      { do: "bulk", supersteps: [{ updates: [{ values: { name: "x" }, asNode: "__input__" }, { values: { name: "y" }, asNode: "a" }] }] },
      { do: "bulk", supersteps: [{ updates: [{ values: null, asNode: "__end__" }] }] },
    ],
  },
  {
    name: "replay_with_interrupt",
    about: "Back before the question, and at it.",
    build: (compile) => line(["one", ["ask", ask("ask", "sure?")], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "first" } }, { at: 1, input: null }, { command: { resume: "second" } }, { at: 2, input: null }, { at: 2, command: { resume: "third" } }],
  },
  {
    name: "replay_with_send",
    about: "Back to a checkpoint with sends.",
    build: (compile) => line([["plan", visit("plan")], ["work", (state) => ({ trail: [`work:${state.name}`] })]]).compile(compile),
    ops: [{ input: { name: "x" } }, { at: 1, input: null, interruptBefore: ["work"] }, { input: null }],
  },
  { name: "replay_with_breakpoint", about: "Back, with a breakpoint on the way.", build: three, ops: [{ input: { name: "x" } }, { at: 1, input: null, interruptBefore: ["three"] }, { input: null }] },
  { name: "durability_exit", about: "Only the end is kept.", build: three, ops: [{ input: { name: "x" }, durability: "exit" }, { input: { name: "y" }, durability: "exit" }] },
  { name: "durability_sync", about: "Every checkpoint is kept.", build: three, ops: [{ input: { name: "x" }, durability: "sync" }] },
  { name: "durability_exit_asks", about: "Only the pause is kept.", build: (compile) => line(["one", ["ask", ask("ask", "sure?")], "after"]).compile(compile), ops: [{ input: {}, durability: "exit" }, { command: { resume: "yes" }, durability: "exit" }] },
  { name: "durability_exit_breakpoint", about: "Paused by a breakpoint.", build: three, ops: [{ input: {}, durability: "exit", interruptBefore: ["two"] }, { input: null, durability: "exit" }] },
  {
    name: "durability_exit_fails",
    about: "A node fails.",
    build: (compile) => {
      let tries = 0;
      return line(["one", ["bad", () => { tries += 1; return tries === 1 ? fail("no luck") : { trail: ["bad"] }; }]]).compile(compile);
    },
    ops: [{ input: {}, durability: "exit" }, { input: null, durability: "exit" }],
  },
  { name: "durability_exit_subgraph", about: "With a subgraph.", build: (compile) => line(["one", ["sub", line(["two", "three"]).compile()]]).compile(compile), ops: [{ input: {}, durability: "exit" }] },
  { name: "durability_exit_subgraph_asks", about: "With a subgraph that asks.", build: (compile) => line(["one", ["sub", line(["two", ["ask", ask("ask", "sure?")]]).compile()], "after"]).compile(compile), ops: [{ input: {}, durability: "exit" }, { command: { resume: "yes" }, durability: "exit" }] },
];
