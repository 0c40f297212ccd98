namespace Weft.Server;

/// <summary>Marks the endpoints of the API, among those of the application that hosts it.</summary>
/// <param name="kind">What the endpoint answers.</param>
internal sealed class WeftEndpoint(WeftEndpointKind kind)
{
    public static WeftEndpoint Route { get; } = new(WeftEndpointKind.Route);

    public static WeftEndpoint Unknown { get; } = new(WeftEndpointKind.Unknown);

    public static WeftEndpoint Preflight { get; } = new(WeftEndpointKind.Preflight);

    public WeftEndpointKind Kind => kind;
}

/// <summary>What an endpoint of the API answers.</summary>
internal enum WeftEndpointKind
{
    /// <summary>A call of the API.</summary>
    Route,

    /// <summary>A path or a method that the API does not have.</summary>
    Unknown,

    /// <summary>The question of a browser whether a page may make a call.</summary>
    Preflight,
}
