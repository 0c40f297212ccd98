using System.Text;
using System.Text.Json;

namespace Weft.Graphs.Tests;

/// <summary>State, tasks and messages as JSON text.</summary>
internal static class JsonText
{
    public static string Json(this ChannelValues values) => values.ToString();

    public static string Json(this StateSnapshot state) => state.Checkpoint.Values.Json();

    public static string Tasks(this StateSnapshot state) => Encode(writer => state.WriteTasks(writer, "t"));

    public static string Json(this Message message) => Encoding.UTF8.GetString(message.Utf8.Span);

    /// <summary>The same JSON, whatever the order of members.</summary>
    public static void ShouldBeJson(this string actual, string expected) =>
        JsonElement.DeepEquals(JsonElement.Parse(actual), JsonElement.Parse(expected))
            .ShouldBeTrue($"expected {expected}\nbut was  {actual}");

    private static string Encode(Action<Utf8JsonWriter> write) =>
        Encoding.UTF8.GetString(GraphJson.Encode(write, static (writer, write) => write(writer)));
}
