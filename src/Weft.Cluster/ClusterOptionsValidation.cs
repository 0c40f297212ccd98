using System.Net;
using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Cluster;

/// <summary>The ranges of <see cref="ClusterOptions"/>.</summary>
internal sealed class ClusterOptionsValidation : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options) => new OptionsCheck<ClusterOptions>()
        .Is(
            IPAddress.TryParse(options.Address, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any),
            nameof(options.Address),
            $"must be an IP address at which other servers reach this one, not a name (was '{options.Address}')")
        .Is(IsPort(options.SiloPort), nameof(options.SiloPort), $"must be between 0 and 65535 (was {options.SiloPort})")
        .Is(IsPort(options.GatewayPort), nameof(options.GatewayPort), $"must be between 0 and 65535 (was {options.GatewayPort})")
        .Is(
            options.GatewayPort == 0 || options.GatewayPort != options.SiloPort,
            nameof(options.GatewayPort),
            $"must be another port than that of SiloPort (was {options.GatewayPort})")
        .Is(
            IsBetween(options.ProbeInterval, TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1)),
            nameof(options.ProbeInterval),
            $"must be between 500 milliseconds and 1 minute (was {options.ProbeInterval})")
        .Is(
            IsBetween(options.SearchInterval, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
            nameof(options.SearchInterval),
            $"must be between 1 second and 1 hour (was {options.SearchInterval})")
        .Is(
            IsBetween(options.RelayPause, TimeSpan.Zero, TimeSpan.FromSeconds(1)),
            nameof(options.RelayPause),
            $"must be between 0 and 1 second (was {options.RelayPause})")
        .Is(
            IsBetween(options.StopDelay, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
            nameof(options.StopDelay),
            $"must be between 0 and 10 minutes (was {options.StopDelay})")
        .Is(
            IsBetween(options.CallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            nameof(options.CallTimeout),
            $"must be between 1 second and 10 minutes (was {options.CallTimeout})")
        .Result;

    private static bool IsPort(int port) => port is >= 0 and <= 65535;

    private static bool IsBetween(TimeSpan value, TimeSpan least, TimeSpan most) => value >= least && value <= most;
}
