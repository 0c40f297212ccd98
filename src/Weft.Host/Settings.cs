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
    public const string Sqlite = $"{Section}:Sqlite";
    public const string DatabasePath = $"{Sqlite}:Path";
    public const string Postgres = $"{Section}:Postgres";
    public const string PostgresConnection = $"{Postgres}:ConnectionString";
    public const string Cluster = $"{Section}:Cluster";
    public const string ClusterEnabled = $"{Cluster}:Enabled";
    public const string Auth = $"{Section}:Auth";
    public const string Insecure = $"{Section}:Insecure";
    public const string Docs = $"{Section}:Docs";

    /// <summary>A short name of the connection string in the environment.</summary>
    public const string PostgresVariable = "WEFT_POSTGRES";

    // Between the parts of a setting's name in the environment.
    private const string Delimiter = "__";

    private static readonly string[] Members =
        ["Auth", "Cluster", "Data", "Docs", "Embeddings", "Insecure", "Models", "Postgres", "Runs", "Server", "Sqlite", "Store"];

    private static readonly string[] Prefixes = ["ANTHROPIC_", "AZURE_OPENAI_", "OLLAMA_", "OPENAI_", "OTEL_", "WEFT_"];

    /// <summary>Begins a server with the settings of the files, the environment and the command line.</summary>
    /// <exception cref="SettingsException">The section has a member that is not known.</exception>
    public static WebApplicationBuilder CreateBuilder(IEnumerable<string> arguments)
    {
        // Settings are read once, because watching the folder would wake a thread at each write to a database in it.
        var builder = WebApplication.CreateBuilder([.. arguments, "--hostBuilder:reloadConfigOnChange=false"]);
        KeepPrefixed(builder.Configuration);
        Check(builder.Configuration);
        return builder;
    }

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

    /// <summary>Refuses settings that the object does not have, so that a misspelt name is not ignored.</summary>
    /// <exception cref="SettingsException">The section has a member that is not known.</exception>
    public static void CheckMembers(IConfigurationSection section, object settings)
    {
        if (section.Value is { Length: > 0 } value)
        {
            throw new SettingsException($"{section.Path} is not an option (was '{value}'). Options are below it.");
        }

        foreach (var child in section.GetChildren())
        {
            var property = settings.GetType().GetProperties()
                .FirstOrDefault(property => property.Name.Equals(child.Key, StringComparison.OrdinalIgnoreCase))
                ?? throw new SettingsException($"{child.Path} is not an option.");
            if (!property.CanWrite)
            {
                CheckMembers(child, property.GetValue(settings)!);
            }
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
                var key = name.Equals(PostgresVariable, StringComparison.OrdinalIgnoreCase)
                    ? PostgresConnection
                    : name.Replace(Delimiter, ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                yield return new(key, (string?)variable.Value);
            }
        }
    }
}

/// <summary>A setting does not exist.</summary>
internal sealed class SettingsException(string message) : Exception(message);
