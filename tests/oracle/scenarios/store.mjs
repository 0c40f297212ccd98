// Items kept by nodes.
import { getStore } from "@langchain/langgraph";
import { line } from "../parts.mjs";

export const store = [
  {
    name: "put_and_get",
    about: "One node puts, the next gets, in the same run.",
    build: (compile) => line([
      ["put", async (state, { store: items }) => { await items.put(["users", state.name], "likes", { tea: true }); return { trail: ["put"] }; }],
      ["get", async (state, { store: items }) => {
        const item = await items.get(["users", state.name], "likes");
        const none = await items.get(["users", state.name], "nothing");
        return { trail: [JSON.stringify(item.value), item.key, item.namespace.join("/"), `${none}`] };
      }],
    ]).compile(compile),
    ops: [{ input: { name: "ann" } }],
  },
  {
    name: "search",
    about: "Prefix, filter, limit and offset; deletion and replacement.",
    build: (compile) => line([
      ["put", async (_, { store: items }) => {
        await items.put(["a"], "one", { n: 1, kind: "odd" });
        await items.put(["a", "b"], "two", { n: 2, kind: "even" });
        await items.put(["a", "b"], "three", { n: 3, kind: "odd" });
        await items.put(["ab"], "four", { n: 4, kind: "even" });
        return {};
      }],
      ["search", async (_, { store: items }) => {
        const found = async (...search) => (await items.search(...search)).map((item) => item.key).join("+");
        return { trail: [await found(["a"]), await found(["a", "b"]), await found(["a"], { filter: { kind: "odd" } }), await found(["a"], { filter: { n: { $gte: 2 } } }), await found(["a"], { limit: 1, offset: 1 }), await found([])] };
      }],
      ["remove", async (_, { store: items }) => {
        await items.delete(["a", "b"], "two");
        await items.put(["a"], "one", { n: 10 });
        return { trail: [JSON.stringify((await items.get(["a"], "one")).value)] };
      }],
    ]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "in_subgraph",
    about: "A subgraph's node has the same store.",
    build: (compile) => line([
      ["sub", line([["put", async () => { await getStore().put(["s"], "k", { v: 1 }); return { trail: ["put"] }; }]]).compile()],
      ["get", async (_, { store: items }) => ({ trail: [JSON.stringify((await items.get(["s"], "k")).value)] })],
    ]).compile(compile),
    ops: [{ input: {} }],
  },
  {
    name: "over_runs",
    about: "Items outlive the run, and a failed node's stay.",
    build: (compile) => line([["tally", async (state, { store: items }) => {
      const n = ((await items.get(["c"], "n"))?.value.n ?? 0) + 1;
      await items.put(["c"], "n", { n });
      if (state.name === "fail") {
        throw new Error("after the put");
      }
      return { trail: [`${n}`] };
    }]]).compile(compile),
    ops: [{ input: {} }, { input: { name: "fail" } }, { input: { name: "x" } }],
  },
];
