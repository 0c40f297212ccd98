using System.Collections;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;
using Weft.Runs;

namespace Weft.Host;

/// <summary>The sources of settings, and the names of the server's own.</summary>
internal static class Settings
{
    public const string Section = "Weft";
    public const string Data = $"{Section}:Data";
    public const string DatabasePath = $"{Section}:Sqlite:Path";

    // Between the parts of a setting's name in the environment.
    private const string Delimiter = "__";

    private static readonly string[] Members = ["Data", "Runs", "Server", "Sqlite"];
    private static readonly string[] Prefixes = ["OPENAI_", "OTEL_", "WEFT_"];

    /// <summary>
    /// Ignores variables of the environment that neither name a section (<c>Weft__Data</c>) nor have a prefix
    /// (<c>OPENAI_API_KEY</c>). Otherwise any variable <c>URLS</c> or <c>HTTP_PORTS</c> would be a setting. <c>ASPNETCORE_URLS</c> is
    /// not affected.
    /// </summary>
    public static void KeepPrefixed(IConfigurationBuilder configuration)
    {
        for (var i = 0; i < configuration.Sources.Count; i++)
        {
            if (configuration.Sources[i] is EnvironmentVariablesConfigurationSource { Prefix: null or "" })
            {
                configuration.Sources[i] = new MemoryConfigurationSource { InitialData = [.. ReadPrefixed()] };
            }
        }
    }

    /// <exception cref="SettingsException">The section has a member that is not known.</exception>
    public static void Check(IConfiguration configuration)
    {
        var children = configuration.GetSection(Section).GetChildren();
        if (children.FirstOrDefault(child => !Members.Contains(child.Key, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            var known = string.Join(", ", Members.Select(member => $"{Section}:{member}"));
            throw new SettingsException($"{unknown.Path} is not an option. Options are below {known}.");
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> ReadPrefixed()
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (name.Contains(Delimiter, StringComparison.Ordinal)
                || Prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                var key = name.Replace(Delimiter, ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                yield return new(key, (string?)variable.Value);
            }
        }
    }
}

/// <summary>A setting does not exist.</summary>
internal sealed class SettingsException(string message) : Exception(message);
