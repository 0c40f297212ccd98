namespace Weft.Host.Authentication;

/// <summary>
/// Writes lines of the audit log about API keys to standard error, with the fields and the settings of the server's log. The actor is
/// the user of the operating system.
/// </summary>
internal sealed partial class KeysAudit(ILoggerFactory loggers) : IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("Weft.Audit");

    /// <summary>Creates the log with the settings of the section <c>Logging</c>.</summary>
    public static KeysAudit Create(IConfiguration configuration) => new(LoggerFactory.Create(logging => logging
        .AddConfiguration(configuration.GetSection("Logging"))
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace)));

    /// <summary>Reports that a key was created.</summary>
    public void Created(string keyId, string owner) => LogChanged(_logger, Environment.UserName, "create", "keys", keyId, owner);

    /// <summary>Reports that a key was revoked.</summary>
    public void Revoked(string keyId, string owner) => LogChanged(_logger, Environment.UserName, "delete", "keys", keyId, owner);

    /// <summary>Writes the lines that wait.</summary>
    public void Dispose() => loggers.Dispose();

    [LoggerMessage(1, LogLevel.Information, "{Actor} {Action} {Resource} key_id={key_id} owner={owner}", EventName = "Changed")]
    private static partial void LogChanged(ILogger logger, string actor, string action, string resource, string key_id, string owner);
}
