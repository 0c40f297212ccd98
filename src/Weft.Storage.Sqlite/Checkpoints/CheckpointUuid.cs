namespace Weft.Storage.Sqlite;

/// <summary>The id of a checkpoint as it is stored.</summary>
internal static class CheckpointUuid
{
    /// <summary>Returns null, which equals nothing, for what can't be the id of a checkpoint.</summary>
    public static Guid? Of(string? checkpointId) => checkpointId is { Length: 36 } && Guid.TryParseExact(checkpointId, "D", out var uuid) ? uuid : null;
}
