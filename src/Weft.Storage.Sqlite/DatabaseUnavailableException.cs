namespace Weft.Storage.Sqlite;

/// <summary>The database can't be used: its file can't be opened, is of another version, or another server has it.</summary>
public sealed class DatabaseUnavailableException(string message, Exception? inner = null) : InvalidOperationException(message, inner);
