using Npgsql;

namespace Weft.Storage.Postgres;

/// <summary>A row of a result. Its columns may be read in any order while the row is the current one.</summary>
internal readonly struct Row(NpgsqlDataReader reader)
{
    private const uint IntegerOid = 23;

    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <summary>A bigint or an integer.</summary>
    public long Integer(int column) => reader.GetDataTypeOID(column) == IntegerOid ? reader.GetInt32(column) : reader.GetInt64(column);

    public double Real(int column) => reader.GetDouble(column);

    public bool Boolean(int column) => reader.GetBoolean(column);

    public string Text(int column) => reader.GetString(column);

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public Guid Guid(int column) => reader.GetGuid(column);

    public DateTimeOffset Time(int column) => UnixMicroseconds.ToTime(Integer(column));

    public DateTimeOffset? TimeOrNull(int column) => IsNull(column) ? null : Time(column);

    public byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);

    public string[] Texts(int column) => reader.GetFieldValue<string[]>(column);

    public long[] Integers(int column) => reader.GetFieldValue<long[]>(column);

    public float[] Reals(int column) => reader.GetFieldValue<float[]>(column);
}
