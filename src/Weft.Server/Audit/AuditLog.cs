using Microsoft.Extensions.Logging;
using Weft.Runs;

namespace Weft.Server;

/// <summary>The log of who changed what. The level <c>Information</c> of its category turns it on and off.</summary>
internal sealed class AuditLog(ILoggerFactory loggers)
{
    public const string Category = "Weft.Audit";

    private static readonly EventId Changed = new(1, nameof(Changed));
    private static readonly EventId Refused = new(2, nameof(Refused));
    private static readonly EventId Unanswered = new(3, nameof(Unanswered));

    private readonly SafeLogger _logger = new(loggers.CreateLogger(Category));

    public bool IsEnabled => _logger.IsEnabled(LogLevel.Information);

    /// <summary>
    /// Writes the line of a call that has changed something, that was refused because of its caller, or whose client left before the
    /// answer. Other calls have changed nothing, and have no line.
    /// </summary>
    public void Write(AuditLine line)
    {
        EventId? kind = line.Status switch
        {
            < 400 => Changed,
            401 or 403 or 404 => Refused,
            499 => Unanswered,
            _ => null,
        };
        if (kind is { } known)
        {
            _logger.Log(LogLevel.Information, known, line, null, static (line, _) => line.ToString());
        }
    }
}
