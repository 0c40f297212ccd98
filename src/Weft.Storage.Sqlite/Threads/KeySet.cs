using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Weft.Storage.Sqlite;

/// <summary>
/// A set of keys of rows. It is stored in chunks, one for each 2,048 keys in a row: as a list of numbers of two bytes if they are
/// few, otherwise as a bit for each key. So 100,000 keys are about 50 rows, which are read and intersected in microseconds.
/// </summary>
internal sealed class KeySet
{
    public const int ChunkSize = 2_048;

    private const int BitmapBytes = ChunkSize / 8;
    private const int Words = ChunkSize / 64;

    private readonly SortedDictionary<long, ulong[]> _chunks = [];

    public int Count { get; private set; }

    /// <summary>The keys in ascending order.</summary>
    public IEnumerable<long> Keys
    {
        get
        {
            foreach (var (chunk, words) in _chunks)
            {
                for (var i = 0; i < Words; i++)
                {
                    for (var word = words[i]; word != 0; word &= word - 1)
                    {
                        yield return (chunk * ChunkSize) + (i * 64) + BitOperations.TrailingZeroCount(word);
                    }
                }
            }
        }
    }

    /// <summary>The smallest and the greatest key of a set that has one.</summary>
    public (long First, long Last) Range => (Keys.First(), LastOf(_chunks.Last(static chunk => CountOf(chunk.Value) > 0)));

    public static long ChunkOf(long key) => key / ChunkSize;

    /// <summary>Returns a stored chunk with one key more or less.</summary>
    /// <param name="stored">The chunk; empty if it has no keys.</param>
    /// <param name="key">A key of the chunk.</param>
    /// <param name="isIn">Whether the key is in the new chunk.</param>
    public static byte[] With(ReadOnlySpan<byte> stored, long key, bool isIn)
    {
        var words = Decode(stored);
        var place = (int)(key % ChunkSize);
        var bit = 1UL << (place % 64);
        words[place / 64] = isIn ? words[place / 64] | bit : words[place / 64] & ~bit;
        return Encode(words);
    }

    public bool Contains(long key)
    {
        var place = (int)(key % ChunkSize);
        return _chunks.TryGetValue(ChunkOf(key), out var words) && (words[place / 64] & (1UL << (place % 64))) != 0;
    }

    public void Add(long key)
    {
        if (Contains(key))
        {
            return;
        }

        if (!_chunks.TryGetValue(ChunkOf(key), out var words))
        {
            _chunks[ChunkOf(key)] = words = new ulong[Words];
        }

        var place = (int)(key % ChunkSize);
        words[place / 64] |= 1UL << (place % 64);
        Count++;
    }

    public void Remove(long key)
    {
        if (Contains(key))
        {
            var place = (int)(key % ChunkSize);
            _chunks[ChunkOf(key)][place / 64] &= ~(1UL << (place % 64));
            Count--;
        }
    }

    /// <summary>Adds the keys of a stored chunk.</summary>
    public void AddChunk(long chunk, ReadOnlySpan<byte> stored)
    {
        var words = Decode(stored);
        if (_chunks.TryGetValue(chunk, out var before))
        {
            Count -= CountOf(before);
            for (var i = 0; i < Words; i++)
            {
                words[i] |= before[i];
            }
        }

        _chunks[chunk] = words;
        Count += CountOf(words);
    }

    public void UnionWith(KeySet other)
    {
        foreach (var key in other.Keys)
        {
            Add(key);
        }
    }

    /// <summary>Removes the keys that the other set does not have.</summary>
    public void IntersectWith(KeySet other)
    {
        foreach (var (chunk, words) in _chunks.ToList())
        {
            Count -= CountOf(words);
            if (!other._chunks.TryGetValue(chunk, out var others))
            {
                _chunks.Remove(chunk);
                continue;
            }

            for (var i = 0; i < Words; i++)
            {
                words[i] &= others[i];
            }

            Count += CountOf(words);
        }
    }

    private static ulong[] Decode(ReadOnlySpan<byte> stored)
    {
        var words = new ulong[Words];
        if (stored.Length == BitmapBytes)
        {
            stored.CopyTo(MemoryMarshal.AsBytes(words.AsSpan()));
            return words;
        }

        for (var i = 0; i < stored.Length; i += 2)
        {
            var place = BinaryPrimitives.ReadUInt16LittleEndian(stored[i..]);
            words[place / 64] |= 1UL << (place % 64);
        }

        return words;
    }

    private static byte[] Encode(ulong[] words)
    {
        var count = CountOf(words);
        if (count * 2 >= BitmapBytes)
        {
            return MemoryMarshal.AsBytes(words.AsSpan()).ToArray();
        }

        var stored = new byte[count * 2];
        var at = 0;
        for (var i = 0; i < Words; i++)
        {
            for (var word = words[i]; word != 0; word &= word - 1)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(at), (ushort)((i * 64) + BitOperations.TrailingZeroCount(word)));
                at += 2;
            }
        }

        return stored;
    }

    private static long LastOf(KeyValuePair<long, ulong[]> chunk)
    {
        var (number, words) = chunk;
        var i = Array.FindLastIndex(words, static word => word != 0);
        return (number * ChunkSize) + (i * 64) + BitOperations.Log2(words[i]);
    }

    private static int CountOf(ulong[] words)
    {
        var count = 0;
        foreach (var word in words)
        {
            count += BitOperations.PopCount(word);
        }

        return count;
    }
}
