using System.Globalization;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The card of an assistant, with what clients of both versions read (docs/protocol/a2a.md 1).</summary>
internal static class A2aCard
{
    private static readonly string[] Modes = ["text/plain", "application/json"];

    /// <summary>Writes the card.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="assistant">The assistant.</param>
    /// <param name="url">The address of its endpoint.</param>
    public static void Write(Utf8JsonWriter writer, AssistantRecord assistant, string url)
    {
        writer.WriteStartObject();
        writer.WriteString("protocolVersion"u8, "0.3.0"u8);
        writer.WriteString("name"u8, assistant.Name);
        writer.WriteString("description"u8, assistant.Description ?? assistant.Name);
        writer.WriteString("version"u8, assistant.Version.ToString(CultureInfo.InvariantCulture));
        writer.WriteString("url"u8, url);
        writer.WriteString("preferredTransport"u8, "JSONRPC"u8);
        writer.WriteStartArray("supportedInterfaces"u8);
        WriteInterface(writer, url, A2aDialect.V1);
        WriteInterface(writer, url, A2aDialect.V03);
        writer.WriteEndArray();
        writer.WriteStartObject("capabilities"u8);
        writer.WriteBoolean("streaming"u8, true);
        writer.WriteBoolean("pushNotifications"u8, false);
        writer.WriteBoolean("extendedAgentCard"u8, false);
        writer.WriteEndObject();
        WriteModes(writer, "defaultInputModes", assistant, "input_modes");
        WriteModes(writer, "defaultOutputModes", assistant, "output_modes");
        writer.WriteStartArray("skills"u8);
        writer.WriteStartObject();
        writer.WriteString("id"u8, assistant.AssistantId.ToString());
        writer.WriteString("name"u8, assistant.Name);
        writer.WriteString("description"u8, assistant.Description ?? assistant.Name);
        writer.WriteStartArray("tags"u8);
        writer.WriteStringValue(assistant.GraphId);
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteInterface(Utf8JsonWriter writer, string url, A2aDialect dialect)
    {
        writer.WriteStartObject();
        writer.WriteString("url"u8, url);
        writer.WriteString("protocolBinding"u8, "JSONRPC"u8);
        writer.WriteString("protocolVersion"u8, dialect.Version);
        writer.WriteEndObject();
    }

    /// <summary>Writes the media types that the metadata of the assistant names, or else text and JSON.</summary>
    private static void WriteModes(Utf8JsonWriter writer, string name, AssistantRecord assistant, string member)
    {
        var given = JsonFields.Any(JsonFields.Object(assistant.Metadata, "a2a"), member);
        writer.WriteStartArray(name);
        foreach (var mode in given is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0
            ? list.EnumerateArray().Where(static one => one.ValueKind == JsonValueKind.String).Select(static one => one.GetString()!)
            : Modes)
        {
            writer.WriteStringValue(mode);
        }

        writer.WriteEndArray();
    }
}
