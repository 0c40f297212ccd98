using Microsoft.AspNetCore.Authorization;

namespace Weft.Server;

/// <summary>Metadata of the routes that need no authentication (docs/protocol/README.md A11), also if the API requires it.</summary>
internal sealed class OpenRoute : IAllowAnonymous
{
    public static OpenRoute Instance { get; } = new();
}
