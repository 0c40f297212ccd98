using Microsoft.Extensions.Configuration;
using Weft.Runs;
using Weft.Storage.Postgres;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Configures a Weft server to keep its data in PostgreSQL.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>
    /// Keeps all data in the PostgreSQL database of <paramref name="connectionString"/>. Its tables are created if they are missing.
    /// If the builder has a configuration, its section <c>Postgres</c> may set another connection string and the other options;
    /// <paramref name="configure"/> wins over both.
    /// </summary>
    /// <param name="builder">The server.</param>
    /// <param name="connectionString">The connection string, as in <see cref="PostgresStorageOptions.ConnectionString"/>.</param>
    /// <param name="configure">Sets options in code.</param>
    public static WeftBuilder UsePostgres(
        this WeftBuilder builder, string connectionString, Action<PostgresStorageOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connectionString);
        var section = builder.Configuration?.GetSection("Postgres");
        builder.Services.AddWeftPostgres(options =>
        {
            options.ConnectionString = connectionString;
            if (section is not null)
            {
                OptionsKeys.Check<PostgresStorageOptions>(section);
                section.Bind(options);
            }

            configure?.Invoke(options);
        });
        return builder;
    }
}
