// Functions with tasks: entrypoint and task.
import { entrypoint, getPreviousState, getStore, getWriter, interrupt, task } from "@langchain/langgraph";
import { InMemoryCache } from "@langchain/langgraph-checkpoint";
import { fail, line } from "../parts.mjs";

const flow = (compile, run, name = "flow") => entrypoint({ name, ...compile }, run);
const retry = { initialInterval: 1, jitter: false, logWarning: false };

export const workflows = [
  {
    name: "sequential",
    about: "Two tasks, one after the other.",
    build: (compile) => {
      const add = task("add", async (n) => n + 1);
      const double = task("double", async (n) => n * 2);
      return flow(compile, async ({ n }) => ({ n: await double(await add(n)) }));
    },
    ops: [{ input: { n: 3 } }, { input: { n: 4 } }],
  },
  {
    name: "parallel",
    about: "Three tasks side by side.",
    build: (compile) => {
      const square = task("square", async (n) => n * n);
      return flow(compile, async (numbers) => Promise.all(numbers.map((n) => square(n))));
    },
    ops: [{ input: [3, 1, 2] }],
  },
  { name: "no_task", about: "A function without tasks.", build: (compile) => flow(compile, async (name) => `hello ${name}`), ops: [{ input: "you" }] },
  {
    name: "previous",
    about: "The function sees what it returned on the thread before.",
    build: (compile) => flow(compile, async (n) => n + (getPreviousState() ?? 0)),
    ops: [{ input: 1 }, { input: 2 }, { input: 3 }],
  },
  {
    name: "final",
    about: "What is returned and what is kept for the next run differ.",
    build: (compile) => flow(compile, async (n) => entrypoint.final({ value: getPreviousState() ?? "nothing", save: n })),
    ops: [{ input: 1 }, { input: 2 }],
  },
  {
    name: "interrupt_between_tasks",
    about: "A task, a question, a task: after the answer the first is not run again.",
    build: (compile) => {
      let runs = 0;
      const draft = task("draft", async (topic) => { runs += 1; return `${topic}, draft ${runs}`; });
      const publish = task("publish", async (text, answer) => `${text}: ${answer}`);
      return flow(compile, async (topic) => {
        const text = await draft(topic);
        return publish(text, interrupt({ review: text }));
      });
    },
    ops: [{ input: "cats" }, { command: { resume: "fine" } }],
  },
  {
    name: "interrupt_in_task",
    about: "The question is asked in a task.",
    build: (compile) => {
      const before = task("before", async () => "b");
      const askIt = task("ask", async (question) => interrupt(question));
      return flow(compile, async () => `${await before()}:${await askIt("sure?")}`);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "interrupt_in_parallel_tasks",
    about: "Two tasks ask at once.",
    build: (compile) => {
      const askIt = task("ask", async (question) => interrupt(question));
      return flow(compile, async () => Promise.all([askIt("one?"), askIt("two?")]));
    },
    ops: [{ input: {} }, { command: { resumeByIndex: { 0: 1 } } }, { command: { resumeByIndex: { 0: 2 } } }],
  },
  {
    name: "interrupt_twice",
    about: "Two questions with a task between.",
    build: (compile) => {
      let runs = 0;
      const count = task("count", async () => { runs += 1; return runs; });
      return flow(compile, async () => [interrupt("one?"), await count(), interrupt("two?")]);
    },
    ops: [{ input: {} }, { command: { resume: "1" } }, { command: { resume: "2" } }],
  },
  {
    name: "failing_task",
    about: "The second task fails; null input goes on, the first is not run again.",
    build: (compile) => {
      let first = 0;
      let second = 0;
      const one = task("one", async () => { first += 1; return first; });
      const two = task("two", async () => { second += 1; return second === 1 ? fail("no luck") : `two ${second}`; });
      return flow(compile, async () => [await one(), await two()]);
    },
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "failing_after_task",
    about: "The function fails after its task.",
    build: (compile) => {
      let runs = 0;
      let tries = 0;
      const one = task("one", async () => { runs += 1; return runs; });
      return flow(compile, async () => {
        const result = await one();
        tries += 1;
        return tries === 1 ? fail("no luck") : result;
      });
    },
    ops: [{ input: {} }, { input: null }],
  },
  {
    name: "task_failure_caught",
    about: "The function catches what its task throws.",
    build: (compile) => {
      const bad = task("bad", async () => fail("no luck"));
      return flow(compile, async () => bad().catch((error) => `caught ${error.message}`));
    },
    ops: [{ input: {} }],
  },
  {
    name: "task_with_retry",
    about: "A task that succeeds at its second try.",
    build: (compile) => {
      let tries = 0;
      const shaky = task({ name: "shaky", retry: { ...retry, maxAttempts: 3 } }, async () => { tries += 1; return tries === 1 ? fail("again") : tries; });
      return flow(compile, async () => shaky());
    },
    ops: [{ input: {} }],
  },
  {
    name: "task_cached",
    about: "A task with a cache, over two runs.",
    build: (compile) => {
      let runs = 0;
      const costly = task({ name: "costly", cachePolicy: true }, async (n) => { runs += 1; return n * 10 + runs; });
      return flow({ ...compile, cache: new InMemoryCache() }, async (n) => costly(n));
    },
    ops: [{ input: 1 }, { input: 1 }, { input: 2 }],
  },
  {
    name: "nested_tasks",
    about: "A task that calls a task.",
    build: (compile) => {
      const inner = task("inner", async (n) => n + 1);
      const outer = task("outer", async (n) => (await inner(n)) * 2);
      return flow(compile, async (n) => outer(n));
    },
    ops: [{ input: 1 }],
  },
  {
    name: "custom_writer",
    about: "The function and a task write to the stream.",
    build: (compile) => {
      const talk = task("talk", async () => { getWriter()({ in: "task" }); return "t"; });
      return flow(compile, async (_, config) => { config.writer({ in: "flow" }); return talk(); });
    },
    ops: [{ input: {} }],
  },
  {
    name: "calls_a_graph",
    about: "The function runs a graph.",
    build: (compile) => {
      const sub = line(["one", "two"]).compile();
      return flow(compile, async () => (await sub.invoke({})).trail);
    },
    ops: [{ input: {} }],
  },
  {
    name: "task_in_a_node",
    about: "A node of a graph calls a task, then asks: the task is not run again.",
    build: (compile) => {
      let runs = 0;
      const count = task("count", async () => { runs += 1; return runs; });
      return line([["node", async () => ({ trail: [`${await count()}`, interrupt("sure?")] })]]).compile(compile);
    },
    ops: [{ input: {} }, { command: { resume: "yes" } }],
  },
  {
    name: "store",
    about: "The function keeps an item.",
    build: (compile) => flow(compile, async (n) => {
      const store = getStore();
      // A copy: the library's store changes the item that it gave.
      const before = { ...(await store.get(["counts"], "n"))?.value };
      await store.put(["counts"], "n", { n });
      return before;
    }),
    ops: [{ input: 1 }, { input: 2 }],
  },
  {
    name: "edited",
    about: "A state update of a function's thread.",
    build: (compile) => flow(compile, async (n) => n + (getPreviousState() ?? 0)),
    ops: [{ input: 1 }, { do: "update", values: 40, asNode: "flow" }, { input: 2 }],
  },
];
