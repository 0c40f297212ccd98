// How nodes are run and where the graph goes.
import { AIMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { Annotation, Command, END, START, Send, StateGraph } from "@langchain/langgraph";
import { InMemoryCache } from "@langchain/langgraph-checkpoint";
import { z } from "zod";
import { Chat, State, fail, line, say, side, visit } from "../parts.mjs";

const retry = { initialInterval: 1, jitter: false, logWarning: false };
const failing = (times, done) => {
  let tries = 0;
  return () => {
    tries += 1;
    return tries <= times ? fail(`try ${tries}`) : { trail: [done] };
  };
};
// The library tells conditional edges of one node apart by name.
const named = (name, route) => Object.assign(RunnableLambda.from(route), { name });
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

export const control = [
  {
    name: "deferred",
    about: "Branches of different length meet in a node that is deferred: it runs once, last.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", visit("b")).addNode("b2", visit("b2")).addNode("b3", visit("b3"))
      .addNode("meet", visit("meet"), { defer: true })
      .addEdge(START, "a").addEdge(START, "b").addEdge("b", "b2").addEdge("b2", "b3").addEdge("a", "meet").addEdge("b3", "meet").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "not_deferred",
    about: "The same without: it runs twice.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", visit("b")).addNode("b2", visit("b2")).addNode("meet", visit("meet"))
      .addEdge(START, "a").addEdge(START, "b").addEdge("b", "b2").addEdge("a", "meet").addEdge("b2", "meet").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "deferred_join",
    about: "A deferred node behind an edge of several sources, and one more behind it.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", visit("b")).addNode("long", visit("long")).addNode("longer", visit("longer"))
      .addNode("meet", visit("meet"), { defer: true }).addNode("last", visit("last"))
      .addEdge(START, "a").addEdge(START, "b").addEdge(START, "long").addEdge("long", "longer").addEdge(["a", "b"], "meet").addEdge("meet", "last").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "two_deferred",
    about: "Two deferred nodes, one leads to the other.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("first", visit("first"), { defer: true }).addNode("second", visit("second"), { defer: true }).addNode("b", visit("b"))
      .addEdge(START, "a").addEdge("a", "first").addEdge("a", "second").addEdge("first", "b").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "deferred_and_paused",
    about: "A breakpoint while a deferred node waits, and one before itself.",
    build: (compile) => new StateGraph(State)
      .addNode("a", visit("a")).addNode("b", visit("b")).addNode("meet", visit("meet"), { defer: true })
      .addEdge(START, "a").addEdge("a", "b").addEdge("a", "meet").addEdge("b", "meet").compile(compile),
    ops: [{ input: {}, interruptBefore: ["b", "meet"] }, { input: null, interruptBefore: ["b", "meet"] }, { input: null }],
  },
  {
    name: "deferred_goto",
    about: "An answer comes with a command to go to a deferred node.",
    build: (compile) => new StateGraph(State)
      .addNode("ask", (_, config) => ({ trail: [`ask:${config.interrupt("ok?")}`] })).addNode("b", visit("b")).addNode("meet", visit("meet"), { defer: true })
      .addEdge(START, "ask").addEdge("ask", "b").addEdge("b", "meet").compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes", goto: ["meet"] } }],
  },
  {
    name: "retry_succeeds",
    about: "The second try succeeds.",
    build: (compile) => line([["shaky", failing(1, "shaky"), { retryPolicy: { ...retry, maxAttempts: 3 } }], "after"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "retry_exhausted",
    about: "Both tries fail; null input tries twice more.",
    build: (compile) => line([["shaky", failing(3, "shaky"), { retryPolicy: { ...retry, maxAttempts: 2 } }], "after"]).compile(compile),
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "retry_not_on_this",
    about: "The policy does not take this error.",
    build: (compile) => line([["shaky", failing(1, "shaky"), { retryPolicy: { ...retry, maxAttempts: 3, retryOn: (error) => error.message !== "try 1" } }]]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "retry_of_subgraph",
    about: "A subgraph fails in its second node and is tried again by the parent's policy.",
    build: (compile) => line([["sub", line(["one", ["shaky", failing(1, "shaky")]]).compile(), { retryPolicy: { ...retry, maxAttempts: 2 } }], "after"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "retry_streams_again",
    about: "What a failed try wrote to the stream stays; what it said too.",
    build: (compile) => {
      let tries = 0;
      return line([["talk", async (state, config) => {
        tries += 1;
        config.writer({ try: tries });
        const answer = await say(`m${tries}`, "a", "b")(state, config);
        return tries === 1 ? fail("again") : answer;
      }, { retryPolicy: { ...retry, maxAttempts: 2 } }]], Chat).compile(compile);
    },
    ops: [{ input: { messages: [] } }],
  },
  {
    name: "cached",
    about: "The second run finds the first node's result; the third has another input.",
    build: (compile) => {
      let runs = 0;
      return line([["costly", (state) => { runs += 1; return { trail: [`${state.name}${runs}`] }; }, { cachePolicy: { keyFunc: ([state]) => state.name } }], "after"])
        .compile({ ...compile, cache: new InMemoryCache() });
    },
    ops: [{ input: { name: "a" } }, { input: { name: "a" } }, { input: { name: "b" } }],
  },
  {
    name: "cached_for_a_second",
    about: "ttl in seconds.",
    build: (compile) => {
      let runs = 0;
      return line([["costly", (state) => { runs += 1; return { trail: [`${state.name}${runs}`] }; }, { cachePolicy: { ttl: 1, keyFunc: ([state]) => state.name } }]])
        .compile({ ...compile, cache: new InMemoryCache() });
    },
    ops: [{ input: { name: "a" } }, { input: { name: "a" } }, { do: "wait", seconds: 1.2 }, { input: { name: "a" } }],
  },
  {
    name: "cached_by_whole_input",
    about: "Without a key function the whole state is the key; a parallel sibling is not cached.",
    build: (compile) => {
      let runs = 0;
      return side([["costly", () => { runs += 1; return { name: `run ${runs}` }; }, { cachePolicy: true }], ["plain", () => ({})]])
        .compile({ ...compile, cache: new InMemoryCache() });
    },
    ops: [{ input: { name: "a" } }, { input: { name: "a" } }, { input: { name: "b" } }],
  },
  {
    name: "cached_sends",
    about: "Sends of equal inputs, in one superstep and in the next run.",
    build: (compile) => {
      let runs = 0;
      return new StateGraph(State)
        .addNode("work", (input) => { runs += 1; return { trail: [`${input.item}:${runs}`] }; }, { cachePolicy: true })
        .addConditionalEdges(START, () => [1, 2, 1].map((item) => new Send("work", { item })), ["work"])
        .compile({ ...compile, cache: new InMemoryCache() });
    },
    ops: [{ input: {} }, { input: {} }],
  },
  {
    name: "path_map",
    about: "Conditional edges with a map from what the function returns to nodes, one and several.",
    build: (compile) => new StateGraph(State)
      .addNode("pick", visit("pick")).addNode("x", visit("x")).addNode("y", visit("y"))
      .addEdge(START, "pick")
      .addConditionalEdges("pick", (state) => (state.name === "both" ? ["left", "right"] : state.name), { left: "x", right: "y", stop: END }).compile(compile),
    ops: [{ input: { name: "left" } }, { input: { name: "both" } }, { input: { name: "stop" } }],
  },
  {
    name: "path_map_from_start",
    about: "Conditional edges from the start.",
    build: (compile) => new StateGraph(State)
      .addNode("x", visit("x")).addNode("y", visit("y"))
      .addConditionalEdges(START, (state) => state.name === "x", { true: "x", false: "y" }).compile(compile),
    ops: [{ input: { name: "x" } }, { input: { name: "z" } }],
  },
  {
    name: "two_branches",
    about: "Two conditional edges from one node, and a plain one.",
    build: (compile) => new StateGraph(State)
      .addNode("pick", visit("pick")).addNode("x", visit("x")).addNode("y", visit("y")).addNode("z", visit("z"))
      .addEdge(START, "pick").addEdge("pick", "z")
      .addConditionalEdges("pick", named("one", () => "y"), ["x", "y"])
      .addConditionalEdges("pick", named("two", () => "x"), ["x", "y"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "command_with_gotos_and_sends",
    about: "A command with several gotos and sends, beside an edge.",
    build: (compile) => new StateGraph(State)
      .addNode("route", () => new Command({ update: { name: "routed" }, goto: ["left", new Send("work", { item: 1 }), "right", new Send("work", { item: 2 })] }), { ends: ["left", "right", "work"] })
      .addNode("left", visit("left")).addNode("right", visit("right")).addNode("edge", visit("edge"))
      .addNode("work", (input) => ({ trail: [`work:${input.item}`] }))
      .addEdge(START, "route").addEdge("route", "edge").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "several_commands",
    about: "A node returns a list: commands and an update.",
    build: (compile) => new StateGraph(State)
      .addNode("route", () => [new Command({ update: { trail: ["one"] }, goto: "left" }), { trail: ["two"] }, new Command({ update: { count: 3 }, goto: "right" })], { ends: ["left", "right"] })
      .addNode("left", visit("left")).addNode("right", visit("right"))
      .addEdge(START, "route").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "send_chain",
    about: "A node that was sent to sends on; order of what is gathered.",
    build: (compile) => new StateGraph(State)
      .addNode("work", (input) => new Command({ update: { trail: [`work:${input.item}`] }, goto: input.item < 3 ? [new Send("work", { item: input.item + 2 }), new Send("end", { item: input.item })] : [] }), { ends: ["work", "end"] })
      .addNode("end", (input) => ({ trail: [`end:${input.item}`] }))
      .addConditionalEdges(START, () => [new Send("work", { item: 2 }), new Send("work", { item: 1 })], ["work"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "input_and_output_schemas",
    about: "Input and output are apart from the state.",
    build: (compile) => {
      const Input = Annotation.Root({ question: Annotation() });
      const Output = Annotation.Root({ answer: Annotation() });
      const All = Annotation.Root({ question: Annotation(), answer: Annotation(), notes: Annotation() });
      return new StateGraph({ input: Input, output: Output, state: All })
        .addNode("think", (state) => ({ notes: `about ${state.question}` })).addNode("reply", (state) => ({ answer: `${state.notes}!` }))
        .addEdge(START, "think").addEdge("think", "reply").compile(compile);
    },
    ops: [{ input: { question: "q", notes: "not taken" } }],
  },
  {
    name: "private_state",
    about: "A key that only two nodes know.",
    build: (compile) => {
      const Private = Annotation.Root({ secret: Annotation(), name: Annotation() });
      return new StateGraph(State)
        .addNode("hide", (state) => ({ secret: `s:${state.name}` }))
        .addNode("use", (state) => ({ name: `${Object.keys(state).sort().join("+")}=${state.secret}` }), { input: Private })
        .addNode("after", (state) => ({ trail: [Object.keys(state).sort().join("+")] }))
        .addEdge(START, "hide").addEdge("hide", "use").addEdge("use", "after").compile(compile);
    },
    ops: [{ input: { name: "x", secret: "not taken" } }],
  },
  {
    name: "context",
    about: "The run's context reaches nodes, also in a subgraph.",
    build: (compile) => {
      const Context = z.object({ tone: z.string().default("plain") });
      const use = (name) => (_, { context }) => ({ trail: [`${name}:${context?.tone}`] });
      return new StateGraph(State, Context)
        .addNode("outer", use("outer")).addNode("sub", line([["inner", use("inner")]]).compile())
        .addEdge(START, "outer").addEdge("outer", "sub").compile(compile);
    },
    ops: [{ input: {}, context: { tone: "kind" } }, { input: {}, context: {} }, { input: {} }],
  },
  {
    name: "context_of_another_shape",
    about: "A context that the schema refuses.",
    build: (compile) => new StateGraph(State, z.object({ tone: z.string() })).addNode("one", visit("one")).addEdge(START, "one").compile(compile),
    ops: [{ input: {}, context: { tone: 1 } }],
  },
  {
    name: "configurable",
    about: "Configurable values reach nodes.",
    build: (compile) => line([["use", (_, config) => ({ name: config.configurable.who })]]).compile(compile),
    ops: [{ input: {}, configurable: { who: "ann" } }],
  },
  {
    name: "node_timeout",
    about: "A node that takes too long; its sibling was done.",
    build: (compile) => side([["slow", async () => { await sleep(2000); return { trail: ["slow"] }; }, { timeout: 50 }], ["quick", visit("quick")]], "join").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "node_timeout_retried",
    about: "A time-out is retried.",
    build: (compile) => {
      let tries = 0;
      return line([["slow", async () => { tries += 1; await sleep(tries === 1 ? 2000 : 1); return { trail: ["slow"] }; }, { timeout: 100, retryPolicy: { ...retry, maxAttempts: 2 } }]]).compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "error_handler",
    about: "A node's error handler goes elsewhere.",
    build: (compile) => new StateGraph(State)
      .addNode("bad", () => fail("no luck"), { errorHandler: (_, error) => new Command({ update: { name: `${error.node}: ${error.error.message}` }, goto: "rescue" }), ends: ["rescue"] })
      .addNode("rescue", visit("rescue")).addNode("after", visit("after"))
      .addEdge(START, "bad").addEdge("bad", "after").compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "failing_beside_asking",
    about: "One node fails while its sibling asks.",
    build: (compile) => {
      let tries = 0;
      return side([["ask", (_, config) => ({ trail: [`ask:${config.interrupt("ok?")}`] })], ["bad", async () => {
        tries += 1;
        await sleep(30);
        return tries === 1 ? fail("no luck") : { trail: ["bad"] };
      }]], "join").compile(compile);
    },
    ops: [{ input: {} }, { input: null }, { command: { resume: "yes" } }],
  },
  {
    name: "model_at_root",
    about: "Chunks of a model, and a whole message from the next node.",
    build: (compile) => line([["say", say("m1", "Hel", "lo")], ["whole", () => ({ messages: [new AIMessage({ content: "whole", id: "w1" })] })]], Chat).compile(compile),
    ops: [{ input: { messages: [{ role: "user", content: "hi", id: "h1" }] } }],
  },
  {
    name: "model_untold",
    about: "A model tagged nostream, and one with a tag and a name of its own.",
    build: (compile) => line([
      ["quiet", (state, config) => say("m1", "Hel", "lo")(state, { ...config, tags: ["nostream"] })],
      ["named", (state, config) => say("m2", "By", "e")(state, { ...config, tags: ["mine"], runName: "poet", metadata: { ...config.metadata, own: 1 } })],
    ], Chat).compile(compile),
    ops: [{ input: { messages: [] } }],
  },
  {
    name: "tools",
    about: "What a tool called from a node tells: start, events, end, error.",
    build: (compile) => {
      const add = tool(async function* add({ a, b }) { yield { at: 1 }; return `${a + b}`; }, { name: "add", schema: z.object({ a: z.number(), b: z.number() }) });
      const broken = tool(() => fail("broken"), { name: "broken", schema: z.object({}) });
      return line([
        ["call", async (_, config) => ({ name: `${await add.invoke({ name: "add", args: { a: 1, b: 2 }, id: "call_1", type: "tool_call" }, config).then((m) => m.content)}` })],
        ["fails", async (_, config) => { await broken.invoke({ name: "broken", args: {}, id: "call_2", type: "tool_call" }, config).catch(() => null); return { trail: ["fails"] }; }],
      ]).compile(compile);
    },
    ops: [{ input: {} }],
  },
];
