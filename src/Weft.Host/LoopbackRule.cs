using Weft.Host.Authentication;

namespace Weft.Host;

/// <summary>A server without authentication serves its own machine only, unless <c>--insecure</c> is given.</summary>
internal static class LoopbackRule
{
    /// <exception cref="SettingsException">Other machines could reach a server without authentication.</exception>
    public static void Check(IConfiguration configuration, AuthSettings auth)
    {
        if (auth.IsConfigured || configuration.GetValue<bool>(Settings.Insecure))
        {
            return;
        }

        if (Addresses.All(configuration).FirstOrDefault(address => !Addresses.IsLoopback(address)) is { } open)
        {
            throw new SettingsException(
                $"Other machines could reach {open}, but no authentication is configured. "
                + $"Require API keys ({Settings.Auth}:ApiKeys:Enabled=true) or tokens ({Settings.Auth}:Jwt), "
                + "or let everyone who can connect read and change all data with --insecure.");
        }
    }
}
