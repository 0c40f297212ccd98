using Weft.Runs;

namespace Weft.Server;

/// <summary>A prefix under which the API is served, with what differs there. Nothing behind the endpoints knows of mounts.</summary>
internal sealed record Mount
{
    /// <summary>The whole API at the root, with the platform's defaults.</summary>
    public static Mount Platform { get; } = new();

    /// <summary>The whole API below <c>/api</c>; below <c>/api/threads</c> the gateway's rules apply (docs/protocol/gateway.md).</summary>
    public static Mount Gateway { get; } = new() { Prefix = "/api", Defaults = RunDefaults.Gateway, IsGateway = true };

    public string Prefix { get; init; } = "";

    /// <summary>Where in the application the mount is; each call of <c>MapWeft</c> has places of its own.</summary>
    public MountPath Path { get; init; } = new();

    public RunDefaults Defaults { get; init; } = RunDefaults.Platform;

    /// <summary>Whether bodies, ids, heartbeats and terminal events are the gateway's (docs/protocol/gateway.md H3 and H4).</summary>
    public bool IsGateway { get; init; }

    /// <summary>Whether the OpenAPI document describes these routes; those that repeat others it leaves out.</summary>
    public bool IsDescribed { get; init; } = true;
}
