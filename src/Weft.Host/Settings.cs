using System.Collections;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;
using Weft.Runs;

namespace Weft.Host;

/// <summary>Where settings come from, and the ones of the server itself.</summary>
internal static class Settings
{
    public const string Section = "Weft";
    public const string Data = $"{Section}:Data";
    public const string DatabasePath = $"{Section}:Sqlite:Path";

    private static readonly string[] Members = ["Data", "Runs", "Server", "Sqlite"];
    private static readonly string[] Prefixes = ["OPENAI_", "WEFT_"];

    /// <summary>
    /// Leaves in the environment only variables that name a section (<c>Weft__Data</c>) or have a prefix (<c>OPENAI_API_KEY</c>).
    /// Otherwise any variable <c>URLS</c> or <c>HTTP_PORTS</c> would be a setting. <c>ASPNETCORE_URLS</c> is not affected.
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
        foreach (var unknown in configuration.GetSection(Section).GetChildren().Where(child => !Members.Contains(child.Key, StringComparer.OrdinalIgnoreCase)))
        {
            throw new SettingsException($"{unknown.Path} is not an option. Options are below {string.Join(", ", Members.Select(member => $"{Section}:{member}"))}.");
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> ReadPrefixed() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value))
        .Where(variable => variable.Key.Contains("__", StringComparison.Ordinal) || Prefixes.Any(prefix => variable.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        .Select(variable => KeyValuePair.Create(variable.Key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), variable.Value));
}

/// <summary>A setting does not exist.</summary>
internal sealed class SettingsException(string message) : Exception(message);
