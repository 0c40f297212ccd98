// What streamEvents (version 2) tells of a run.
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { END, START, StateGraph, interrupt } from "@langchain/langgraph";
import { z } from "zod";
import { Chat, State, Words, fail, line, say, visit } from "../parts.mjs";

export const events = [
  { name: "sequence", about: "Two nodes.", build: (compile) => line(["one", "two"]).compile(compile), input: { name: "x" } },
  { name: "model", about: "A model in a node.", build: (compile) => line([["say", say("m1", "Hel", "lo")]], Chat).compile(compile), input: { messages: [{ role: "user", content: "hi", id: "h1" }] } },
  {
    name: "model_tagged",
    about: "A model with tags, a name and metadata of its own; one not streamed by its caller's wish.",
    build: (compile) => line([["say", async (state, config) => {
      await new Words("m1", "a", "b").invoke("go", { ...config, tags: ["mine"], runName: "poet", metadata: { own: 1 } });
      return {};
    }]], Chat).compile(compile),
    input: { messages: [] },
  },
  { name: "subgraph", about: "A model inside a subgraph.", build: (compile) => line(["before", ["sub", line([["say", (state, config) => say("m1", "Hel", "lo")(state, config).then(() => ({ trail: ["said"] }))]]).compile()]]).compile(compile), input: {} },
  {
    name: "tool",
    about: "A tool in a node, and a lambda.",
    build: (compile) => {
      const add = tool(({ a, b }) => `${a + b}`, { name: "add", schema: z.object({ a: z.number(), b: z.number() }) });
      const twice = RunnableLambda.from((n) => n * 2).withConfig({ runName: "twice" });
      return line([["call", async (_, config) => ({ name: `${await add.invoke({ a: 1, b: 2 }, config)} ${await twice.invoke(4, config)}` })]]).compile(compile);
    },
    input: {},
  },
  {
    name: "routing",
    about: "Conditional edges.",
    build: (compile) => new StateGraph(State).addNode("pick", visit("pick")).addNode("x", visit("x")).addNode("y", visit("y")).addEdge(START, "pick").addConditionalEdges("pick", () => "y", ["x", "y", END]).compile(compile),
    input: {},
  },
  { name: "custom", about: "What a node writes to the stream, and an event that it dispatches.", build: (compile) => line([["talk", (_, config) => { config.writer({ at: 1 }); return {}; }]]).compile(compile), input: {} },
  { name: "asks", about: "A node that asks.", build: (compile) => line([["ask", () => ({ trail: [interrupt("sure?")] })]]).compile(compile), input: {} },
  { name: "fails", about: "A node that fails.", build: (compile) => line([["bad", () => fail("no luck")]]).compile(compile), input: {} },
];
