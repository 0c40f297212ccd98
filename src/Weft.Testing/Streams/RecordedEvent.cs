using System.Text.Json;

namespace Weft.Testing;

/// <summary>An event of a recorded stream.</summary>
/// <param name="Name">
/// The name as clients of the server see it: <c>values</c>, <c>updates</c>, <c>messages</c>, <c>custom</c> and so on. Events of a
/// graph inside a node have its namespace after a bar: <c>updates|node:id</c>.
/// </param>
/// <param name="Data">The data.</param>
public sealed record RecordedEvent(string Name, JsonElement Data)
{
    /// <summary>The event in one line.</summary>
    public override string ToString() => $"{Name} {Data.GetRawText()}";
}
