// The graphs and what is done with them. OracleGraphs.cs builds the same graphs under the same names; what is done with
// them is recorded, and replayed from the recording.
import { AIMessage, HumanMessage, RemoveMessage, ToolMessage } from "@langchain/core/messages";
import { Annotation, Command, END, Send, START, StateGraph, interrupt, messagesStateReducer } from "@langchain/langgraph";

// `name` holds what was written last, `count` adds up, `trail` collects, `messages` are messages.
const State = Annotation.Root({
  name: Annotation(),
  count: Annotation({ reducer: (sum, more) => sum + more, default: () => 0 }),
  trail: Annotation({ reducer: (list, more) => list.concat(more), default: () => [] }),
});
const Chat = Annotation.Root({ messages: Annotation({ reducer: messagesStateReducer, default: () => [] }) });

const visit = (name) => () => ({ trail: [name] });
const failed = new Set();
const ask = (name, ...questions) => () => {
  const answers = questions.map((question) => interrupt(question));
  return { trail: [`${name}:${answers.join(",")}`] };
};

const line = (...names) => {
  const graph = new StateGraph(State);
  names.forEach((name) => graph.addNode(name, visit(name)));
  [START, ...names].forEach((name, i) => graph.addEdge(name, [...names, END][i]));
  return graph;
};

const fan = () => new StateGraph(State)
  .addNode("zeta", visit("zeta"))
  .addNode("alpha", visit("alpha"))
  .addNode("mid", visit("mid"))
  .addNode("last", visit("last"))
  .addEdge(START, "zeta").addEdge(START, "alpha").addEdge(START, "mid")
  .addEdge(["zeta", "alpha", "mid"], "last")
  .addEdge("last", END);

const loop = () => new StateGraph(State)
  .addNode("tick", () => ({ count: 1 }))
  .addEdge(START, "tick")
  .addConditionalEdges("tick", (state) => (state.count < 3 ? "tick" : END), ["tick", END]);

const work = (input) => ({ trail: [`work:${input.item}`] });

// `from`, or the node behind it, sends to `work` and, if there is one, to the node beside it; `join` is behind both.
const sending = (from, planner, beside) => {
  const graph = new StateGraph(State).addNode("work", work).addNode("join", visit("join")).addEdge("work", "join");
  if (planner) {
    graph.addNode(planner, visit(planner)).addEdge(from, planner);
  }
  if (beside) {
    graph.addNode(beside, visit(beside)).addEdge(beside, "join");
  }
  const targets = [new Send("work", { item: 1 }), ...(beside ? [beside] : [])];
  return graph.addConditionalEdges(planner ?? from, () => targets, ["work", ...(beside ? [beside] : [])]);
};

export const scenarios = [
  {
    name: "sequence",
    build: () => line("first", "second", "third"),
    ops: [{ input: { name: "a", unknown: 1 } }, { input: { count: 2 } }, { input: {} }, { input: null }],
  },
  {
    name: "input_without_channels",
    build: () => line("first", "second"),
    ops: [{ input: { unknown: 1 } }, { input: { unknown: 2 } }],
  },
  {
    name: "resume_when_nothing_waits",
    build: () => line("first", "second"),
    ops: [{ input: { name: "a" } }, { command: { resume: "x" } }, { input: {}, interruptBefore: ["second"] }, { command: { resume: "y" } }],
  },
  { name: "parallel", build: fan, ops: [{ input: { name: "p" } }, { input: { name: "q" } }] },
  {
    name: "edges_meet",
    build: () => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", visit("b")).addNode("b2", visit("b2")).addNode("c", visit("c")).addNode("d", visit("d"))
      .addEdge(START, "a").addEdge("a", "b").addEdge("a", "c").addEdge("b", "b2")
      .addEdge(["b2", "c"], "d").addEdge("c", "d"),
    ops: [{ input: { name: "x" } }],
  },
  { name: "conditional_loop", build: loop, ops: [{ input: {} }] },
  {
    name: "conditional_several",
    build: () => new StateGraph(State)
      .addNode("pick", () => ({ name: "picked", trail: ["pick"] })).addNode("y", visit("y")).addNode("x", visit("x"))
      .addEdge(START, "pick")
      .addConditionalEdges("pick", (state) => (state.name === "picked" ? ["y", "x"] : END), ["x", "y", END]),
    ops: [{ input: { name: "in" } }],
  },
  {
    name: "send_map_reduce",
    build: () => new StateGraph(State)
      .addNode("plan", () => ({ name: "planned" }))
      .addNode("work", (input) => ({ trail: [`work:${input.item}`], count: 1 }))
      .addNode("other", visit("other"))
      .addNode("gather", (state) => ({ name: state.trail.join("+") }))
      .addEdge(START, "plan")
      .addConditionalEdges("plan", () => [new Send("work", { item: 3 }), "other", new Send("work", { item: 1 }), new Send("work", { item: 2 })], ["work", "other"])
      .addEdge("work", "gather").addEdge("other", "gather"),
    ops: [{ input: {} }],
  },
  {
    name: "command_from_node",
    build: () => new StateGraph(State)
      .addNode("route", (state) => new Command({
        update: { trail: ["route"], count: 1 },
        goto: state.count === 0 ? ["left", new Send("right", { item: "own" })] : END,
      }), { ends: ["left", "right", END] })
      .addNode("left", visit("left"))
      .addNode("right", (input) => ({ trail: [`right:${input.item}`] }))
      .addEdge(START, "route"),
    ops: [{ input: {} }, { input: { name: "again" } }],
  },
  {
    name: "writes_of_nothing",
    build: () => new StateGraph(State)
      .addNode("nothing", () => null).addNode("empty", () => ({})).addNode("unknown", () => ({ other: 1 })).addNode("mixed", () => ({ name: "m", other: 1 }))
      .addNode("nil", () => ({ name: null }))
      .addEdge(START, "nothing").addEdge("nothing", "empty").addEdge("empty", "unknown").addEdge("unknown", "mixed").addEdge("mixed", "nil"),
    ops: [{ input: { name: "n" } }],
  },
  {
    name: "custom_stream",
    build: () => new StateGraph(State)
      .addNode("talk", (_, config) => { config.writer({ at: 1 }); config.writer("two"); return { name: "t" }; })
      .addEdge(START, "talk"),
    ops: [{ input: {} }],
  },
  {
    name: "interrupt_and_resume",
    build: () => new StateGraph(State)
      .addNode("before", visit("before")).addNode("ask", ask("ask", { q: "ok?" })).addNode("after", visit("after"))
      .addEdge(START, "before").addEdge("before", "ask").addEdge("ask", "after"),
    ops: [{ input: {} }, { command: { resume: "yes" } }, { command: { resume: "nobody asked" } }],
  },
  {
    name: "interrupt_twice_in_a_node",
    build: () => new StateGraph(State).addNode("ask", ask("ask", "one?", "two?")).addEdge(START, "ask"),
    ops: [{ input: {} }, { command: { resume: 1 } }, { command: { resume: 2 } }],
  },
  {
    name: "interrupt_in_parallel",
    build: () => new StateGraph(State)
      .addNode("p", ask("p", "p?")).addNode("q", ask("q", "q?")).addNode("plain", visit("plain")).addNode("join", visit("join"))
      .addEdge(START, "p").addEdge(START, "q").addEdge(START, "plain").addEdge(["p", "q", "plain"], "join"),
    ops: [{ input: {} }, { command: { resumeByIndex: { 1: "Q" } } }, { command: { resumeByIndex: { 0: "P" } } }],
  },
  {
    name: "interrupt_continue_and_abandon",
    build: () => new StateGraph(State)
      .addNode("ask", ask("ask", "sure?")).addNode("after", visit("after")).addEdge(START, "ask").addEdge("ask", "after"),
    ops: [{ input: {} }, { input: null }, { input: { name: "new" } }, { command: { resume: "y" } }],
  },
  {
    name: "command_combined",
    build: () => new StateGraph(State)
      .addNode("ask", ask("ask", "sure?")).addNode("after", visit("after")).addNode("extra", visit("extra"))
      .addEdge(START, "ask").addEdge("ask", "after").addConditionalEdges("after", () => END, ["extra", END]),
    ops: [{ input: {} }, { command: { resume: "y", update: { name: "u", count: 2 }, goto: ["extra"] } }],
  },
  {
    name: "command_as_input",
    build: () => line("first", "second"),
    ops: [
      { command: { update: { name: "u" }, goto: ["second"] } },
      { command: { goto: ["second"] } },
      { command: { update: { count: 4 } } },
    ],
  },
  {
    name: "command_update_only_on_fresh_thread",
    build: () => line("first", "second"),
    ops: [{ command: { update: { name: "u" } } }],
  },
  { name: "command_resume_on_fresh_thread", build: () => line("first"), ops: [{ command: { resume: "x" } }] },
  { name: "continue_on_fresh_thread", build: () => line("first"), ops: [{ input: null }] },
  {
    name: "command_goto_with_pending_sends",
    build: () => new StateGraph(State)
      .addNode("plan", visit("plan")).addNode("work", (input) => ({ trail: [`work:${input.item}`] })).addNode("third", visit("third"))
      .addEdge(START, "plan")
      .addConditionalEdges("plan", () => [new Send("work", { item: 1 }), new Send("work", { item: 2 })], ["work"])
      .addConditionalEdges("work", () => END, ["third", END]),
    ops: [{ input: {}, interruptAfter: ["plan"] }, { command: { goto: ["third"] } }],
  },
  {
    name: "breakpoint_before",
    build: () => line("first", "second", "third"),
    ops: [{ input: {}, interruptBefore: ["second"] }, { input: null, interruptBefore: ["second"] }],
  },
  {
    name: "breakpoint_after",
    build: () => line("first", "second", "third"),
    ops: [{ input: {}, interruptAfter: ["first", "third"] }, { input: null, interruptAfter: ["first", "third"] }],
  },
  {
    name: "breakpoint_everywhere",
    build: () => line("first", "second"),
    ops: [1, 2, 3].map((n) => ({ input: n === 1 ? {} : null, interruptBefore: "*" })),
  },
  {
    name: "breakpoint_of_graph",
    build: () => line("first", "second", "third"),
    compile: { interruptBefore: ["second"], interruptAfter: ["second"] },
    ops: [{ input: {} }, { input: null }, { input: null }, { input: { name: "again" } }],
  },
  {
    name: "breakpoint_in_loop",
    build: loop,
    ops: [{ input: {}, interruptBefore: ["tick"] }, { input: null, interruptBefore: ["tick"] }, { input: null, interruptAfter: ["tick"] }, { input: null }],
  },
  {
    name: "update_at_breakpoint",
    build: () => line("first", "second", "third"),
    ops: [
      { input: {}, interruptBefore: ["third"] },
      { do: "update", values: { name: "edit", trail: ["edit"], unknown: 1 } },
      { do: "update", values: { name: "as first" }, asNode: "first" },
      { input: null },
      { do: "update", values: null },
      { do: "update", values: { name: "x" }, asNode: "nobody" },
    ],
  },
  {
    name: "update_as_end_and_copy",
    build: () => line("first", "second", "third"),
    ops: [
      { input: {}, interruptBefore: ["second"] },
      { do: "update", values: null, asNode: "__copy__" },
      { do: "update", values: null, asNode: "__end__" },
      { input: null },
    ],
  },
  {
    name: "update_as_input",
    build: () => line("first", "second"),
    ops: [{ do: "update", values: { name: "in" }, asNode: "__input__" }, { input: null }],
  },
  {
    name: "update_of_fresh_thread",
    build: () => line("first", "second"),
    ops: [{ do: "update", values: { name: "fresh" } }, { input: null }],
  },
  {
    name: "update_of_fresh_thread_as_node",
    build: () => line("first", "second"),
    ops: [{ do: "update", values: { name: "fresh" }, asNode: "first" }, { input: null }],
  },
  {
    name: "update_ambiguous",
    build: fan,
    ops: [{ input: {}, interruptBefore: ["last"] }, { do: "update", values: { name: "who" } }, { do: "update", values: { name: "zeta" }, asNode: "zeta" }, { input: null }],
  },
  {
    name: "update_after_sends",
    build: () => sending(START, "plan"),
    ops: [
      { input: {}, interruptAfter: ["work"] },
      { do: "update", values: { trail: ["first"] } },
      { do: "update", values: { trail: ["second"] } },
      { input: null },
      { do: "update", values: { trail: ["at the end"] } },
    ],
  },
  {
    name: "update_before_sends",
    build: () => sending(START, "plan"),
    ops: [{ input: {}, interruptBefore: ["work"] }, { do: "update", values: { trail: ["edit"] } }, { input: null }],
  },
  {
    name: "update_after_sends_of_start",
    build: () => sending(START),
    ops: [
      { input: {}, interruptAfter: ["work"] },
      { do: "update", values: { trail: ["edit"] } },
      { input: null },
      { input: {}, interruptBefore: ["work"] },
      { do: "update", values: { trail: ["again"] } },
      { input: null },
    ],
  },
  {
    name: "update_after_sends_beside_node",
    build: () => sending(START, "plan", "beside"),
    ops: [{ input: {}, interruptAfter: ["work"] }, { do: "update", values: { trail: ["edit"] } }, { input: null }],
  },
  {
    name: "update_after_sends_of_several",
    build: () => sending(START, "plan").addNode("other", visit("other")).addEdge(START, "other"),
    ops: [{ input: {}, interruptAfter: ["work"] }, { do: "update", values: { trail: ["edit"] } }, { input: null }],
  },
  {
    name: "update_after_update_as_node",
    build: () => line("first", "second", "third"),
    ops: [
      { input: {}, interruptBefore: ["third"] },
      { do: "update", values: { trail: ["as first"] }, asNode: "first" },
      { do: "update", values: { trail: ["edit"] } },
      { input: null },
      { do: "update", values: { trail: ["as first"] }, asNode: "first" },
      { do: "update", values: { trail: ["at the end"] } },
    ],
  },
  {
    name: "update_of_fresh_thread_after_update_as_node",
    build: () => line("first", "second"),
    ops: [
      { do: "update", values: { trail: ["as first"] }, asNode: "first" },
      { do: "update", values: { trail: ["edit"] } },
      { input: null },
    ],
  },
  {
    name: "update_after_new_input",
    build: () => line("first", "second"),
    ops: [{ input: {} }, { input: {}, interruptBefore: ["first"] }, { do: "update", values: { trail: ["edit"] } }, { input: null }],
  },
  {
    name: "update_after_end",
    build: () => sending(START, "plan", "beside"),
    ops: [
      { input: {}, interruptBefore: ["work"] },
      { do: "update", values: null, asNode: "__end__" },
      { do: "update", values: { trail: ["edit"] } },
      { input: null },
    ],
  },
  {
    name: "update_beside_finished_sibling",
    build: () => new StateGraph(State)
      .addNode("p", ask("p", "p?")).addNode("plain", visit("plain")).addNode("then", visit("then")).addNode("behind", visit("behind"))
      .addEdge(START, "p").addEdge(START, "plain").addEdge("plain", "then").addEdge("p", "behind"),
    ops: [{ input: {} }, { do: "update", values: { trail: ["edit"] } }, { input: null }],
  },
  {
    name: "update_beside_finished_send",
    build: () => new StateGraph(State)
      .addNode("plan", visit("plan")).addNode("p", ask("p", "p?")).addNode("work", work).addNode("join", visit("join"))
      .addEdge(START, "plan").addConditionalEdges("plan", () => [new Send("p", {}), new Send("work", { item: 2 })], ["p", "work"])
      .addEdge("work", "join").addEdge("p", "join"),
    ops: [{ input: {} }, { do: "update", values: { trail: ["edit"] } }],
  },
  {
    name: "update_of_interrupted_node",
    build: () => new StateGraph(State)
      .addNode("ask", ask("ask", "sure?")).addNode("after", visit("after")).addEdge(START, "ask").addEdge("ask", "after"),
    ops: [{ input: {} }, { do: "update", values: { trail: ["instead"] }, asNode: "ask" }, { input: null }],
  },
  {
    name: "update_with_finished_sibling",
    build: () => new StateGraph(State)
      .addNode("p", ask("p", "p?")).addNode("plain", visit("plain")).addNode("then", visit("then"))
      .addEdge(START, "p").addEdge(START, "plain").addEdge("plain", "then"),
    ops: [{ input: {} }, { do: "update", values: { trail: ["p by hand"] }, asNode: "p" }, { input: null }],
  },
  {
    name: "update_as_end_with_finished_sibling",
    build: () => new StateGraph(State)
      .addNode("p", ask("p", "p?")).addNode("plain", visit("plain")).addNode("then", visit("then"))
      .addEdge(START, "p").addEdge(START, "plain").addEdge("plain", "then"),
    ops: [{ input: {} }, { do: "update", values: null, asNode: "__end__" }, { input: null }],
  },
  {
    name: "fork_with_input",
    build: () => line("first", "second"),
    ops: [{ input: { name: "main" } }, { at: 1, input: { name: "branch" } }],
  },
  {
    name: "fork_and_continue",
    build: () => line("first", "second", "third"),
    ops: [{ input: { name: "main" } }, { at: 2, input: null }, { at: 1, do: "update", values: { name: "edited" } }, { at: 0, input: null }],
  },
  {
    name: "fork_at_interrupt",
    build: () => new StateGraph(State)
      .addNode("ask", ask("ask", "sure?")).addNode("after", visit("after")).addEdge(START, "ask").addEdge("ask", "after"),
    ops: [{ input: {} }, { command: { resume: "one" } }, { at: 2, input: null }, { command: { resume: "two" } }],
  },
  {
    name: "fork_at_interrupt_with_another_answer",
    build: () => new StateGraph(State)
      .addNode("ask", ask("ask", "sure?")).addNode("after", visit("after")).addEdge(START, "ask").addEdge("ask", "after"),
    ops: [{ input: {} }, { command: { resume: "one" } }, { at: 2, command: { resume: "two" } }],
  },
  {
    name: "messages",
    build: () => new StateGraph(Chat)
      .addNode("say", () => ({ messages: [new AIMessage({ id: "a1", content: "hello" }), new HumanMessage({ id: "h1", content: "changed" })] }))
      .addNode("tool", () => ({ messages: new ToolMessage({ id: "t1", content: "42", tool_call_id: "c1" }) }))
      .addNode("drop", () => ({ messages: [new RemoveMessage({ id: "h1" })] }))
      .addEdge(START, "say").addEdge("say", "tool").addEdge("tool", "drop"),
    ops: [
      { input: { messages: [{ role: "user", content: "hi", id: "h1" }, { type: "system", content: "be brief", id: "s1" }] } },
      { input: { messages: [{ role: "user", content: "x", id: "h2" }, { role: "remove", content: "", id: "__remove_all__" }, { role: "user", content: "hi again", id: "h1" }] } },
      { input: { messages: [{ role: "user", content: "twice", id: "h1" }, { role: "user", content: "last wins", id: "h1" }] } },
    ],
  },
  {
    name: "recursion_limit_of_one",
    build: () => line("first"),
    ops: [{ input: {}, recursionLimit: 1 }, { input: {}, recursionLimit: 2 }],
  },
  {
    name: "recursion_limit_of_two",
    build: () => line("first", "second"),
    ops: [{ input: {}, recursionLimit: 1 }, { input: null, recursionLimit: 1 }, { input: {}, recursionLimit: 2 }, { input: {}, recursionLimit: 3 }],
  },
  { name: "recursion_limit_in_loop", build: loop, ops: [{ input: {}, recursionLimit: 2 }, { input: null, recursionLimit: 2 }] },
  {
    name: "failing_sibling",
    build: () => {
      failed.clear();
      return new StateGraph(State)
        .addNode("good", visit("good"))
        .addNode("bad", async () => {
          await new Promise((resolve) => { setTimeout(resolve, 50); });
          if (!failed.has("bad")) {
            failed.add("bad");
            throw new Error("no luck");
          }
          return { trail: ["bad"] };
        })
        .addNode("join", visit("join"))
        .addEdge(START, "good").addEdge(START, "bad").addEdge(["good", "bad"], "join");
    },
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "two_writes_to_last_value",
    build: () => new StateGraph(State)
      .addNode("p", () => ({ name: "p" })).addNode("q", () => ({ name: "q" }))
      .addEdge(START, "p").addEdge(START, "q"),
    ops: [{ input: {} }],
  },
];
