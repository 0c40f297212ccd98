using Microsoft.Extensions.Options;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>The ranges of <see cref="SqliteStorageOptions"/>.</summary>
internal sealed class SqliteStorageOptionsValidation : IValidateOptions<SqliteStorageOptions>
{
    public ValidateOptionsResult Validate(string? name, SqliteStorageOptions options) => new OptionsCheck<SqliteStorageOptions>()
        .Is(
            !string.IsNullOrWhiteSpace(options.Path) && options.Path != ":memory:",
            nameof(options.Path),
            $"must name a file (was '{options.Path}')")
        .Is(Enum.IsDefined(options.Synchronous), nameof(options.Synchronous), $"must be Normal or Full (was {options.Synchronous})")
        .NotNegative(options.BusyTimeout)
        .Positive(options.QueuedWritesMax)
        .NotNegative(options.CachedVectorsBytesMax)
        .NotNegative(options.RewrittenBytesMax)
        .Result;
}
