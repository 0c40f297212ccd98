using Microsoft.Extensions.Diagnostics.HealthChecks;
using Weft.Server;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Health checks of a Weft server.</summary>
public static class WeftHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds three checks, each with one tag: <c>live</c> (the process answers), <c>ready</c> (storage can be written and the
    /// server is not stopping) and <c>started</c> (the runs that an earlier process left unfinished have been taken over).
    /// </summary>
    /// <example>
    /// <code>
    /// builder.Services.AddHealthChecks().AddWeft();
    /// app.MapHealthChecks("/health/ready", new() { Predicate = check => check.Tags.Contains("ready") });
    /// </code>
    /// </example>
    public static IHealthChecksBuilder AddWeft(this IHealthChecksBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder
            .AddCheck("weft.live", static () => HealthCheckResult.Healthy(), ["live"])
            .AddCheck<ReadyCheck>("weft.ready", tags: ["ready"])
            .AddCheck<StartedCheck>("weft.started", tags: ["started"]);
    }
}
