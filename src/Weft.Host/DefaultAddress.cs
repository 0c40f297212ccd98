namespace Weft.Host;

/// <summary>The address to listen at when nothing else says where.</summary>
internal static class DefaultAddress
{
    private const string Url = "http://localhost:8123";

    /// <summary>What the command line, the environment and the settings file may say it with.</summary>
    private static readonly string[] Keys = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    public static void Use(WebApplicationBuilder builder)
    {
        if (Keys.All(key => string.IsNullOrEmpty(builder.Configuration[key])) && !builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            builder.WebHost.UseUrls(Url);
        }
    }
}
