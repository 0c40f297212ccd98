using System.Numerics.Tensors;

namespace Weft.Storage;

/// <summary>
/// The vectors below a namespace, in memory. Rows are only added, so a reader that has the number of rows needs no lock. Numbers
/// have two bytes, because the memory limits the speed: half the bytes are ranked as fast, and the scores differ by less than 0.001.
/// </summary>
internal sealed class VectorBlock(int dimensions)
{
    /// <summary>What an empty block takes.</summary>
    public const int OwnBytes = 512;

    private const int FirstRows = 16;
    private const int RowsMax = 4_096;

    private readonly List<Chunk> _chunks = [];

    public int Count { get; private set; }

    public long Bytes { get; private set; } = OwnBytes;

    /// <summary>Adds the vectors of a row of the database.</summary>
    /// <param name="vectorKey">The key of the row.</param>
    /// <param name="vectors">The vectors, one after the other.</param>
    public void Add(long vectorKey, ReadOnlySpan<Half> vectors)
    {
        for (var rest = vectors; rest.Length >= dimensions; rest = rest[dimensions..])
        {
            if (_chunks is not [.., var chunk] || chunk.Count == chunk.Keys.Length)
            {
                var rows = _chunks is [.., var last] ? Math.Min(RowsMax, last.Keys.Length * 2) : FirstRows;
                _chunks.Add(chunk = new Chunk(rows, dimensions));
                Bytes += rows * ((dimensions * 2L) + sizeof(long));
            }

            rest[..dimensions].CopyTo(chunk.Values.AsSpan(chunk.Count * dimensions));
            chunk.Keys[chunk.Count++] = vectorKey;
            Count++;
        }
    }

    /// <summary>Returns the rows that it has now.</summary>
    public VectorRows Rows() => new([.. _chunks.Select(chunk => (chunk.Keys, chunk.Values, chunk.Count))], Count, Bytes, dimensions);

    private sealed class Chunk(int rows, int dimensions)
    {
        public long[] Keys { get; } = new long[rows];

        public Half[] Values { get; } = new Half[rows * dimensions];

        public int Count { get; set; }
    }
}

/// <summary>The rows that a block had at some time.</summary>
internal sealed class VectorRows((long[] Keys, Half[] Values, int Count)[] chunks, int count, long bytes, int dimensions)
{
    public int Count => count;

    /// <summary>The bytes that the block took.</summary>
    public long Bytes => bytes;

    /// <summary>Adds the similarity of the vectors of one row of the database to another one.</summary>
    public static void Score(long key, ReadOnlySpan<Half> vectors, ReadOnlySpan<float> vector, Span<float> buffer, Ranking ranking)
    {
        for (var rest = vectors; rest.Length >= buffer.Length; rest = rest[buffer.Length..])
        {
            TensorPrimitives.ConvertToSingle(rest[..buffer.Length], buffer);
            ranking.Add(key, TensorPrimitives.Dot(vector, buffer));
        }
    }

    /// <summary>Adds the similarity of each row to a vector of length 1.</summary>
    public void Score(ReadOnlySpan<float> vector, Ranking ranking)
    {
        var row = new float[dimensions];
        foreach (var (keys, values, rows) in chunks)
        {
            for (var i = 0; i < rows; i++)
            {
                Score(keys[i], values.AsSpan(i * dimensions, dimensions), vector, row, ranking);
            }
        }
    }
}
