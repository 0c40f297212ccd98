namespace Weft.Storage;

/// <summary>What a cache keeps of a range of vectors. The caller that has the turn uses it.</summary>
internal sealed class CachedVectors(long bytesMax)
{
    private VectorBlock? _block;

    /// <summary>Searches of one range wait here while one of them reads rows, so that the rows are read once.</summary>
    public SemaphoreSlim Turn { get; } = new(1, 1);

    /// <summary>The key of the last row that was read; 0 if none was.</summary>
    public long Last { get; private set; }

    /// <summary>Whether the rows are too many to be kept.</summary>
    public bool IsTooLarge { get; private set; }

    private long BytesMax => bytesMax;

    /// <summary>Begins to add the rows after <see cref="Last"/>.</summary>
    public Reading Begin(int dimensions) => new(this, _block ?? new VectorBlock(dimensions));

    /// <summary>Returns the rows that it has now; null if they are too many to be kept.</summary>
    public VectorRows? Rows(int dimensions) => IsTooLarge ? null : (_block ??= new VectorBlock(dimensions)).Rows();

    /// <summary>Rows that are being added. If they are not completed, all rows are read again the next time.</summary>
    public sealed class Reading(CachedVectors vectors, VectorBlock block) : IDisposable
    {
        private bool _isComplete;

        /// <summary>Adds the vectors of a row, one after the other. Returns false when there are too many to be kept.</summary>
        public bool Add(long vectorKey, ReadOnlySpan<Half> values)
        {
            block.Add(vectorKey, values);
            return block.Bytes <= vectors.BytesMax;
        }

        /// <summary>Keeps the rows.</summary>
        /// <param name="last">The key of the last row of the database when the rows were read.</param>
        public void Complete(long last)
        {
            _isComplete = true;
            vectors.Last = last;
            vectors.IsTooLarge = block.Bytes > vectors.BytesMax;
            vectors._block = vectors.IsTooLarge ? null : block;
        }

        public void Dispose()
        {
            if (!_isComplete)
            {
                // Some rows would be there twice.
                vectors._block = null;
                vectors.Last = 0;
            }
        }
    }
}
