namespace Weft.Server;

/// <summary>Metadata of the API's endpoints, which the application's own endpoints do not have.</summary>
/// <param name="kind">The kind of calls that the endpoint answers.</param>
internal sealed class WeftEndpoint(WeftEndpointKind kind)
{
    public static WeftEndpoint Route { get; } = new(WeftEndpointKind.Route);

    public static WeftEndpoint Unknown { get; } = new(WeftEndpointKind.Unknown);

    public static WeftEndpoint Preflight { get; } = new(WeftEndpointKind.Preflight);

    public WeftEndpointKind Kind => kind;
}

/// <summary>The kind of calls that an endpoint of the API answers.</summary>
internal enum WeftEndpointKind
{
    /// <summary>A call of the API.</summary>
    Route,

    /// <summary>A path or a method that the API does not have.</summary>
    Unknown,

    /// <summary>A browser's CORS preflight.</summary>
    Preflight,
}
