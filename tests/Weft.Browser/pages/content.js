// The content of a message is a text, or a list of blocks: texts, and files in base64 as chat front ends send them.

export const textOf = (content) =>
  typeof content === "string" ? content : content.filter((block) => block.type === "text").map((block) => block.text).join("");

/** The texts of the messages that a model has said. */
export const answersIn = (messages) => messages.filter(({ type }) => type === "ai").map(({ content }) => textOf(content)).join(" | ");

export const blocksOf = (content) => (typeof content === "string" ? [] : content.filter((block) => ["image", "file"].includes(block.type)));

export async function toBlock(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return {
    type: file.type.startsWith("image/") ? "image" : "file",
    mimeType: file.type,
    data: btoa(String.fromCharCode(...bytes)),
    metadata: { name: file.name },
  };
}
