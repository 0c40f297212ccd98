using Microsoft.Extensions.DependencyInjection;
using Weft.Runs;

namespace Weft.Server.Tests.Access;

/// <summary>Servers whose callers are named by a header.</summary>
internal static class AccessServer
{
    public static (string, string) Ada { get; } = ("x-user", "ada");

    public static (string, string) Bob { get; } = ("x-user", "bob");

    /// <summary>Starts a server with authorization handlers.</summary>
    /// <param name="authorize">Adds the handlers.</param>
    /// <param name="hasOneActor">Whether all users are one actor, so that only the handlers separate them.</param>
    /// <param name="folder">The folder of the database; null for one that is removed.</param>
    /// <param name="time">The clock; null for the machine's.</param>
    /// <param name="isRecorded">Whether answers tell which operations of storage were asked for (<see cref="RecordedStores"/>).</param>
    public static Task<TestServer> StartAsync(
        Action<WeftBuilder> authorize,
        bool hasOneActor = true,
        string? folder = null,
        TimeProvider? time = null,
        bool isRecorded = false) => TestServer.StartAsync(
        folder,
        configure: options => options.ActorOf = hasOneActor ? static _ => "org" : null,
        time: time,
        add: weft =>
        {
            HeaderUsers.Add(weft.Services);
            authorize(weft);
        },
        use: isRecorded ? RecordedStores.Use : null,
        change: isRecorded ? RecordedStores.AddTo : null);

    /// <summary>The name of the user who calls.</summary>
    public static string UserOf(AccessContext context) => context.Http.Request.Headers["x-user"].ToString();

    /// <summary>Each user has what it creates, and the items whose namespace contains its name.</summary>
    public static void SeparateUsers(WeftBuilder weft) => weft
        .Authorize(context => MetadataFilter.Equal("owner", UserOf(context)))
        .Authorize(AccessResource.Store, context => MetadataFilter.Contains("namespace", UserOf(context)));
}
