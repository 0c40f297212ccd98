using System.Buffers;
using System.Text.Json;
using Weft.Runs;

namespace Weft.Server;

/// <summary>Reads the JSON of a command that came through a socket.</summary>
internal static class CommandText
{
    /// <exception cref="CommandException">It is not JSON.</exception>
    public static JsonElement Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            var options = new JsonReaderOptions { MaxDepth = Requests.BodyDepthMax };
            var reader = new Utf8JsonReader(BodyText.Read(new ReadOnlySequence<byte>(text)), options);
            var json = JsonElement.ParseValue(ref reader);
            return reader.Read() ? throw CommandException.Invalid("command", "There is more after the JSON value.") : json;
        }
        catch (Exception e) when (e is JsonException or WeftException)
        {
            throw CommandException.Invalid("command", "It is not valid JSON.");
        }
    }
}
