using Orleans;

namespace Weft.Cluster;

/// <summary>What is known of a run whose thread was deleted with its end, apart from its log.</summary>
[GenerateSerializer, Alias("weft.Outliving"), Immutable]
internal sealed record OutlivingMessage
{
    [Id(0)]
    public required string ThreadId { get; init; }

    /// <summary>See <see cref="Weft.Runs.RunStream.ThreadMetadata"/>.</summary>
    [Id(1)]
    public string? ThreadMetadata { get; init; }
}
