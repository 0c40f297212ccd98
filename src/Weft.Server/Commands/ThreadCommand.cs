using System.Text.Json;
using Weft.Graphs;

namespace Weft.Server;

/// <summary>A command of a client (docs/protocol/v2.md 2).</summary>
/// <param name="Id">The number that the client gave it. The answer repeats it.</param>
/// <param name="Method">What to do.</param>
/// <param name="Params">The params.</param>
internal sealed record ThreadCommand(ulong Id, string Method, CommandParams Params)
{
    /// <summary>Reads a command.</summary>
    /// <exception cref="CommandException">It is not a command.</exception>
    public static ThreadCommand Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw CommandException.Invalid("command", "It must be a JSON object.");
        }

        if (!json.TryGetProperty("id"u8, out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetUInt64(out var number))
        {
            throw CommandException.Invalid("id", "A command must have an unsigned integer as its id.");
        }

        if (!json.TryGetProperty("method"u8, out var method) || method.ValueKind != JsonValueKind.String)
        {
            throw CommandException.Invalid("method", "A command must have a string as its method.");
        }

        var given = json.TryGetProperty("params"u8, out var members) ? members : GraphJson.EmptyObject;
        return new ThreadCommand(number, method.GetString()!, new CommandParams(given));
    }

    /// <summary>Returns the id of a command that may be wrong in other respects; null if it has none.</summary>
    public static ulong? FindId(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id"u8, out var id)
        && id.ValueKind == JsonValueKind.Number && id.TryGetUInt64(out var number) ? number : null;
}
