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

    /// <summary>Checks the database of the options, and changes nothing. Returns the versions of PostgreSQL and of the schema.</summary>
    /// <exception cref="DatabaseUnavailableException">The database can't be used.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task<(string Server, int Schema, int Known)> CheckAsync(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<PostgresStorageOptions>>().Value;
        var (server, schema, known) = await OpenDatabase.CheckAsync(options, CancellationToken.None);
        return ($"PostgreSQL {server}", schema, known);
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
