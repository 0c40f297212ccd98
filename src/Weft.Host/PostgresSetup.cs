using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using Npgsql;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Weft.Host;

/// <summary>Uses PostgreSQL. Only calls of these methods load its assemblies, so a server with a file starts without them.</summary>
internal static class PostgresSetup
{
    /// <summary>Adds the stores. Returns the name of the database for people, without the password.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string Use(WeftBuilder weft, string connection)
    {
        weft.UsePostgres(connection);
        return NameOf(connection);
    }

    /// <summary>Adds only the API keys. Returns the name of the database for people.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string UseKeys(IServiceCollection services, IConfiguration configuration, string connection)
    {
        services.AddWeftPostgresApiKeys(options => configuration.GetSection(Settings.Postgres).Bind(options));
        return NameOf(connection);
    }

    /// <summary>Connects to the database of the options, and changes nothing. Returns the version of PostgreSQL.</summary>
    /// <exception cref="DatabaseUnavailableException">The database can't be used.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<string> CheckAsync(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<PostgresStorageOptions>>().Value;
        return $"PostgreSQL {await OpenDatabase.CheckAsync(options, CancellationToken.None)}";
    }

    private static string NameOf(string connection)
    {
        try
        {
            var parts = new NpgsqlConnectionStringBuilder(connection);
            return $"PostgreSQL, database {parts.Database ?? parts.Username} at {parts.Host}";
        }
        catch (ArgumentException)
        {
            // The validation of the options says what is wrong.
            return "PostgreSQL";
        }
    }
}
