using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Weft.Server;

namespace Weft.Testing;

/// <summary>How a <see cref="WeftTestServer"/> runs.</summary>
public sealed record WeftTestServerOptions
{
    /// <summary>
    /// The folder of the database, which the server leaves behind. Null means a temporary one, which is removed with the server.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>The clock of the server, such as a <c>FakeTimeProvider</c>; null means the system's.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>How long each call and each wait may take. Default: 30 seconds.</summary>
    public TimeSpan Timeout { get; init; } = Waiting.Limit;

    /// <summary>Adds services of the application, such as a logger of the test. It is called at each start.</summary>
    public Action<IServiceCollection>? ConfigureServices { get; init; }

    /// <summary>Sets options of the server. It is called at each start.</summary>
    public Action<WeftServerOptions>? ConfigureServer { get; init; }

    /// <summary>Adds middleware and routes of the application before those of the server. It is called at each start.</summary>
    public Action<WebApplication>? ConfigureApp { get; init; }
}
