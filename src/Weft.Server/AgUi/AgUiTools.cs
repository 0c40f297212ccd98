using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>
/// The tools and the context that a client offers. Graphs get them in the channels that LangGraph's adapter of AG-UI writes, as far
/// as they have them (docs/protocol/agui.md 3).
/// </summary>
internal sealed class AgUiTools
{
    /// <summary>The channel with tools and context, or the member of <c>configurable</c> if the graph has no such channel.</summary>
    public const string Own = "ag-ui";

    private readonly List<JsonElement> _tools;
    private readonly List<JsonElement> _context;

    private AgUiTools(List<JsonElement> tools, List<JsonElement> context)
    {
        _tools = tools;
        _context = context;
    }

    public bool IsEmpty => _tools.Count == 0 && _context.Count == 0;

    /// <summary>Checks what a client sent.</summary>
    public static AgUiTools Read(RunAgentInput input)
    {
        foreach (var (tool, index) in (input.Tools ?? []).Select((tool, index) => (tool, index)))
        {
            AgUiFields.EnsureObject(tool, $"tools[{index}]");
            _ = AgUiFields.RequiredText(tool, "name", $"tools[{index}]");
        }

        foreach (var (entry, index) in (input.Context ?? []).Select((entry, index) => (entry, index)))
        {
            AgUiFields.EnsureObject(entry, $"context[{index}]");
        }

        return new AgUiTools(input.Tools ?? [], input.Context ?? []);
    }

    /// <summary>Returns what a channel gets; null for channels that have other data.</summary>
    public JsonElement? FindFor(string channel) => channel switch
    {
        "tools" => Encode(WriteTools),
        "copilotkit" => Encode(writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("actions"u8);
            WriteTools(writer);
            WriteContext(writer);
            writer.WriteEndObject();
        }),
        Own => Encode(WriteOwn),
        _ => null,
    };

    /// <summary>Writes tools and context as one object.</summary>
    public void WriteOwn(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("tools"u8);
        WriteTools(writer);
        WriteContext(writer);
        writer.WriteEndObject();
    }

    private static JsonElement Encode(Action<Utf8JsonWriter> write) =>
        GraphJson.Parse(GraphJson.Encode(write, static (writer, write) => write(writer)));

    /// <summary>Writes the tools in the form of OpenAI. A tool with a type has such a form already.</summary>
    private void WriteTools(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var tool in _tools)
        {
            if (AgUiFields.Find(tool, "type") is not null)
            {
                tool.WriteTo(writer);
                continue;
            }

            writer.WriteStartObject();
            writer.WriteString("type"u8, "function"u8);
            writer.WriteString("name"u8, tool.GetProperty("name").GetString());
            writer.WriteStartObject("function"u8);
            foreach (var name in (ReadOnlySpan<string>)["name", "description", "parameters"])
            {
                if (AgUiFields.Find(tool, name) is { } value)
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void WriteContext(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("context"u8);
        foreach (var entry in _context)
        {
            entry.WriteTo(writer);
        }

        writer.WriteEndArray();
    }
}
