using Microsoft.Extensions.Options;
using Npgsql;
using Weft.Runs;

namespace Weft.Storage.Postgres;

/// <summary>The ranges of <see cref="PostgresStorageOptions"/>.</summary>
internal sealed class PostgresStorageOptionsValidation : IValidateOptions<PostgresStorageOptions>
{
    // The longest name of PostgreSQL.
    private const int NameLengthMax = 63;

    public ValidateOptionsResult Validate(string? name, PostgresStorageOptions options) => new OptionsCheck<PostgresStorageOptions>()
        .Is(ErrorOf(options.ConnectionString) is null, nameof(options.ConnectionString), $"{ErrorOf(options.ConnectionString)}")
        .Is(
            options.DirectConnectionString is null || ErrorOf(options.DirectConnectionString) is null,
            nameof(options.DirectConnectionString),
            $"{ErrorOf(options.DirectConnectionString ?? "")}")
        .Is(
            IsName(options.Schema),
            nameof(options.Schema),
            $"must be a name of lower-case letters, digits and underscores, not longer than {NameLengthMax} (was '{options.Schema}')")
        .Is(Enum.IsDefined(options.Durability), nameof(options.Durability), $"must be Server, Local or Off (was {options.Durability})")
        .NotNegative(options.LockTimeout)
        .NotNegative(options.WriteTimeout)
        .NotNegative(options.ReadTimeout)
        .Positive(options.WriterCount)
        .Positive(options.WriteConnectionsMax)
        .Positive(options.ReadConnectionsMax)
        .Positive(options.SearchConnectionsMax)
        .Positive(options.QueuedWritesMax)
        .Positive(options.GroupedWritesMax)
        .Positive(options.GroupedBytesMax)
        .NotNegative(options.CachedVectorsBytesMax)
        .Result;

    private static bool IsName(string schema) =>
        schema is { Length: > 0 and <= NameLengthMax }
        && !char.IsAsciiDigit(schema[0])
        && !schema.StartsWith("pg_", StringComparison.Ordinal)
        && schema.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');

    /// <summary>Returns what is wrong with a connection string, which is not repeated because it may contain a password.</summary>
    private static string? ErrorOf(string connectionString)
    {
        if (string.IsNullOrWhiteSpace(connectionString))
        {
            return "must not be empty";
        }

        if (connectionString.Contains("://", StringComparison.Ordinal))
        {
            // Npgsql's own message would repeat a part of it, which may have the password.
            return "is a URI; write it as Host=…;Database=…;Username=…";
        }

        try
        {
            return new NpgsqlConnectionStringBuilder(connectionString).Host is { Length: > 0 } ? null : "must name a Host";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            return $"is not a connection string of Npgsql: {e.Message.Split('\n')[0].TrimEnd('.', '\r')}";
        }
    }
}
