using System.Net;
using Microsoft.Extensions.Options;

namespace Weft.Cluster;

internal sealed class ClusterOptionsValidation : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var failures = new List<string>();
        if (!IPAddress.TryParse(options.Address, out var address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            failures.Add($"{nameof(ClusterOptions.Address)} must be an IP address at which other servers reach this one.");
        }

        CheckPort(failures, nameof(ClusterOptions.SiloPort), options.SiloPort);
        CheckPort(failures, nameof(ClusterOptions.GatewayPort), options.GatewayPort);
        if (options.ProbeInterval < TimeSpan.FromMilliseconds(500) || options.ProbeInterval > TimeSpan.FromMinutes(1))
        {
            failures.Add($"{nameof(ClusterOptions.ProbeInterval)} must be between 500 milliseconds and 1 minute.");
        }

        if (options.SearchInterval < TimeSpan.FromSeconds(1) || options.SearchInterval > TimeSpan.FromHours(1))
        {
            failures.Add($"{nameof(ClusterOptions.SearchInterval)} must be between 1 second and 1 hour.");
        }

        if (options.RelayPause < TimeSpan.Zero || options.RelayPause > TimeSpan.FromSeconds(1))
        {
            failures.Add($"{nameof(ClusterOptions.RelayPause)} must be between 0 and 1 second.");
        }

        if (options.StopDelay < TimeSpan.Zero || options.StopDelay > TimeSpan.FromMinutes(10))
        {
            failures.Add($"{nameof(ClusterOptions.StopDelay)} must be between 0 and 10 minutes.");
        }

        if (options.CallTimeout < TimeSpan.FromSeconds(1) || options.CallTimeout > TimeSpan.FromMinutes(10))
        {
            failures.Add($"{nameof(ClusterOptions.CallTimeout)} must be between 1 second and 10 minutes.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckPort(List<string> failures, string name, int port)
    {
        if (port is < 0 or > 65535)
        {
            failures.Add($"{name} must be between 0 and 65535.");
        }
    }
}
