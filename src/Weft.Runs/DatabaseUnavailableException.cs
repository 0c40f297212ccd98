namespace Weft.Runs;

/// <summary>
/// The database can't be used: it can't be opened, its version does not fit, or another server uses it.
/// </summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
