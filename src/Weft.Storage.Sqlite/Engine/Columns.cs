using Microsoft.Data.Sqlite;
using Weft.Runs;

namespace Weft.Storage.Sqlite;

/// <summary>Values as columns keep them: times in microseconds since 1970, UUIDs as 16 bytes, enums as the words of the wire.</summary>
internal static class Columns
{
    public static long Of(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static object? Of(DateTimeOffset? time) => time is { } given ? Of(given) : null;

    public static byte[] Of(RunId runId) => runId.Value.ToByteArray(bigEndian: true);

    public static byte[] Of(AssistantId assistantId) => assistantId.Value.ToByteArray(bigEndian: true);

    public static byte[] Of(ReadOnlyMemory<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : bytes.ToArray();

    public static DateTimeOffset Time(this SqliteDataReader row, int column) => DateTimeOffset.UnixEpoch.AddTicks(row.GetInt64(column) * TimeSpan.TicksPerMicrosecond);

    public static DateTimeOffset? TimeOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    public static string? TextOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    public static byte[] Bytes(this SqliteDataReader row, int column) => row.GetFieldValue<byte[]>(column);

    public static Guid Uuid(this SqliteDataReader row, int column) => new(row.Bytes(column), bigEndian: true);

    public static T Word<T>(this SqliteDataReader row, int column)
        where T : struct, Enum => Enum.Parse<T>(row.GetString(column), ignoreCase: true);
}
