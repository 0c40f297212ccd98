// Graphs that LangGraph's own server runs. Graphs of the conformance host have them as nodes.
import { AIMessageChunk } from "@langchain/core/messages";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { ChatGenerationChunk } from "@langchain/core/outputs";
import { Annotation, END, MessagesAnnotation, START, StateGraph, interrupt } from "@langchain/langgraph";

/** A model that repeats the last message word by word. */
class Parrot extends BaseChatModel {
  _llmType() {
    return "parrot";
  }

  async *_streamResponseChunks(messages, _, run) {
    const id = crypto.randomUUID();
    for (const word of `You said: ${messages.at(-1).content}`.split(/(?<= )/)) {
      const chunk = new ChatGenerationChunk({ text: word, message: new AIMessageChunk({ content: word, id }) });
      yield chunk;
      await run?.handleLLMNewToken(word, undefined, undefined, undefined, undefined, { chunk });
    }
  }

  async _generate() {
    throw new Error("This model only streams.");
  }
}

const State = Annotation.Root({ ...MessagesAnnotation.spec, rounds: Annotation(), answers: Annotation() });

const graphOf = (nodes) => {
  const graph = new StateGraph(State);
  for (const [name, node] of Object.entries(nodes)) {
    graph.addNode(name, node).addEdge(START, name).addEdge(name, END);
  }

  return graph.compile();
};

const ask = (name) => () => {
  const answer = interrupt({ question: `which ${name}?` });
  return { answers: [`${name}: ${answer}`] };
};

export const speaks = graphOf({
  model: async ({ messages, rounds }, config) => {
    config.writer?.({ round: (rounds ?? 0) + 1 });
    let said;
    for await (const piece of await new Parrot({}).stream(messages, config)) {
      said = said ? said.concat(piece) : piece;
    }

    return { messages: [said], rounds: (rounds ?? 0) + 1 };
  },
});

export const asks = graphOf({ colour: ask("colour") });

const Both = Annotation.Root({ ...MessagesAnnotation.spec, answers: Annotation({ reducer: (all, more) => [...all, ...more], default: () => [] }) });

export const asks_twice = new StateGraph(Both)
  .addNode("colour", ask("colour"))
  .addNode("size", ask("size"))
  .addEdge(START, "colour")
  .addEdge(START, "size")
  .addEdge("colour", END)
  .addEdge("size", END)
  .compile();

class OutOfPaper extends Error {
  name = "OutOfPaper";
}

export const fails = graphOf({ print: () => { throw new OutOfPaper("The tray is empty."); } });

export const sleeps = graphOf({
  sleep: (_, { signal, writer }) => new Promise((_, reject) => {
    writer?.("asleep");
    signal.addEventListener("abort", () => reject(new Error("Woken up.")));
  }),
});
