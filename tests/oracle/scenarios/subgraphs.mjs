// Graphs inside graphs.
import { AIMessage } from "@langchain/core/messages";
import { Annotation, Command, END, START, Send, StateGraph, interrupt } from "@langchain/langgraph";
import { Chat, State, ask, fail, line, say, side, visit } from "../parts.mjs";

const List = (more) => Annotation.Root({ messages: Annotation({ reducer: (list, add) => (list ?? []).concat(add) }), ...more });
const entered = (name) => () => ({ messages: [`Entered ${name} node`] });

const nested = () => {
  const inner = line([["c_one", entered("c_one")], ["c_two", entered("c_two")]], List({ parent: Annotation(), child: Annotation() })).compile();
  const middle = line([["p_one", entered("p_one")], ["p_two", inner]], List({ parent: Annotation() })).compile();
  return line([["gp_one", entered("gp_one")], ["gp_two", middle]], List());
};

const weather = () => {
  const sub = new StateGraph(Annotation.Root({ ...Chat.spec, city: Annotation() }))
    .addNode("model_node", () => ({ city: "San Francisco" }))
    .addNode("weather_node", (state) => ({ messages: [new AIMessage({ content: `It's sunny in ${state.city}!`, id: "a1" })] }))
    .addEdge(START, "model_node").addEdge("model_node", "weather_node")
    .compile({ interruptBefore: ["weather_node"] });
  return new StateGraph(Annotation.Root({ ...Chat.spec, route: Annotation() }))
    .addNode("router_node", () => ({ route: "weather" }))
    .addNode("normal_llm_node", () => ({ messages: [new AIMessage({ content: "Hello", id: "a2" })] }))
    .addNode("weather_graph", sub)
    .addEdge(START, "router_node")
    .addConditionalEdges("router_node", (state) => (state.route === "weather" ? "weather_graph" : "normal_llm_node"), ["weather_graph", "normal_llm_node"]);
};

const asking = (name = "ask", ...questions) => line(["inside", [name, ask(name, ...(questions.length ? questions : ["sure?"]))]]).compile();
const hi = { messages: [{ role: "user", content: "hi", id: "h1" }] };

// Calls the graph from its code.
const calls = (graph, times = 1) => async (_, config) => {
  const results = [];
  for (let i = 0; i < times; i += 1) {
    results.push(await graph.invoke({ name: `call ${i}` }, config));
  }
  return { trail: results.map((result) => `got ${result.trail.join("+")}`) };
};

export const subgraphs = [
  {
    name: "shared_keys",
    about: "A graph as a node, of the same state: what it returns goes through the reducers once more.",
    build: (compile) => line(["before", ["sub", line(["one", "two"]).compile()], "after"]).compile(compile),
    ops: [{ input: { name: "x", count: 2 } }, { input: { name: "y" } }],
  },
  { name: "nested", about: "Three deep.", build: (compile) => nested().compile(compile), ops: [{ input: { messages: ["hi"] } }] },
  {
    name: "private_keys",
    about: "Only keys of both graphs pass in and out.",
    build: (compile) => {
      const Inner = Annotation.Root({ name: Annotation(), secret: Annotation(), trail: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }) });
      const sub = line([
        ["hide", (state) => ({ secret: `s:${state.name}`, count: 7 })],
        ["use", (state) => ({ name: `${state.secret}!`, trail: ["use"] })],
      ], Inner).compile();
      return line(["before", ["sub", sub], "after"]).compile(compile);
    },
    ops: [{ input: { name: "x" } }],
  },
  {
    name: "no_shared_key",
    about: "A graph of wholly other keys, called from code that translates.",
    build: (compile) => {
      const Inner = Annotation.Root({ text: Annotation() });
      const sub = line([["shout", (state) => ({ text: state.text.toUpperCase() })]], Inner).compile();
      return line([["translate", async (state) => ({ name: (await sub.invoke({ text: state.name })).text })]]).compile(compile);
    },
    ops: [{ input: { name: "quiet" } }],
  },
  {
    name: "interrupt_inside",
    about: "An interrupt in a subgraph, answered by a value at the parent.",
    build: (compile) => line(["before", ["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "interrupt_inside_by_id",
    about: "The same, answered by the interrupt's id.",
    build: (compile) => line([["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "yes" } } }],
  },
  {
    name: "interrupt_twice_inside",
    about: "Two questions of one node, then one of the next.",
    build: (compile) => line([["sub", line([["ask", ask("ask", "one?", "two?")], ["again", ask("again", "three?")]]).compile()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: 1 } }, { command: { resume: 2 } }, { command: { resume: 3 } }],
  },
  {
    name: "interrupt_in_two",
    about: "Two subgraphs side by side ask; answered one after the other.",
    build: (compile) => side([["left", asking("ask", "left?")], ["right", asking("ask", "right?")]], "join").compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 1: "R" } } }, { command: { resumeByIndex: { 0: "L" } } }],
  },
  {
    name: "interrupt_in_two_at_once",
    about: "Two subgraphs side by side ask; both answered at once.",
    build: (compile) => side([["left", asking("ask", "left?")], ["right", asking("ask", "right?")]], "join").compile(compile),
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "L", 1: "R" } } }],
  },
  {
    name: "interrupt_two_deep",
    about: "An interrupt two levels down.",
    build: (compile) => line([["outer", line(["mid", ["inner", asking()]]).compile()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "deep" } }],
  },
  {
    name: "weather",
    about: "A breakpoint compiled into a subgraph.",
    build: (compile) => weather().compile(compile),
    ops: [{ input: hi }, { input: null }],
  },
  {
    name: "weather_edited",
    about: "At the breakpoint inside, the subgraph's state is edited, then the run goes on.",
    build: (compile) => weather().compile(compile),
    ops: [{ input: hi }, { do: "update", in: ["weather_graph"], values: { city: "Rome" } }, { input: null }],
  },
  {
    name: "weather_edited_as_node",
    about: "The edit stands for the node that waits.",
    build: (compile) => weather().compile(compile),
    ops: [{ input: hi }, { do: "update", in: ["weather_graph"], asNode: "weather_node", values: { messages: [{ role: "assistant", content: "rain", id: "r1" }] } }, { input: null }],
  },
  {
    name: "weather_edited_at_parent",
    about: "The parent's edit stands for the subgraph.",
    build: (compile) => weather().compile(compile),
    ops: [{ input: hi }, { do: "update", asNode: "weather_graph", values: { messages: [{ role: "assistant", content: "rain", id: "r1" }] } }, { input: null }],
  },
  {
    name: "breakpoint_in_parent",
    about: "A breakpoint of the run before the subgraph's node; a second one names a node inside, which the root lacks.",
    build: (compile) => line(["before", ["sub", line(["one", "two"]).compile()]]).compile(compile),
    ops: [{ input: {}, interruptBefore: ["sub"] }, { input: null, interruptBefore: ["two"] }],
  },
  {
    name: "breakpoint_everywhere",
    about: "Before every node, with a subgraph: where does a run of the parent stop.",
    build: (compile) => line(["before", ["sub", line(["one", "two"]).compile()], "after"]).compile(compile),
    ops: [{ input: {}, interruptBefore: "*" }, ...[1, 2, 3, 4].map(() => ({ input: null, interruptBefore: "*" }))],
  },
  {
    name: "called_from_code",
    about: "Node code that invokes a graph once.",
    build: (compile) => line([["call", calls(line(["one", "two"]).compile())], "after"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "called_twice",
    about: "Twice in a row, the same graph.",
    build: (compile) => line([["call", calls(line(["one"]).compile(), 2)], "after"]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "called_declared",
    about: "Node code invokes a graph that the node names as its subgraph, and it asks.",
    build: (compile) => {
      const sub = asking();
      return line([["call", calls(sub), { subgraphs: [sub] }], "after"]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "called_and_asks",
    about: "Node code invokes a graph that nobody declared, and it asks.",
    build: (compile) => line([["call", calls(asking())], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "called_twice_and_asks",
    about: "Node code invokes two asking graphs in a row.",
    build: (compile) => line([["call", calls(asking(), 2)], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "first" } }, { command: { resume: "second" } }],
  },
  {
    name: "called_then_asks_itself",
    about: "A node invokes a graph and then asks: at resume the graph is invoked again.",
    build: (compile) => {
      const sub = line(["one"]).compile();
      return line([["call", async (_, config) => {
        const { trail } = await sub.invoke({}, config);
        return { trail: [...trail, `own:${interrupt("own?")}`] };
      }], "after"]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "failing_inside",
    about: "A node of a subgraph fails once; the thread goes on with null input.",
    build: (compile) => {
      let tries = 0;
      return line(["before", ["sub", line(["one", ["bad", () => {
        tries += 1;
        return tries === 1 ? fail("no luck") : { trail: ["bad"] };
      }]]).compile()], "after"]).compile(compile);
    },
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "memory_per_thread",
    about: "checkpointer: true keeps a subgraph's own state over the thread's runs.",
    build: (compile) => {
      const Inner = Annotation.Root({ name: Annotation(), seen: Annotation({ reducer: (a, b) => a.concat(b), default: () => [] }) });
      const sub = line([["note", (state) => ({ seen: [state.name], name: `${state.name}:${state.seen.length}` })]], Inner).compile({ checkpointer: true });
      return line([["sub", sub], "after"]).compile(compile);
    },
    ops: [{ input: { name: "a" } }, { input: { name: "b" } }],
  },
  {
    name: "memory_per_thread_and_asks",
    about: "checkpointer: true, with an interrupt.",
    build: (compile) => line([["sub", line(["inside", ["ask", ask("ask", "sure?")]]).compile({ checkpointer: true })], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }, { input: {} }],
  },
  {
    name: "no_memory",
    about: "checkpointer: false.",
    build: (compile) => line([["sub", line(["one", "two"]).compile({ checkpointer: false })], "after"]).compile(compile),
    ops: [{ input: {} }, { input: {} }],
  },
  {
    name: "no_memory_and_asks",
    about: "checkpointer: false, with an interrupt.",
    build: (compile) => line([["sub", line(["inside", ["ask", ask("ask", "sure?")]]).compile({ checkpointer: false })], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "command_to_parent",
    about: "A node inside sends an update and a goto to the parent.",
    build: (compile) => {
      const sub = new StateGraph(State)
        .addNode("one", visit("one"))
        .addNode("jump", () => new Command({ graph: Command.PARENT, update: { name: "from inside", trail: ["jump"] }, goto: "other" }))
        .addNode("never", visit("never"))
        .addEdge(START, "one").addEdge("one", "jump").addEdge("jump", "never").compile();
      return new StateGraph(State)
        .addNode("sub", sub, { ends: ["other"] }).addNode("other", visit("other"))
        .addEdge(START, "sub").addEdge("other", END).compile(compile);
    },
    ops: [{ input: { name: "x" } }],
  },
  {
    name: "command_to_parent_with_sends",
    about: "The goto to the parent is two sends.",
    build: (compile) => {
      const sub = new StateGraph(State)
        .addNode("jump", () => new Command({ graph: Command.PARENT, update: { count: 1 }, goto: [new Send("other", { item: 1 }), new Send("other", { item: 2 })] }))
        .addEdge(START, "jump").compile();
      return new StateGraph(State)
        .addNode("sub", sub, { ends: ["other"] }).addNode("other", (input) => ({ trail: [`other:${input.item}`] }))
        .addEdge(START, "sub").compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "command_to_root_from_two_deep",
    about: "PARENT means one level up.",
    build: (compile) => {
      const inner = new StateGraph(State)
        .addNode("jump", () => new Command({ graph: Command.PARENT, update: { trail: ["jump"] }, goto: "landed" }))
        .addEdge(START, "jump").compile();
      const outer = new StateGraph(State)
        .addNode("inner", inner, { ends: ["landed"] }).addNode("landed", visit("landed")).addEdge(START, "inner").compile();
      return line([["outer", outer], "after"]).compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "send_to_subgraph",
    about: "Three sends to a node that is a graph.",
    build: (compile) => {
      const Item = Annotation.Root({ item: Annotation(), trail: State.spec.trail });
      const sub = line([["work", (state) => ({ trail: [`work:${state.item}`] })]], Item).compile();
      return new StateGraph(State)
        .addNode("plan", visit("plan")).addNode("sub", sub).addNode("gather", visit("gather"))
        .addEdge(START, "plan").addConditionalEdges("plan", () => [3, 1, 2].map((item) => new Send("sub", { item })), ["sub"])
        .addEdge("sub", "gather").compile(compile);
    },
    ops: [{ input: {} }],
  },
  {
    name: "send_to_asking_subgraph",
    about: "Each of two sends asks inside; answered by id.",
    build: (compile) => {
      const Item = Annotation.Root({ item: Annotation(), trail: State.spec.trail });
      const sub = line([["ask", (state) => ({ trail: [`${state.item}:${interrupt(`item ${state.item}?`)}`] })]], Item).compile();
      return new StateGraph(State)
        .addNode("sub", sub)
        .addConditionalEdges(START, () => [1, 2].map((item) => new Send("sub", { item })), ["sub"]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: "A", 1: "B" } } }],
  },
  {
    name: "edited_while_asking",
    about: "The subgraph's state is edited as the node before the question, then answered.",
    build: (compile) => line(["before", ["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { do: "update", in: ["sub"], values: { name: "edited", trail: ["by hand"] } }, { command: { resume: "yes" } }],
  },
  {
    name: "travel_into_subgraph",
    about: "After the end, back to the first checkpoint inside the subgraph, when it asked.",
    build: (compile) => line(["before", ["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { in: ["sub"], at: 0, input: null }, { command: { resume: "yes" } }],
  },
  {
    name: "travel_to_parent_of_subgraph",
    about: "After the end, the parent's checkpoint before the subgraph is run again.",
    build: (compile) => line(["before", ["sub", asking()], "after"]).compile(compile),
    ops: [{ input: {} }, { command: { resume: "one" } }, { at: 2, input: null }, { command: { resume: "two" } }],
  },
  {
    name: "subgraph_in_loop",
    about: "The same subgraph node twice in one run: a new namespace each time.",
    build: (compile) => new StateGraph(State)
      .addNode("sub", line([["tick", () => ({ count: 1 })]], Annotation.Root({ count: State.spec.count })).compile())
      .addEdge(START, "sub").addConditionalEdges("sub", (state) => (state.count < 3 ? "sub" : END), ["sub", END]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "custom_writer_inside",
    about: "What a node inside writes to the stream.",
    build: (compile) => line([["sub", line([["talk", (_, config) => { config.writer({ at: 1 }); config.writer("two"); return { trail: ["talk"] }; }]]).compile()]]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "model_inside",
    about: "Chunks of a model inside a subgraph.",
    build: (compile) => line([["sub", line([["say", say("m1", "Hel", "lo")]], Chat).compile()], ["more", say("m2", "By", "e")]], Chat).compile(compile),
    ops: [{ input: hi }],
  },
  {
    name: "model_in_called_graph",
    about: "Chunks of a model in a graph that node code invokes.",
    build: (compile) => {
      const sub = line([["say", say("m1", "Hel", "lo")]], Chat).compile();
      return line([["call", async (state, config) => ({ messages: (await sub.invoke(state, config)).messages })]], Chat).compile(compile);
    },
    ops: [{ input: hi }],
  },
  {
    name: "recursion_limit_inside",
    about: "A subgraph that loops: the limit counts its own supersteps.",
    build: (compile) => {
      const sub = new StateGraph(State).addNode("tick", () => ({ count: 1 }))
        .addEdge(START, "tick").addConditionalEdges("tick", (state) => (state.count < 4 ? "tick" : END), ["tick", END]).compile();
      return line(["before", ["sub", sub]]).compile(compile);
    },
    ops: [{ input: {}, recursionLimit: 3 }, { input: null, recursionLimit: 5 }],
  },
  {
    name: "parent_without_checkpointer",
    about: "No checkpointer anywhere: streams of a subgraph.",
    build: () => line([["sub", line(["one"]).compile()]]).compile(),
    ops: [{ input: { name: "x" } }],
  },
  {
    name: "subgraph_then_parallel",
    about: "A subgraph beside a plain node.",
    build: (compile) => side([["sub", line(["one", "two"]).compile()], ["plain", visit("plain")]], "join").compile(compile),
    ops: [{ input: {} }],
  },
];
