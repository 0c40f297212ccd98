using System.Text.Json;
using Weft.Graphs;

namespace Weft.RemoteGraphs;

/// <summary>The state of a remote thread.</summary>
/// <param name="Values">The values, a JSON object; null as JSON if the thread has none.</param>
/// <param name="HasNext">Whether nodes are left to run.</param>
/// <param name="Interrupts">The questions that have no answer yet.</param>
/// <param name="Error">The error of a task; null if none has one.</param>
internal sealed record RemoteState(JsonElement Values, bool HasNext, IReadOnlyList<RemoteInterrupt> Interrupts, string? Error)
{
    public static RemoteState Read(JsonElement json) => new(
        json.GetProperty("values"),
        json.TryGetProperty("next", out var next) && next.ValueKind == JsonValueKind.Array && next.GetArrayLength() > 0,
        [
            .. TasksOf(json).SelectMany(task => task.TryGetProperty("interrupts", out var interrupts)
                ? interrupts.EnumerateArray().Select(RemoteInterrupt.Read)
                : []),
        ],
        TasksOf(json).Select(ErrorOf).FirstOrDefault(error => error is not null));

    private static string? ErrorOf(JsonElement task) =>
        task.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String ? error.GetString() : null;

    private static IEnumerable<JsonElement> TasksOf(JsonElement json) =>
        json.TryGetProperty("tasks", out var tasks) && tasks.ValueKind == JsonValueKind.Array ? tasks.EnumerateArray() : [];
}

/// <summary>A question of a remote run.</summary>
/// <param name="Id">The id; null if the server gave none.</param>
/// <param name="Value">The question.</param>
/// <param name="ResponseSchema">The JSON Schema of the answer; null if there is none.</param>
internal sealed record RemoteInterrupt(string? Id, JsonElement Value, JsonElement? ResponseSchema)
{
    private const int IdLength = 32;

    /// <summary>Whether an answer can name the question.</summary>
    public bool IsNamed => Id is { Length: IdLength } id && id.All(char.IsAsciiHexDigit);

    public static RemoteInterrupt Read(JsonElement json) => new(
        json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString()
            : json.TryGetProperty("interrupt_id", out var older) && older.ValueKind == JsonValueKind.String ? older.GetString()
            : null,
        json.TryGetProperty("value", out var value) ? value : GraphJson.Null,
        json.TryGetProperty("response_schema", out var schema) && schema.ValueKind == JsonValueKind.Object ? schema : null);
}
