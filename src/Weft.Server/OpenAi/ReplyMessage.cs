using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A message of a model: its reasoning, its text and its calls, as far as they have arrived.</summary>
/// <param name="id">The id of the message.</param>
internal sealed class ReplyMessage(string id)
{
    public string Id => id;

    public GrowingText Reasoning { get; } = new();

    public GrowingText Text { get; } = new();

    public List<ReplyCall> Calls { get; } = [];

    /// <summary>Why the model stopped; null if that is unknown.</summary>
    public string? FinishReason { get; set; }

    /// <summary>The tokens that it took, as <c>usage_metadata</c>; null if unknown.</summary>
    public JsonElement? Usage { get; set; }

    /// <summary>Reads a message of a state.</summary>
    public static ReplyMessage Of(Message message)
    {
        var read = new ReplyMessage(message.Id ?? "");
        if (message.Content is { ValueKind: JsonValueKind.Array } blocks)
        {
            foreach (var block in blocks.EnumerateArray())
            {
                read.AddBlock(block);
            }
        }
        else
        {
            read.Text.Append(GrowingText.Encode(message.Text));
        }

        foreach (var call in message.ToolCalls)
        {
            read.AddCall(call.Id, call.Name, call.Args.GetRawText());
        }

        var json = message.Json;
        read.FinishReason = json.TryGetProperty("response_metadata"u8, out var metadata) ? TextOf(metadata, "finish_reason") : null;
        read.Usage = json.TryGetProperty("usage_metadata"u8, out var usage) && usage.ValueKind == JsonValueKind.Object ? usage : null;
        return read;
    }

    /// <summary>Adds a call that is complete: a block as <see cref="MessageBlockPhase.Finish"/> has it.</summary>
    public void AddCall(JsonElement block)
    {
        var args = block.TryGetProperty("args"u8, out var given) ? given : GraphJson.EmptyObject;
        // The arguments of a call that is not valid are text.
        AddCall(TextOf(block, "id"), TextOf(block, "name"), args.ValueKind == JsonValueKind.String ? args.GetString()! : args.GetRawText());
    }

    private void AddCall(string? callId, string? name, string arguments) =>
        Calls.Add(new ReplyCall(callId ?? $"call_{id}_{Calls.Count}", name ?? "", arguments));

    private void AddBlock(JsonElement block)
    {
        if (block.ValueKind == JsonValueKind.String)
        {
            Text.Append(GrowingText.Encode(block.GetString()!));
        }
        else if ((TextOf(block, "reasoning") ?? TextOf(block, "thinking")) is { } reasoning)
        {
            Reasoning.Append(GrowingText.Encode(reasoning));
        }
        else if (TextOf(block, "type") == "text" && TextOf(block, "text") is { } text)
        {
            Text.Append(GrowingText.Encode(text));
        }
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

/// <summary>A call of a tool.</summary>
/// <param name="Id">The id of the call.</param>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">The arguments, as the text of a JSON object.</param>
internal sealed record ReplyCall(string Id, string Name, string Arguments);
