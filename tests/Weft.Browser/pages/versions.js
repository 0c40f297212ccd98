// The client of the second protocol does not know which versions of a message there are, and its useMessageMetadata (1.1.0) names
// the parent of the newest state that has the message, not of the first. Both are in the history of the thread.
import { useEffect, useState } from "react";
import { getBranchContext, getMessagesMetadataMap } from "@langchain/langgraph-sdk/ui";

const getMessages = (values) => values.messages ?? [];

/** The versions of a thread's messages, and what the selected one shows while no run goes on. */
export function useVersions(stream) {
  const [history, setHistory] = useState([]);
  const [branch, select] = useState("");
  const { client, threadId, isLoading } = stream;
  useEffect(() => {
    setHistory([]);
    if (threadId && !isLoading) {
      client.threads.getHistory(threadId, { limit: 100 }).then(setHistory, () => {});
    }
  }, [client, threadId, isLoading]);

  const branchContext = getBranchContext(branch, history);
  const metadata = new Map(getMessagesMetadataMap({ history, getMessages, branchContext }).map((entry) => [entry.messageId, entry]));
  const { threadHead } = branchContext;
  const hasVersions = [...metadata.values()].some(({ branchOptions }) => branchOptions);
  return {
    select,
    // The client (1.1.0) itself shows the messages of an earlier version after those of a later one, until the page is reloaded.
    messages: hasVersions ? getMessages(threadHead.values) : undefined,
    head: threadHead !== history[0] ? threadHead?.checkpoint.checkpoint_id : undefined,
    parentOf: ({ id }) => metadata.get(id)?.firstSeenState?.parent_checkpoint?.checkpoint_id,
    of: ({ id }) => {
      const { branch: current, branchOptions } = metadata.get(id) ?? {};
      return branchOptions && {
        index: branchOptions.indexOf(current),
        count: branchOptions.length,
        select: (at) => select(branchOptions[at]),
      };
    },
  };
}
