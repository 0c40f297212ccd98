using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Weft.Storage.Sqlite;

/// <summary>An open database file: one writer, and readers that never wait for it.</summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private readonly SqliteStorageOptions _options;
    private readonly SqliteWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];

    /// <summary>Opens the file, makes it when it is missing, and brings its schema up to date.</summary>
    /// <exception cref="InvalidOperationException">It can't be opened, is no database, or belongs to a newer program.</exception>
    public SqliteDatabase(SqliteStorageOptions options)
    {
        _options = options;
        SqliteSession? session = null;
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(options.Path)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            session = new SqliteSession(options, readOnly: false);
            SqliteMigrations.Apply(session, options.Path);
            ThreadCounts = new ThreadCounts(session);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            session?.Dispose();
            throw new InvalidOperationException($"The database '{options.Path}' can't be opened: {e.Message}", e);
        }
        catch
        {
            session?.Dispose();
            throw;
        }

        _writer = new SqliteWriter(session, options);
    }

    public ThreadCounts ThreadCounts { get; }

    public Task<T> WriteAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellationToken) => _writer.WriteAsync(write, cancellationToken);

    /// <summary>Reads on the caller's thread: a query takes microseconds, less than to hand it to another.</summary>
    public Task<T> ReadAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        if (!_readers.TryTake(out var session))
        {
            session = new SqliteSession(_options, readOnly: true);
        }

        try
        {
            return Task.FromResult(read(session));
        }
        finally
        {
            _readers.Add(session);
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_readers.TryTake(out var session))
        {
            session.Dispose();
        }

        await _writer.DisposeAsync();
    }
}
