using System.Globalization;
using Weft.Runs;

namespace Weft.Host.Authentication;

/// <summary>
/// The commands that manage API keys. They write to the database, also while a server uses it, so that no route has to be protected
/// before the first key exists.
/// </summary>
internal static class KeysCommand
{
    public const string Name = "keys";

    private const string TimeFormat = "yyyy-MM-dd HH:mm'Z'";

    /// <summary>Runs a command. Returns the exit code.</summary>
    /// <param name="arguments">The arguments after the name of the command.</param>
    /// <param name="configured">Gets the settings as soon as they are read.</param>
    /// <exception cref="CommandLineException">An argument is wrong.</exception>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Action<IConfiguration> configured)
    {
        var commandLine = KeysCommandLine.Parse(arguments, TimeProvider.System);
        if (commandLine.Verb is not { } verb)
        {
            Console.WriteLine(KeysCommandLine.Help);
            return 0;
        }

        var configuration = Settings.CreateBuilder(commandLine.Settings).Configuration;
        configured(configuration);
        var collection = new ServiceCollection();
        var database = HostDatabase.FindPostgres(configuration) is { } connection
            ? PostgresSetup.UseKeys(collection, configuration, connection)
            : UseFile(collection, configuration, mayCreate: verb == KeysCommandLine.Create);
        await using var services = collection.BuildServiceProvider();
        var keys = services.GetRequiredService<ApiKeysFacade>();
        using var audit = KeysAudit.Create(configuration);
        await (verb switch
        {
            KeysCommandLine.Create => CreateAsync(keys, audit, commandLine.Request!, database),
            KeysCommandLine.Revoke => RevokeAsync(keys, audit, commandLine.Id!),
            _ => ListAsync(keys),
        });
        return 0;
    }

    private static string UseFile(ServiceCollection services, IConfiguration configuration, bool mayCreate)
    {
        var database = DataFolder.FindDatabase(configuration, creates: mayCreate);
        if (!mayCreate && !File.Exists(database))
        {
            throw new CommandLineException($"There is no database '{database}'; --data names its folder.");
        }

        services.AddWeftSqliteApiKeys(options =>
        {
            configuration.GetSection(Settings.Sqlite).Bind(options);
            options.Path = database;
        });
        return database;
    }

    /// <summary>Prints the key alone to standard output, so that a script can read it.</summary>
    private static async Task CreateAsync(ApiKeysFacade keys, KeysAudit audit, ApiKeyRequest request, string database)
    {
        try
        {
            var (key, record) = await keys.CreateAsync(request);
            audit.Created(record.Id, record.Owner);
            await Console.Error.WriteLineAsync(
                $"Created key {record.Id} of {record.Owner} in {database}. This is the only time it is shown:");
            Console.WriteLine(key);
        }
        catch (WeftException e) when (e.Kind == ProblemKind.Invalid)
        {
            throw new CommandLineException($"{e.Field}: {e.Message}");
        }
    }

    private static async Task RevokeAsync(ApiKeysFacade keys, KeysAudit audit, string id)
    {
        if (!await keys.RevokeAsync(id))
        {
            throw new CommandLineException($"There is no key '{id}'; 'keys list' prints the ids.");
        }

        // Given the whole key, its id is a part of it.
        var revoked = (await keys.ListAsync()).First(key => id.Contains(key.Id, StringComparison.Ordinal));
        audit.Revoked(revoked.Id, revoked.Owner);
        Console.WriteLine("Revoked. A running server accepts the key no longer than Weft:Auth:ApiKeys:CacheTime (10 seconds by default).");
    }

    private static async Task ListAsync(ApiKeysFacade keys)
    {
        var now = TimeProvider.System.GetUtcNow();
        string[][] rows =
        [
            ["ID", "STATE", "CREATED", "EXPIRES", "OWNER", "NAME", "PERMISSIONS"],
            .. (await keys.ListAsync()).Select(key => (string[])
            [
                key.Id,
                key.RevokedAt is not null ? "revoked" : key.IsValidAt(now) ? "valid" : "expired",
                Format(key.CreatedAt),
                key.ExpiresAt is { } expires ? Format(expires) : "never",
                key.Owner,
                key.Name,
                string.Join(' ', key.Permissions),
            ]),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        foreach (var row in rows)
        {
            Console.WriteLine(string.Join("  ", row.Select((text, column) => text.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string Format(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);
}
