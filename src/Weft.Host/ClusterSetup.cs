using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Weft.Runs;

namespace Weft.Host;

/// <summary>
/// Makes the server one of a cluster. Only calls of <see cref="Use"/> and <see cref="AddressOf"/> load the assemblies of Orleans, so
/// that other servers start without them.
/// </summary>
internal static class ClusterSetup
{
    /// <summary>Whether the server belongs to a cluster.</summary>
    /// <exception cref="SettingsException">Settings contradict each other.</exception>
    public static bool IsEnabled(IConfiguration configuration)
    {
        if (!configuration.GetValue<bool>(Settings.ClusterEnabled))
        {
            var others = configuration.GetSection(Settings.Cluster).GetChildren()
                .Where(child => !child.Path.Equals(Settings.ClusterEnabled, StringComparison.OrdinalIgnoreCase));
            return others.FirstOrDefault() is { } other
                ? throw new SettingsException($"{other.Path} has no effect, because {Settings.ClusterEnabled} is not true (--cluster).")
                : false;
        }

        return HostDatabase.FindPostgres(configuration) is not null
            ? true
            : throw new SettingsException(
                $"{Settings.ClusterEnabled} needs PostgreSQL, because the servers of a cluster share a database: "
                + $"set {Settings.PostgresConnection} (--postgres).");
    }

    /// <summary>Adds membership of the cluster and the calls between its servers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Use(WeftBuilder weft) => weft.UseCluster();

    /// <summary>The address at which other servers reach this one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string AddressOf(IServiceProvider services) =>
        services.GetRequiredService<ILocalSiloDetails>().SiloAddress.Endpoint.ToString();
}
