// What meets: subgraphs, questions, failures, sends, edits and breakpoints together.
import { Annotation, Command, END, START, Send, StateGraph, entrypoint, interrupt, task } from "@langchain/langgraph";
import { Chat, State, ask, fail, line, say, side, visit } from "../parts.mjs";

const asking = (question = "sure?") => line(["inside", ["ask", ask("ask", question)]]).compile();
const Item = Annotation.Root({ item: Annotation(), trail: State.spec.trail });
const retry = { initialInterval: 1, jitter: false, logWarning: false, maxAttempts: 2 };
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const once = (done) => {
  let tries = 0;
  return async () => {
    tries += 1;
    await sleep(20);
    return tries === 1 ? fail("no luck") : { trail: [done] };
  };
};

export const mixed = [
  {
    name: "subgraph_asks_in_loop",
    about: "A subgraph is visited twice and asks each time.",
    build: (compile) => new StateGraph(State)
      .addNode("sub", line([["ask", () => ({ name: interrupt("more?"), count: 1 })]], Annotation.Root({ name: Annotation(), count: Annotation() })).compile())
      .addEdge(START, "sub").addConditionalEdges("sub", (state) => (state.count < 2 ? "sub" : END), ["sub", END]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "a" } }, { command: { resume: "b" } }],
  },
  {
    name: "subgraph_sends_and_asks",
    about: "Inside a subgraph two sends ask; answered one after the other.",
    build: (compile) => {
      const sub = new StateGraph(State).addNode("work", (input) => ({ trail: [`${input.item}:${interrupt(`${input.item}?`)}`] }))
        .addConditionalEdges(START, () => [1, 2].map((item) => new Send("work", { item })), ["work"]).compile();
      return line([["sub", sub], "after"]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resumeByIndex: { 1: "B" } } }, { command: { resumeByIndex: { 0: "A" } } }],
  },
  {
    name: "subgraph_fails_beside_asking",
    about: "One subgraph asks, its sibling fails once.",
    build: (compile) => side([["left", asking("left?")], ["right", line(["one", ["bad", once("bad")]]).compile()]], "join").compile(compile),
    ops: [{ input: {} }, { input: null }, { command: { resume: "L" } }],
  },
  {
    name: "send_to_subgraph_fails",
    about: "Of three sends to a subgraph one fails once.",
    build: (compile) => {
      let tries = 0;
      const sub = line([["work", async (state) => {
        await sleep(state.item === 2 ? 30 : 1);
        tries += state.item === 2 ? 1 : 0;
        return state.item === 2 && tries === 1 ? fail("no luck") : { trail: [`work:${state.item}`] };
      }]], Item).compile();
      return new StateGraph(State).addNode("sub", sub)
        .addConditionalEdges(START, () => [1, 2, 3].map((item) => new Send("sub", { item })), ["sub"]).compile(compile);
    },
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "asks_at_two_depths",
    about: "A node of a subgraph and one of the subgraph in it ask together.",
    build: (compile) => line([["outer", side([["mid", ask("mid", "mid?")], ["inner", line([["ask", ask("ask", "inner?")]]).compile()]]).compile()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "first" } } }, { command: { resumeByIndex: { 0: "second" } } }],
  },
  {
    name: "breakpoint_after_inside",
    about: "A breakpoint after a node of a subgraph.",
    build: (compile) => line([["sub", line(["one", "two"]).compile({ interruptAfter: ["one"] })], "after"]).compile(compile),
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "breakpoints_inside_and_outside",
    about: "Before the subgraph, inside of it, and behind it.",
    build: (compile) => line([["sub", line(["one", "two"]).compile({ interruptBefore: ["two"] })], "after"]).compile({ ...compile, interruptBefore: ["sub", "after"] }),
    ops: [{ input: {} }, { input: null }, { input: null }, { input: null }],
  },
  {
    name: "update_with_answer_for_subgraph",
    about: "An answer with an update while a subgraph asks.",
    build: (compile) => line([["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes", update: { name: "u" } } }],
  },
  {
    name: "abandoned_subgraph",
    about: "New input while a subgraph asks.",
    build: (compile) => line([["sub", asking()], "after"]).compile(compile),
    ops: [{ input: { name: "a" } }, { input: { name: "b" } }, { command: { resume: "yes" } }],
  },
  {
    name: "edit_before_asking_subgraph",
    about: "While a subgraph asks, the parent is edited as the node before it.",
    build: (compile) => line(["before", ["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { do: "update", asNode: "before", values: { trail: ["edit"] } }, { input: null }, { command: { resume: "yes" } }],
  },
  {
    name: "edit_then_answer",
    about: "While a node asks the state is edited, and the answer comes without the question being asked again.",
    build: (compile) => line(["before", ["ask", (state) => ({ trail: [`${state.name}:${interrupt("sure?")}`] })], "after"]).compile(compile),
    ops: [{ input: {} }, { do: "update", asNode: "before", values: { name: "edited" } }, { command: { resume: "yes" } }],
  },
  {
    name: "edit_of_one_of_two_asking",
    about: "Two ask; one is stood in for by an edit, the other is asked again.",
    build: (compile) => side([["a", ask("a", "a?")], ["b", ask("b", "b?")]], "join").compile(compile),
    ops: [{ input: {} }, { do: "update", asNode: "a", values: { trail: ["A by hand"] } }, { input: null }],
  },
  {
    name: "answer_at_breakpoint",
    about: "An answer where nobody asked, at a breakpoint.",
    build: (compile) => line(["one", "two"]).compile(compile),
    ops: [{ input: {}, interruptBefore: ["two"] }, { command: { resume: "what?" } }],
  },
  {
    name: "ask_behind_breakpoint",
    about: "A breakpoint before a node that asks.",
    build: (compile) => line([["ask", ask("ask", "sure?")]]).compile(compile),
    ops: [{ input: {}, interruptBefore: ["ask"] }, { input: null, interruptBefore: ["ask"] }, { command: { resume: "yes" }, interruptBefore: ["ask"] }],
  },
  {
    name: "retry_then_ask",
    about: "The first try fails, the second asks; then answered.",
    build: (compile) => {
      let tries = 0;
      return line([["shaky", () => { tries += 1; return tries === 1 ? fail("no luck") : { trail: [`${tries}:${interrupt("sure?")}`] }; }, { retryPolicy: retry }]]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "ask_then_fail",
    about: "Answered, the node fails; null input runs it again with its answer.",
    build: (compile) => {
      let tries = 0;
      return line([["ask", () => { const answer = interrupt("sure?"); tries += 1; return tries === 1 ? fail("no luck") : { trail: [answer] }; }]]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }, { input: null }],
  },
  {
    name: "ask_then_fail_inside",
    about: "The same in a subgraph.",
    build: (compile) => {
      let tries = 0;
      return line([["sub", line([["ask", () => { const answer = interrupt("sure?"); tries += 1; return tries === 1 ? fail("no luck") : { trail: [answer] }; }]]).compile()]]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }, { input: null }],
  },
  {
    name: "called_in_parallel",
    about: "Node code runs two graphs at once.",
    build: (compile) => {
      const [left, right] = [line(["one"]).compile(), line(["two"]).compile()];
      return line([["call", async (_, config) => ({ trail: (await Promise.all([left.invoke({}, config), right.invoke({}, config)])).flatMap((result) => result.trail) })]]).compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "called_per_thread_over_runs",
    about: "Node code runs a graph that keeps its state over the runs.",
    build: (compile) => {
      const sub = line([["tick", () => ({ count: 1 })]]).compile({ checkpointer: true });
      return line([["call", async (_, config) => ({ trail: [`${(await sub.invoke({}, config)).count}`] })]]).compile(compile);
    },
    ops: [{ input: {} }, { input: {} }],
  },
  {
    name: "called_per_thread_twice",
    about: "Twice in one run.",
    build: (compile) => {
      const sub = line([["tick", () => ({ count: 1 })]]).compile({ checkpointer: true });
      return line([["call", async (_, config) => ({ trail: [`${(await sub.invoke({}, config)).count}`, `${(await sub.invoke({}, config)).count}`] })]]).compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "deferred_behind_sends",
    about: "Sends of which some go further, and a deferred node behind all.",
    build: (compile) => new StateGraph(State)
      .addNode("work", (input) => new Command({ update: { trail: [`work:${input.item}`] }, goto: input.item > 1 ? [new Send("work", { item: input.item - 1 })] : [] }), { ends: ["work"] })
      .addNode("gather", (state) => ({ name: state.trail.join("+") }), { defer: true })
      .addConditionalEdges(START, () => [3, 1].map((item) => new Send("work", { item })), ["work"]).addEdge("work", "gather").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "deferred_and_asking",
    about: "A deferred node waits while another asks.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", ask("b", "b?")).addNode("meet", visit("meet"), { defer: true })
      .addEdge(START, "a").addEdge("a", "b").addEdge("a", "meet").addEdge("b", "meet").compile(compile),
    ops: [{ input: {} }, { command: { resume: "B" } }],
  },
  {
    name: "deferred_inside",
    about: "A deferred node in a subgraph.",
    build: (compile) => {
      const sub = new StateGraph(State).addNode("a", visit("a")).addNode("b", visit("b")).addNode("meet", visit("meet"), { defer: true })
        .addEdge(START, "a").addEdge(START, "meet").addEdge("a", "b").compile();
      return line([["sub", sub]]).compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "branch_fails",
    about: "The function of a conditional edge fails once.",
    build: (compile) => {
      let tries = 0;
      return new StateGraph(State).addNode("pick", (state) => ({ trail: ["pick"], name: `${state.name}!` })).addNode("x", visit("x")).addEdge(START, "pick")
        .addConditionalEdges("pick", (state) => { tries += 1; return tries === 1 ? fail("no luck") : (state.name === "in!" ? "x" : END); }, ["x", END]).compile(compile);
    },
    ops: [{ input: { name: "in" } }, { input: null }],
  },
  {
    name: "command_to_end_beside_edge",
    about: "A command that goes to the end, and an edge that does not.",
    build: (compile) => new StateGraph(State).addNode("one", () => new Command({ update: { trail: ["one"] }, goto: END }), { ends: [END] }).addNode("two", visit("two")).addEdge(START, "one").addEdge("one", "two").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "goto_twice_the_same",
    about: "A command names one node twice, and an edge leads there too.",
    build: (compile) => new StateGraph(State).addNode("one", () => new Command({ goto: ["two", "two"] }), { ends: ["two"] }).addNode("two", visit("two")).addEdge(START, "one").addEdge("one", "two").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "model_two_deep",
    about: "A model two subgraphs down, beside one at the root.",
    build: (compile) => line([["outer", line([["inner", line([["say", say("m1", "de", "ep")]], Chat).compile()]], Chat).compile()], ["more", say("m2", "up")]], Chat).compile(compile),
    ops: [{ input: { messages: [{ role: "user", content: "hi", id: "h1" }] } }],
  },
  {
    name: "whole_message_inside",
    about: "A subgraph's node returns a message; the parent passes it on.",
    build: (compile) => line([["sub", line([["say", (state) => say("m1", "x")(state, { callbacks: [] })]], Chat).compile()]], Chat).compile(compile),
    ops: [{ input: { messages: [{ role: "user", content: "hi", id: "h1" }] } }],
  },
  {
    name: "workflow_runs_an_asking_graph",
    about: "A function runs a step and then a graph that asks.",
    build: (compile) => {
      let runs = 0;
      const first = task("first", async () => { runs += 1; return runs; });
      const sub = asking();
      return entrypoint({ name: "flow", ...compile }, async () => [await first(), ...(await sub.invoke({})).trail]);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "workflow_as_a_node",
    about: "A function is a node of a graph.",
    build: (compile) => {
      const first = task("first", async (name) => `${name}!`);
      const flow = entrypoint({ name: "flow" }, async (state) => ({ trail: [await first(state.name)] }));
      return line([["node", flow], "after"]).compile(compile);
    },
    ops: [{ input: { name: "x" } }],
  },
  {
    name: "sends_with_breakpoint",
    about: "A breakpoint before a node that is sent to.",
    build: (compile) => new StateGraph(State).addNode("plan", visit("plan")).addNode("work", (input) => ({ trail: [`work:${input.item}`] }))
      .addEdge(START, "plan").addConditionalEdges("plan", () => [1, 2].map((item) => new Send("work", { item })), ["work"]).compile(compile),
    ops: [{ input: {}, interruptBefore: ["work"] }, { input: null }],
  },
  {
    name: "fork_of_sends",
    about: "Back to where two sends were due, one of which asks.",
    build: (compile) => new StateGraph(State).addNode("work", (input) => ({ trail: [input.item === 1 ? "one" : `two:${interrupt("two?")}`] }))
      .addConditionalEdges(START, () => [1, 2].map((item) => new Send("work", { item })), ["work"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }, { at: 1, input: null }, { command: { resume: "no" } }],
  },
  {
    name: "continue_at_the_end",
    about: "Null input and an answer when all is done.",
    build: (compile) => line([["sub", asking()]]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }, { input: null }, { command: { resume: "late" } }],
  },
];
