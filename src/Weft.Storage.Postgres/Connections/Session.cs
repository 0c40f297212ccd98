using System.Data;
using Npgsql;

namespace Weft.Storage.Postgres;

/// <summary>A connection in use by one caller, in a transaction or not.</summary>
/// <param name="connection">The connection, which is open.</param>
/// <param name="texts">The texts of the statements.</param>
/// <param name="server">The key of this server in its cluster; null if it is alone.</param>
/// <param name="cancellationToken">Cancels the statements.</param>
internal sealed class Session(NpgsqlConnection connection, SchemaTexts texts, int? server, CancellationToken cancellationToken)
{
    private NpgsqlTransaction? _transaction;

    /// <summary>The key of this server in its cluster; null if it is alone.</summary>
    public int? Server => server;

    /// <summary>
    /// Whether the transaction repeats one that may have been committed, because its answer was lost. Then it may find what it stored.
    /// </summary>
    public bool IsRepetition { get; init; }

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>
    /// Returns the statement of a constant text, ready for its first parameter. Parameters are <c>$1</c>, <c>$2</c> and so on; each
    /// table is named with its schema, <c>weft.threads</c>.
    /// </summary>
    public Statement Use(string sql) => new(this, new NpgsqlBatchCommand(texts.Of(sql)));

    /// <summary>Makes a batch, which is sent and answered at once.</summary>
    public NpgsqlBatch Batch(ReadOnlySpan<NpgsqlBatchCommand> commands)
    {
        var batch = new NpgsqlBatch(connection, _transaction);
        foreach (var command in commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    /// <summary>Begins a transaction. That costs nothing: it is sent with the first statement.</summary>
    public async Task BeginAsync(IsolationLevel isolation) =>
        _transaction = await connection.BeginTransactionAsync(isolation, cancellationToken);

    /// <summary>Commits the transaction. From here on a cancellation would leave open whether it is committed.</summary>
    public Task CommitAsync() => _transaction!.CommitAsync(CancellationToken.None);
}
